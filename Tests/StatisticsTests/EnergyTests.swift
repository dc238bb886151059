import Foundation
import Testing

@testable import Statistics

@Suite struct EnergyTests {
  private struct Case: Decodable {
    let n: Int
    let a, b: [Double]
    let energy, coefficient, variance, third: Double
    let exceedances, arrangements: Int
  }

  @Test func againstSciPy() async throws {
    for example in try oracle("energies", as: Case.self) {
      let distance = try EnergyDistance(example.a, example.b, units: example.n)
      #expect(close(distance.value, example.energy, 1e-10, absolute: 1e-13))
      #expect(close(distance.coefficient, example.coefficient, 1e-10, absolute: 1e-13))
      let form = try SignQuadraticForm(distance.matrix, units: example.n)
      // Entries are rounded to 20 bits and more.
      #expect(close(form.variance, example.variance, 1e-4, absolute: 1e-20))
      #expect(close(form.thirdMoment, example.third, 1e-3, absolute: 1e-4 * pow(example.variance, 1.5)))
      let p = try await form.replicates(resamples: 1_023, generator: generator).pValue(0, scale: form.tieScale)
      #expect(p.method == .exact)
      #expect(close(p.value, Double(example.exceedances) / Double(example.arrangements)), "\(example.n)")
    }
  }

  /// STATISTICS: energy of N(0,1), N(1,1) is .541806579, here between 400 quantiles of each.
  @Test func energyOfTwoNormals() throws {
    let a = try (0..<400).map { try standardNormalQuantile((Double($0) + 0.5) / 400) }
    #expect(close(try EnergyDistance(a, a.map { $0 + 1 }, units: 400).value, 0.541806579, 4e-3))
    #expect(try EnergyDistance(a, a, units: 400).value == 0)
  }

  @Test func signsAreThoseOfTheOtherTests() async throws {
    // M = d dᵀ: T is the square of Σ ε d less its diagonal, so the ranks are those of |Σ ε d|.
    var random = Simulation(seed: 8)
    let d = random.normals(150).map { ($0 * 8).rounded() }
    let matrix = d.flatMap { x in d.map { x * $0 } }
    let form = try SignQuadraticForm(matrix, units: 150)
    let quadratic = try await form.replicates(resamples: 400, generator: generator)
    let flips = SignFlips(
      columns: try UnitColumns(units: 150, columns: 1, values: d), resamples: 400, generator: generator)
    let linear = try await flips.replicates(statistics: 1) { sums, out in out[0] = sums[0] * sums[0] }
    let diagonal = d.reduce(0) { $0 + $1 * $1 }
    for row in 0...400 { #expect(close(quadratic[row, 0] + diagonal, linear[row, 0], 1e-3, absolute: 4), "\(row)") }
  }

  @Test func threeMomentsAgainstRandomSigns() async throws {
    var random = Simulation(seed: 9)
    let n = 60
    let a = random.normals(3 * n)
    let b = random.normals(3 * n).map { $0 * 1.25 }
    let form = try SignQuadraticForm(EnergyDistance(a, b, units: n).matrix, units: n)
    let exact = try await form.replicates(resamples: 20_000, generator: generator).pValue(0)
    let closed = try #require(form.closedPValue())
    #expect(closed.method == .pearson3 && exact.method == .monteCarlo)
    #expect(abs(closed.value - exact.value) < 0.1 * exact.value + 0.002, "\(closed.value) \(exact.value)")
  }

  /// 1,000 null data sets with a common shape of points; four binomial standard errors (false alarm below 10⁻⁴).
  @Test func calibrationUnderNull() async throws {
    var rejected = 0
    for run in 0..<1_000 {
      var random = Simulation(seed: 73, run)
      let a = random.laplaces(20)
      let b = random.laplaces(20)
      let form = try SignQuadraticForm(EnergyDistance(a, b, units: 10).matrix, units: 10)
      let replicates = try await form.replicates(resamples: 99, generator: Philox(seed: UInt64(run), stream: 2))
      if replicates.pValue(0).value <= 0.05 { rejected += 1 }
    }
    #expect((23...77).contains(rejected), "\(rejected)")
  }

  @Test func degenerate() async throws {
    let same = try EnergyDistance([1, 1, 1], [1, 1, 1], units: 3)
    #expect(same.value == 0 && same.coefficient == 0)
    let form = try SignQuadraticForm(same.matrix, units: 3)
    #expect(form.liveUnits.isEmpty && form.closedPValue() == nil)
    #expect(try await form.replicates(resamples: 99, generator: generator).pValue(0).value == 1)
    #expect(throws: SampleError.self) { try EnergyDistance([], [], units: 0) }
    #expect(throws: SampleError.self) { try EnergyDistance([1, .nan], [1, 2], units: 2) }
  }

  @Test func randomFeaturesAgainstTheKernel() throws {
    let features = try RandomFeatures(dimensions: 2, width: 1.5, count: 4_096, generator: generator)
    let (x, y): ([Double], [Double]) = ([0.3, -1], [1.1, 0.4])
    let product = zip(features(x[...]), features(y[...])).reduce(0) { $0 + $1.0 * $1.1 }
    let square = 0.8 * 0.8 + 1.4 * 1.4
    #expect(abs(product - exp(-square / (2 * 1.5 * 1.5))) < 0.06)
    #expect(throws: SampleError.self) { try RandomFeatures(dimensions: 1, width: 0, count: 1, generator: generator) }
  }
}
