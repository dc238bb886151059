import CKernels
import Foundation
import Tensors
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

  /// The sums of `compare --metrics moments`, of which some sets have kernels of their own: tiles that are put together,
  /// edges, short and long runs, eight of them at once, and values that are not finite.
  @Test func plainSumsAreTheSameBytes() throws {
    var random = Simulation(seed: 9)
    let count = 200 * 1_031
    let a = random.normals(count).map { Float($0) }
    var b = zip(a, random.normals(count, deviation: 0.01)).map { $0 + Float($1) }
    for place in stride(from: 0, to: count, by: 3) { b[place] = a[place] }
    let leftOut = [
      eqp_sum_abs_a, eqp_sum_abs_b, eqp_sum_abs_d, eqp_min_a, eqp_max_a, eqp_min_b, eqp_max_b,
    ].map { Int($0.rawValue) }
    let best = eqp_force_isa(2)
    defer { _ = eqp_force_isa(best) }
    for damaged in [false, true] {
      if damaged {
        b[777] = .nan
        b[150_001] = .infinity
      }
      let types: [(ElementType, [UInt16], [UInt16])] = [
        (.float32, [], []), (.bfloat16, brains(a), brains(b)), (.float16, halves(a), halves(b)),
      ]
      for (units, inner) in [
        (1, count), (1_031, 1), (200, 1), (64, 1), (200, 1_031), (1_031, 200), (1_000, 11), (1_000, 64), (20, 16),
        (9, 512), (1_001, 3),
      ] {
        for (type, halvesOfA, halvesOfB) in types {
          var seen: [[UInt64]] = []
          let part = count / (units * inner) * units * inner
          for isa in 0...best {
            _ = eqp_force_isa(isa)
            let table =
              type == .float32
              ? KernelTable(
                type, Array(a[..<part]), Array(b[..<part]), units: units, inner: inner, blocks: 70_001, sizes: false)
              : KernelTable(
                type, Array(halvesOfA[..<part]), Array(halvesOfB[..<part]), units: units, inner: inner, blocks: 70_001,
                sizes: false)
            seen.append(
              (0..<UnitSums.fieldCount).filter { !leftOut.contains($0) }.flatMap { field in
                table.fields[field * units..<(field + 1) * units].map(\.bitPattern)
              } + table.nonFinite)
          }
          #expect(Set(seen).count == 1, "\(type): \(units) units of \(inner), damaged: \(damaged)")
          let summed = seen[0][Int(eqp_count.rawValue) * units..<(Int(eqp_count.rawValue) + 1) * units]
          let damages = damaged ? [777, 150_001].filter { $0 < part }.count : 0
          #expect(summed.reduce(0) { $0 + Double(bitPattern: $1) } == Double(part - damages))
        }
      }
    }
  }

  private func brains(_ x: [Float]) -> [UInt16] { x.map { UInt16(truncatingIfNeeded: $0.bitPattern >> 16) } }
  private func halves(_ x: [Float]) -> [UInt16] { x.map { float16Bits(Double($0)) } }
}
