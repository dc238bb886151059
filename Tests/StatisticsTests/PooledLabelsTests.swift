import Testing

@testable import Statistics

@Suite struct PooledLabelsTests {
  private struct Case: Decodable {
    var name: String
    var a: [Double], b: [Double]
    var twoSided: Double, greater: Double, less: Double, ranksTwoSided: Double
  }

  /// coin's exact tests, among them Efron's mice, sleep taken as independent, and asat.
  @Test func againstR() throws {
    for item in try oracle("pooled_labels", as: Case.self) {
      let found = try [Alternative.twoSided, .greater, .less].map {
        try #require(try pooledLabelTest(item.a, item.b, alternative: $0))
      }
      #expect(found.allSatisfy { $0.method == .exact })
      #expect(close(found[0].value, item.twoSided), "\(item.name)")
      #expect(close(found[1].value, item.greater), "\(item.name)")
      #expect(close(found[2].value, item.less), "\(item.name)")
      let pooled = ranks(item.a + item.b)
      let byRanks = try pooledLabelTest(Array(pooled[..<item.a.count]), Array(pooled[item.a.count...]))
      #expect(close(byRanks?.value, item.ranksTwoSided), "\(item.name)")
    }
  }

  @Test func againstPublishedAnswers() throws {
    let mice = try #require(try oracle("pooled_labels", as: Case.self).first)
    let greater = try #require(try pooledLabelTest(mice.a, mice.b, alternative: .greater))
    #expect(greater.value == 1_613.0 / 11_440 && greater.exceedances == 1_613)
    let less = try #require(try pooledLabelTest(mice.a, mice.b, alternative: .less))
    #expect(close(try pooledLabelTest(mice.a, mice.b)?.value, 0.2783217, absolute: 5e-8))
    #expect(close(2 * min(greater.value, less.value), 0.2819930, absolute: 5e-8))
    let asat = try oracle("pooled_labels", as: Case.self)[2]
    #expect(close(try pooledLabelTest(asat.a, asat.b)?.value, 0.2153549, absolute: 5e-8))
    let sleep = try oracle("pooled_labels", as: Case.self)[1]
    #expect(close(try pooledLabelTest(sleep.a, sleep.b)?.value, 0.0814479638, absolute: 5e-11))
  }

  /// Every random p within its own interval at 99.99 %: a false alarm in 150 runs of other seeds.
  @Test func randomLabelsAgreeWithExact() async throws {
    for item in try oracle("pooled_labels", as: Case.self) {
      let columns = try UnitColumns(units: item.a.count + item.b.count, columns: 1, values: item.a + item.b)
      let labels = try PooledLabels(
        columns: columns, sizeA: item.a.count, resamples: 1_999, generator: generator, mayEnumerate: false)
      #expect(labels.rows == 2_000 && !labels.isExhaustive)
      let sizeA = Double(item.a.count)
      let sizeB = Double(item.b.count)
      let total = (item.a + item.b).reduce(0, +)
      let null = try await labels.replicates(statistics: 1) { sums, out in
        let b = (total + sums[0]) / 2
        out[0] = abs(b / sizeB - (total - b) / sizeA)
      }
      let p = null.pValue(0, scale: abs(total), confidence: 0.999_9)
      #expect(try #require(p.interval).contains(item.twoSided), "\(item.name)")
    }
  }

  @Test func fewLabellingsAreAllTaken() async throws {
    let columns = try UnitColumns(units: 6, columns: 2, values: [1, 0, 2, 0, 3, 0, 4, 0, 5, 0, 6, 1])
    let labels = try PooledLabels(columns: columns, sizeA: 3, resamples: 99, generator: generator)
    #expect(labels.isExhaustive && labels.rows == 20)
    let null = try await labels.replicates(statistics: 3) { sums, out in
      (out[0], out[1], out[2]) = (abs(sums[0]), sums[0], sums[1])
    }
    #expect(null[0, 1] == 9 && null[0, 2] == 1)
    #expect(Set(null.column(1, includingObserved: true)) == Set([-9, -7, -5, -3, -1, 1, 3, 5, 7, 9]))
    // Symmetric statistics of samples of equal size come in pairs.
    let p = null.pValue(0)
    #expect(p.value == 2.0 / 20 && p.method == .exact && p.smallestAttainable == 2.0 / 20)
    let greater = null.pValue(1, alternative: .greater)
    #expect(greater.value == 1.0 / 20 && greater.smallestAttainable == 1.0 / 20)
  }

  @Test func degenerateDataIsDefined() throws {
    #expect(try pooledLabelTest([1, 1, 1], [1, 1])?.value == 1)
    #expect(try pooledLabelTest([0.1, 0.2], [0.3], alternative: .greater)?.value == 1.0 / 3)
    #expect(throws: SampleError.self) { try pooledLabelTest([], [1]) }
    #expect(throws: SampleError.self) { try pooledLabelTest([1], [.nan]) }
    // Continuous values and too many labellings: no exact answer.
    var random = Simulation(seed: 4)
    #expect(try pooledLabelTest(random.normals(40), random.normals(40)) == nil)
  }
}
