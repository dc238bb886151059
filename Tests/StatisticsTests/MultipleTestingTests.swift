import Testing

@testable import Statistics

@Suite struct MultipleTestingTests {
  @Test func adjustmentsAgainstSciPyAndExact() throws {
    struct Case: Decodable { var p, holm, hochberg, bonferroni, bh, by: [Double] }
    for item in try oracle("adjustments", as: Case.self) {
      for (method, expected) in [
        (Adjustment.holm, item.holm), (.hochberg, item.hochberg), (.bonferroni, item.bonferroni), (.bh, item.bh),
        (.by, item.by), (.none, item.p),
      ] {
        for (adjusted, reference) in zip(adjustedPValues(item.p, method: method), expected) {
          #expect(close(adjusted, reference, 1e-13, absolute: 1e-300), "\(method)")
        }
      }
    }
  }

  @Test func missingValuesStayOut() {
    #expect(adjustedPValues([0.01, nil, 0.02, 0.03], method: .bh) == [0.03, nil, 0.03, 0.03])
    #expect(adjustedPValues([0.01, .nan, 0.02, 2], method: .holm) == [0.02, nil, 0.02, nil])
    for method in Adjustment.allCases {
      #expect(adjustedPValues([], method: method) == [])
      #expect(adjustedPValues([nil, nil], method: method) == [nil, nil])
    }
  }

  @Test func cauchyAgainstMpmath() throws {
    struct Case: Decodable { var p: [Double], combined: Double }
    for item in try oracle("cauchy", as: Case.self) {
      #expect(close(cauchyCombination(item.p), item.combined, 1e-9), "\(item.p)")
    }
    #expect(close(cauchyCombination([0.01, 0.02, 0.3, 0.8]), 0.0269878, absolute: 5e-8))
    #expect(cauchyCombination([]) == 1)
    #expect(cauchyCombination([.nan, 0.5]) == 0.5)
    #expect(cauchyCombination([.leastNonzeroMagnitude, .leastNonzeroMagnitude]) > 0)
  }

  @Test func phipsonSmythAgainstSciPy() throws {
    struct Case: Decodable { var b, m: Int, n, p: Double }
    for item in try oracle("phipson_smyth", as: Case.self) {
      let p = try permp(exceedances: item.b, resamples: item.m, partitions: item.n)
      #expect(close(p, item.p, 1e-9, absolute: 1e-300), "\(item)")
    }
    #expect(close(try permp(exceedances: 5, resamples: 99, partitions: 462), 0.0589177, absolute: 5e-8))
    #expect(close(try permp(exceedances: 0, resamples: 99, partitions: 462), 0.0089564, absolute: 5e-8))
    #expect(throws: SampleError.self) { try permp(exceedances: 5, resamples: 4, partitions: 10) }
    #expect(throws: SampleError.self) { try permp(exceedances: 1, resamples: 4, partitions: 0.5) }
  }

  @Test func signedRanksAgainstSciPy() throws {
    struct Case: Decodable { var x, ranks: [Double] }
    for item in try oracle("signed_ranks", as: Case.self) { #expect(signedRanks(item.x) == item.ranks) }
    #expect(signedRanks([0, .nan, -2, 2]) == [0, 0, -1.5, 1.5])
  }
}
