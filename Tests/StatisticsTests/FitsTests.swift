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
    #expect(close(LaplaceFit.logProbability(1_000, .infinity), -1_000 - 0.6931471805599453, 1e-14))
    #expect(LaplaceFit.logProbability(-.infinity, .infinity) == 0)
    #expect(close(exp(LaplaceFit.logProbability(-1, 2)), 1 - 0.5 * exp(-1) - 0.5 * exp(-2), 1e-14))
    #expect(close(LaplaceFit.logProbability(3, 3 + 1e-12), log(0.5 * (3 + 1e-12 - 3)) - 3, 1e-10))
  }
}
