import Foundation
import Testing

@testable import Statistics

@Suite struct FamiliesTests {
  private struct Fit: Decodable { let scale, shape, logLikelihood, ks, cvm, ad: Double }
  private struct Case: Decodable {
    let name: String
    let x: [Double]
    let location: Double
    let fits: [String: Fit]
  }

  @Test func againstSciPy() throws {
    for example in try oracle("fits", as: Case.self) {
      let ranked = rankedFits(example.x, location: example.location)
      #expect(ranked.count == fittedFamilies.count || example.name == "uniform", "\(example.name)")
      #expect(ranked.first?.deltaAIC == 0 && ranked.contains { $0.deltaBIC == 0 })
      for found in ranked {
        let expected = try #require(example.fits[found.name])
        let label: Comment = "\(found.name) of \(example.name)"
        let shape = found.fit.shapeParameters.values.first ?? 0
        // At the ends of the shapes' ranges the likelihood is flat: there only it has to agree, and less.
        let isFlat = shape > 40 && (found.name != "student_t" || shape > 100)
        #expect(close(found.meanLogLikelihood, expected.logLikelihood, 1e-7, absolute: isFlat ? 1e-3 : 1e-7), label)
        if isFlat { continue }
        #expect(close(found.fit.scale, expected.scale, 2e-5), label)
        #expect(close(shape, expected.shape, 2e-4), label)
        let distance = GoodnessOfFit(example.x, found.fit)
        #expect(close(distance.kolmogorovSmirnov, expected.ks, 1e-4), label)
        #expect(close(distance.cramerVonMises, expected.cvm, 1e-3), label)
        #expect(close(distance.andersonDarling, expected.ad, 1e-3), label)
      }
    }
  }

  @Test func shapeBeyondReachGivesNoFit() {
    // Two values at equal distances: the likelihood grows with the shape without end.
    #expect(GeneralizedNormalFit(samples: [-1, 1], location: 0) == nil)
    for family in fittedFamilies {
      #expect(family.init(samples: [], location: 0) == nil)
      #expect(family.init(samples: [2, 2, 2], location: 2) == nil)
      #expect(family.init(samples: [1, .nan], location: 0) == nil)
    }
    #expect(rankedFits([5, 5], location: 5).isEmpty)
  }

  /// Draws of each family against its own distribution function: KS of 4,000 draws, whose 99.99 % quantile is 2.2/√n.
  @Test func drawsAgainstTheirDistribution() throws {
    let members: [any FittedFamily] = [
      NormalFit(mean: 1, standardDeviation: 2), LaplaceFit(location: 0, scale: 0.5),
      LogisticFit(location: -1, scale: 3), StudentTFit(location: 0, scale: 1, degreesOfFreedom: 4),
      GeneralizedNormalFit(location: 0, scale: 1, shape: 1.5),
    ]
    for (i, fit) in members.enumerated() {
      let random = try GSLPhilox(generator, .simulation, replicate: UInt32(i))
      let sample = (0..<4_000).map { _ in fit.draw(random) }
      #expect(GoodnessOfFit(sample, fit).kolmogorovSmirnov < 2.2 / 4_000.0.squareRoot(), "\(type(of: fit))")
      #expect(close(fit.cumulative(0.7) + fit.survival(0.7), 1))
    }
  }

  /// 200 normal samples of 60: p by refit is uniform, where the naive one rejects nothing. Four standard errors.
  @Test func bootstrapCalibrationUnderNull() throws {
    var rejected = [0, 0, 0]
    for run in 0..<200 {
      var random = Simulation(seed: 74, run)
      let x = random.normals(60)
      let mean = x.reduce(0, +) / 60
      let fit = try #require(NormalFit(samples: x, location: mean))
      let p = try GoodnessOfFit.bootstrap(
        x, fit, location: { $0.reduce(0, +) / Double($0.count) }, resamples: 59, stopping: 12,
        generator: Philox(seed: UInt64(run), stream: 3))
      for i in p.indices where p[i].value <= 0.1 { rejected[i] += 1 }
    }
    for count in rejected { #expect((3...37).contains(count), "\(rejected)") }
  }

  @Test func bootstrapRejectsTheWrongFamily() throws {
    var random = Simulation(seed: 75)
    let x = random.laplaces(600)
    let location: @Sendable ([Double]) -> Double = { $0.reduce(0, +) / Double($0.count) }
    let normal = try #require(NormalFit(samples: x, location: location(x)))
    let p = try GoodnessOfFit.bootstrap(x, normal, location: location, resamples: 99, generator: generator)
    #expect(p.allSatisfy { $0.value == 0.01 && $0.method == .bootstrap })
    let laplace = try #require(LaplaceFit(samples: x, location: location(x)))
    let right = try GoodnessOfFit.bootstrap(x, laplace, location: location, resamples: 99, generator: generator)
    #expect(right.allSatisfy { $0.value > 0.01 })
    #expect(rankedFits(x, location: location(x)).first { $0.name != "generalized_normal" }?.name == "laplace")
  }
}
