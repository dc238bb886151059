import Testing

@testable import Statistics

@Suite struct AscendingTests {
  /// Against the standard library's sort, of few values and many, of every magnitude and with ties.
  @Test(arguments: [0, 1, 2, 511, 512, 513, 9_999, 50_000])
  func againstSorted(count: Int) {
    var random = Simulation(seed: UInt64(count))
    func word() -> UInt64 { UInt64(random.uniform() * 0x1p32) << 32 | UInt64(random.uniform() * 0x1p32) }
    let bits = (0..<count).map { _ in Double(bitPattern: word()) }.filter { !$0.isNaN }
    let normal = random.normals(count)
    let ties = normal.map { $0.rounded() }
    let equal = [Double](repeating: -2.5, count: count)
    for values in [bits, normal, ties, equal] { #expect(values.ascending() == values.sorted()) }
  }

  @Test(arguments: [8, 2_000])
  func extremesAreInTheirPlaces(count: Int) {
    let values: [Double] = [
      .nan, .infinity, -.infinity, -0.0, 0, .leastNonzeroMagnitude, -.leastNonzeroMagnitude, .greatestFiniteMagnitude,
    ]
    let many = (0..<count / 8).flatMap { _ in values }.ascending()
    let each = count / 8
    let expected: [Double] = [
      -.infinity, -.leastNonzeroMagnitude, 0, 0, .leastNonzeroMagnitude, .greatestFiniteMagnitude, .infinity,
    ]
    for (i, value) in expected.enumerated() {
      #expect(Array(many[i * each..<(i + 1) * each]) == Array(repeating: value, count: each))
    }
    #expect(many.filter(\.isNaN).count == each && many.suffix(each).filter(\.isNaN).count == each)
    #expect(many.filter { $0 == 0 && $0.sign == .minus }.isEmpty)
  }
}
