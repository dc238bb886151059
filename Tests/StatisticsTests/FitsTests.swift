import Foundation
import Testing

@testable import Statistics

@Suite struct FitsTests {
  /// The likelihood is flat at its top: a location is known to about 10⁻⁵ standard deviations.
  @Test func binnedAgainstSciPy() throws {
    struct Case: Decodable {
      var family: String
      var counts, edges: [Double]
      var location, scale, sampleLocation, sampleScale: Double
    }
    for item in try oracle("binned_fits", as: Case.self) {
      let fit: (location: Double, scale: Double)
      if item.family == "normal" {
        let normal = try #require(NormalFit(counts: item.counts, edges: item.edges))
        fit = (normal.mean, normal.standardDeviation)
      } else {
        let laplace = try #require(LaplaceFit(counts: item.counts, edges: item.edges))
        fit = (laplace.location, laplace.scale)
      }
      #expect(abs(fit.location - item.location) < 2e-5 * item.scale, "\(item.family) \(fit) \(item.location)")
      #expect(close(fit.scale, item.scale, 2e-5), "\(item.family) \(fit) \(item.scale)")
      // And near the fit of the values themselves.
      #expect(abs(fit.location - item.sampleLocation) < 0.1 * item.scale)
      #expect(close(fit.scale, item.sampleScale, 0.05))
    }
  }

  @Test func samplesAgainstHand() throws {
    let laplace = try #require(LaplaceFit(samples: [5, 1, 2, 10]))
    #expect(laplace.location == 3.5 && laplace.scale == 3)
    let normal = try #require(NormalFit(samples: [1, 2, 3]))
    #expect(normal.mean == 2 && close(normal.standardDeviation, (2.0 / 3).squareRoot()))
  }

  @Test func dataWithoutSpreadGivesNoFit() {
    for samples in [[], [1, 1], [1, .nan]] as [[Double]] {
      #expect(NormalFit(samples: samples) == nil)
      #expect(LaplaceFit(samples: samples) == nil)
    }
    #expect(LaplaceFit(counts: [0, 5, 5, 0], edges: [0, 1, 2]) == nil)
    #expect(LaplaceFit(counts: [1, 1, 1], edges: [0, 1, 2]) == nil)
    #expect(LaplaceFit(counts: [1, 2, 1, 1], edges: [0, 2, 1]) == nil)
    #expect(NormalFit(counts: [1, .nan, 1, 1], edges: [0, 1, 2]) == nil)
  }

  @Test func intervalProbabilitiesAreStable() {
    #expect(close(NormalFit.logProbability(40, 41), logNormalUpperTail(40), 1e-12))
    #expect(close(NormalFit.logProbability(-41, -40), NormalFit.logProbability(40, 41), 1e-15))
    #expect(close(exp(NormalFit.logProbability(-1, 1)), 0.682689492137086, 1e-13))
    #expect(NormalFit.logProbability(-.infinity, .infinity) == 0)
  }

  /// No location and scale near by is more likely, whether values are many or few, and in the outer bins too.
  @Test func binnedLaplaceIsTheMostLikely() throws {
    var random = PhiloxSequence(Philox(seed: 5, stream: 0), .bootstrap, replicate: 0)
    for shape in 0..<60 {
      let bins = [3, 8, 130][shape % 3]
      let growth = shape % 2 == 0 ? 0 : 0.1
      let edges = (0...bins).map { (k: Int) -> Double in 3 + 0.01 * Double(k) * (1 + growth * Double(k)) }
      var counts = [Double](repeating: 0, count: bins + 2)
      for _ in 0..<[7, 10, 2_000][shape / 3 % 3] {
        let z = random.uniform() + random.uniform() - 1
        let place = 0.5 + (shape % 5 == 0 ? 0.8 : 0.3) * z
        counts[max(0, min(bins + 1, 1 + Int((place * Double(bins)).rounded(.down))))] += 1
      }
      guard let fit = LaplaceFit(counts: counts, edges: edges) else {
        #expect(counts.count { $0 > 0 } < 3)
        continue
      }
      func logLikelihood(_ location: Double, _ scale: Double) -> Double {
        let at = { (x: Double) in
          x <= location ? 0.5 * exp((x - location) / scale) : 1 - 0.5 * exp((location - x) / scale)
        }
        return counts.indices.filter { counts[$0] > 0 }.reduce(0) { sum, k in
          let lower = k == 0 ? 0 : at(edges[k - 1])
          let upper = k == bins + 1 ? 1 : at(edges[k])
          return sum + counts[k] * log(upper - lower)
        }
      }
      let best = logLikelihood(fit.location, fit.scale)
      for step in [0.3, 0.01, 1e-4] {
        for (x, y) in [(0, 1), (1, 0), (0, -1), (-1, 0), (1, 1), (-1, 1), (1, -1), (-1, -1)] as [(Double, Double)] {
          let other = logLikelihood(fit.location + step * x * fit.scale, fit.scale * exp(step * y))
          // 10⁻⁹ for the rounding of some 2,000 logarithms of differences.
          #expect(!(other > best + 1e-9), "\(counts) \(fit) \(step) \(x) \(y)")
        }
      }
    }
  }

  @Test func binnedLaplaceBetweenHalves() throws {
    let edges = (0...6).map(Double.init)
    let apart = try #require(LaplaceFit(counts: [0, 3, 2, 0, 0, 2, 3, 0], edges: edges))
    #expect(apart.location == 3)
    let beside = try #require(LaplaceFit(counts: [0, 0, 3, 2, 5, 0, 0, 0], edges: edges))
    #expect(beside.location == 3)
    let mirrored = try #require(LaplaceFit(counts: [1, 4, 2, 0, 1, 0, 0, 0], edges: edges))
    let image = try #require(LaplaceFit(counts: [0, 0, 0, 1, 0, 2, 4, 1], edges: edges))
    #expect(close(mirrored.location, 6 - image.location, 1e-12) && close(mirrored.scale, image.scale, 1e-12))
  }
}
