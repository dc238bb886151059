import Testing

@testable import Statistics

@Suite struct SubsetSumsTests {
  @Test func bothCountsAgainstEnumeration() {
    for data in 0..<30 {
      var simulation = Simulation(seed: 12, data)
      let values = simulation.uniforms(1 + data % 11).map { ($0 * 12).rounded() + 1 }.sorted()
      for bound in [-1.0, 0, 1, 5, 17, 40, 1_000] {
        let exact = (0..<1 << values.count).count { subset in
          values.indices.reduce(0.0) { $0 + (subset >> $1 & 1 == 1 ? values[$1] : 0) } <= bound
        }
        #expect(SubsetSums.count(values, upTo: bound) == exact)
        #expect(SubsetSums.boundedCount(values, upTo: bound, limit: 5_000) == exact)
      }
    }
  }

  @Test func theLimitIsKept() {
    let values = [Double](repeating: 1, count: 12)
    #expect(SubsetSums.boundedCount(values, upTo: 2, limit: 79) == 79)
    #expect(SubsetSums.boundedCount(values, upTo: 2, limit: 78) == nil)
    #expect(SubsetSums.boundedCount([Double](repeating: 1, count: 100_000), upTo: 1e9, limit: 1_000_000) == nil)
    #expect(SubsetSums.count([], upTo: 0) == 1)
  }
}
