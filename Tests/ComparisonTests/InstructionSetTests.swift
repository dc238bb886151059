import CKernels
import Foundation
import Testing

@testable import Comparison

@Suite struct InstructionSetTests {
  /// The sums are fixed lanes and one tree, so no instruction set changes a bit of them.
  @Test func everyInstructionSetGivesTheSameBytes() throws {
    var random = Simulation(seed: 8)
    let count = 40 * 97
    let a = random.normals(count)
    let b = zip(a, random.normals(count, deviation: 0.01)).map { $0 + $1 }
    let best = eqp_force_isa(2)
    defer { _ = eqp_force_isa(best) }
    for (units, inner) in [(1, count), (97, 1), (40, 97), (97, 40), (8, 5)] {
      for shift in [0, 0.3] {
        var seen: [[UInt64]] = []
        for isa in 0...best {
          #expect(eqp_force_isa(isa) == isa)
          seen.append(KernelTable(a, b, units: units, inner: inner, shift: shift).fields.map(\.bitPattern))
        }
        #expect(Set(seen).count == 1, "\(units) units of \(inner)")
      }
    }
    let a32 = a.map { Float($0) }
    let b32 = b.map { Float($0) }
    let half = a.map { float16Bits($0) }
    for (units, inner) in [(1, count), (97, 1), (40, 97), (8, 5)] {
      var seen: [[UInt64]] = []
      var counts: [[UInt32]] = []
      for isa in 0...best {
        _ = eqp_force_isa(isa)
        let tables = [
          KernelTable(.float32, a32, b32, units: units, inner: inner, shift: 0.3),
          KernelTable(.float16, half, Array(half.reversed()), units: units, inner: inner),
          KernelTable(.float64, a, b, units: units, inner: inner),
        ]
        seen.append(tables.flatMap { $0.fields.map(\.bitPattern) })
        counts.append(tables.flatMap { $0.histogramB + $0.fineA })
      }
      #expect(Set(seen).count == 1, "\(units) units of \(inner)")
      #expect(Set(counts).count == 1, "\(units) units of \(inner)")
    }
    #expect(eqp_force_isa(-1) == 0)
    #expect(eqp_force_isa(99) == best)
  }
}
