import Foundation
import Testing

@testable import Statistics

@Suite struct SaddlepointTests {
  private func logTail(_ x: [Double], _ s: Double, lattice: Bool = true) -> Double? {
    SignFlipSaddlepoint(x.map { abs($0) }.sorted(), lattice: lattice)?.logUpperTail(s)
  }

  @Test func againstFishersMaize() throws {
    let s = darwinsMaize.reduce(0, +)
    #expect(close(exp(logTail(darwinsMaize, s, lattice: false) ?? 0), 0.025745, absolute: 5e-7))
    #expect(close(exp(logTail(darwinsMaize, s) ?? 0), 0.026155, absolute: 5e-7))
    let result = try signFlipTest(darwinsMaize, alternative: .greater, method: .saddlepoint, generator: generator)
    #expect(result.method == .saddlepoint)
    #expect(close(result.value, 0.026155, absolute: 5e-7))
  }

  /// The formula itself, to e⁻¹⁵⁰⁰.
  @Test func againstMpmath() throws {
    struct Case: Decodable { var x: [Double], s: Double, lattice: Bool, logP: Double }
    for item in try oracle("saddlepoints", as: Case.self) {
      #expect(close(logTail(item.x, item.s), item.logP, absolute: 1e-9), "n = \(item.x.count), s = \(item.s)")
    }
  }

  /// The sum of n signs is binomial. The lattice formula's relative error is about 1/n, to p = 10⁻⁹⁰⁰ and below.
  @Test func againstExactBinomialTails() throws {
    struct Case: Decodable { var n: Int, s: Double, logP: Double }
    for item in try oracle("binomial_tails", as: Case.self) {
      let tail = logTail([Double](repeating: 1, count: item.n), item.s)
      #expect(close(tail, item.logP, absolute: 2 / Double(item.n)), "n = \(item.n), s = \(item.s)")
      // Through the test, which must not return 0 where Double ends.
      let minuses = (item.n - Int(item.s)) / 2
      let x = (0..<item.n).map { $0 < minuses ? -0.1 : 0.1 }
      let result = try signFlipTest(x, alternative: .greater, generator: generator)
      #expect(result.value > 0)
      #expect(close(log(result.value), max(item.logP, log(Double.leastNonzeroMagnitude)), absolute: 2 / Double(item.n)))
    }
  }

  /// Random differences of 20 units against enumeration. Stated bounds of the plain formula's relative error for uniform
  /// differences: 15 %, 1.5 % on average; it is largest where the tail thins out to single arrangements.
  @Test func againstExactOnRandomDifferences() throws {
    var total = 0.0
    for data in 0..<150 {
      var simulation = Simulation(seed: 8, data)
      let x = simulation.uniforms(20).map { $0 - 0.4 }
      let exact = try signFlipTest(x, alternative: .greater, method: .exact, generator: generator).value
      let plain = try signFlipTest(x, alternative: .greater, method: .saddlepoint, generator: generator).value
      #expect(abs(plain / exact - 1) < 0.15)
      total += abs(plain / exact - 1)
    }
    #expect(total / 150 < 0.015)
  }

  /// As `automatic` takes it, with large terms enumerated: within 1 % for uniform differences, and within 2 % for reciprocals of
  /// them, whose gaps the plain formula smooths over (25 %).
  @Test(arguments: [false, true])
  func largeTermsAreEnumerated(reciprocal: Bool) throws {
    var compared = 0
    for data in 0..<20 {
      var simulation = Simulation(seed: 9, data)
      let x = simulation.uniforms(25).map { reciprocal ? 1 / ($0 + 0.01) * ($0 < 0.35 ? -1 : 1) : $0 - 0.4 }
      let taken = try signFlipTest(x, alternative: .greater, generator: generator)
      let exact = try signFlipTest(x, alternative: .greater, method: .exact, generator: generator).value
      guard taken.method == .saddlepoint else { continue }
      compared += 1
      #expect(abs(taken.value / exact - 1) < (reciprocal ? 0.02 : 0.01))
    }
    #expect(compared > 5)
  }

  @Test func theCentreIsOneHalf() {
    let x: [Double] = [1.1, 2.3, 0.7, 3.9]
    #expect(close(exp(logTail(x, 0, lattice: false) ?? 1), 0.5, absolute: 1e-12))
    #expect(close(exp(logTail(x, 1e-9, lattice: false) ?? 1), 0.5, absolute: 1e-8))
    #expect(close(exp(logTail(x, -1e-9, lattice: false) ?? 1), 0.5, absolute: 1e-8))
  }

  @Test func sidesAddUpToOne() {
    var simulation = Simulation(seed: 10)
    let x = simulation.uniforms(50)
    for s in [0.3, 2, 7] {
      #expect(close(exp(logTail(x, s) ?? 1) + exp(logTail(x, -s) ?? 1), 1, absolute: 1e-12))
    }
  }

  @Test func latticesAreFound() {
    #expect(Lattice([2, 4, 10])?.multiples == [1, 2, 5])
    #expect(close(Lattice([0.1, 0.2, 0.3])?.spacing, 0.1))
    #expect(Lattice([0.1, 0.2, 0.3])?.multiples == [1, 2, 3])
    #expect(Lattice([0.123, 1.0.squareRoot(), 2.0.squareRoot()]) == nil)
    var simulation = Simulation(seed: 11)
    for _ in 0..<50 { #expect(Lattice(simulation.uniforms(25).sorted()) == nil) }
    #expect(Lattice([]) == nil)
  }
}
