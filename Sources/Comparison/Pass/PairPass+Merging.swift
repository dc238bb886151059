import CKernels

#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

extension PairPass {
  /// The sums of the parts so far, merged in the order of the tensor.
  struct Merged {
    private var table: [Double]
    private var normA: [Double], normB: [Double]
    private var nonFinite = [UInt64](repeating: 0, count: 4)
    private var identical: Bool
    private let rows: Int
    private(set) var crcA: UInt32 = 0, crcB: UInt32 = 0

    init(pass: PairPass) {
      // Units that span several parts need a row each until the last part is in.
      rows = pass.folds && pass.hasRows ? PairPass.blockLimit : pass.view.units
      table = Self.cleared(rows)
      let kept = min(pass.view.units, PairPass.blockLimit)
      normA = Array(repeating: 0, count: kept)
      normB = normA
      identical = pass.a.tensor.elementType == pass.b.tensor.elementType
    }

    private static func cleared(_ rows: Int) -> [Double] {
      var table = [Double](repeating: 0, count: UnitSums.fieldCount * rows)
      table.withUnsafeMutableBufferPointer { eqp_table_clear($0.baseAddress, rows, rows) }
      return table
    }

    /// - Parameter part: Its workspace is given back.
    mutating func add(_ part: Part, pass: PairPass) {
      defer { part.workspace.giveBack() }
      crcA = eqp_crc32c_combine(crcA, part.crcA, UInt64(part.bytesA))
      crcB = eqp_crc32c_combine(crcB, part.crcB, UInt64(part.bytesB))
      identical = identical && part.identical
      for i in 0..<4 { nonFinite[i] += part.nonFinite[i] }
      let source = part.workspace.table.hold(UnitSums.fieldCount * part.stride)
      if pass.folds && pass.hasRows {
        fold(source, stride: part.stride, units: part.units, firstUnit: part.firstUnit)
      } else {
        table.withUnsafeMutableBufferPointer {
          eqp_table_merge($0.baseAddress.map { $0 + part.firstUnit }, rows, source, part.stride, part.units)
        }
      }
    }

    /// Adds whole units to their blocks: the norms of a block are the sum of its units' norms.
    private mutating func fold(_ source: UnsafePointer<Double>, stride: Int, units: Int, firstUnit: Int) {
      let blocks = (firstUnit..<firstUnit + units).map { UInt32(PairPass.block(of: $0)) }
      table.withUnsafeMutableBufferPointer {
        eqp_table_fold($0.baseAddress, PairPass.blockLimit, blocks, source, stride, units)
      }
      let aa = source + Int(eqp_sum_aa.rawValue) * stride
      let bb = source + Int(eqp_sum_bb.rawValue) * stride
      for (u, block) in blocks.enumerated() {
        normA[Int(block)] += aa[u].squareRoot()
        normB[Int(block)] += bb[u].squareRoot()
      }
    }

    consuming func finished(pass: PairPass, _ totals: Tallies.Totals) -> PairSums {
      let (histogramA, histogramB) = (totals.a.histogram, totals.b.histogram)
      let (fineA, fineB) = (totals.a.fine, totals.b.fine)
      var kept = rows
      if pass.folds, !pass.hasRows {
        let whole = table
        kept = PairPass.blockLimit
        table = Self.cleared(kept)
        whole.withUnsafeBufferPointer { whole in
          guard let source = whole.baseAddress else { return }
          fold(source, stride: rows, units: rows, firstUnit: 0)
        }
      } else if !pass.folds {
        for u in 0..<rows {
          normA[u] = table[Int(eqp_sum_aa.rawValue) * rows + u].squareRoot()
          normB[u] = table[Int(eqp_sum_bb.rawValue) * rows + u].squareRoot()
        }
      }
      let names = ["nan_a", "inf_a", "nan_b", "inf_b"]
      var sums = UnitSums(
        units: kept, fields: table, normA: normA, normB: normB, histogramA: histogramA, histogramB: histogramB,
        bins: PairPass.bins, low: pass.pilot.low, width: (pass.pilot.high - pass.pilot.low) / Double(PairPass.bins),
        shift: pass.pilot.shift, tensorUnits: pass.view.units)
      if histogramA.isEmpty, !fineA.isEmpty { (sums.wholeA, sums.wholeB) = (coarse(fineA), coarse(fineB)) }
      var result = PairSums(
        sums: sums, identical: identical, fineA: fineA, fineB: fineB,
        nonFinite: Dictionary(
          uniqueKeysWithValues: zip(names, nonFinite).filter { $0.1 > 0 }.map { ($0.0, Int($0.1)) }),
        pilot: pass.pilot, unitCount: pass.view.units)
      if pass.verifies { result.checksums = (crcA, crcB) }
      return result
    }

    /// The histogram that a finer one was cut from.
    private func coarse(_ fine: [UInt64]) -> [Double] {
      if fine.isEmpty { return [] }
      var whole = [UInt64](repeating: 0, count: PairPass.bins + 2)
      whole[0] = fine[0]
      whole[PairPass.bins + 1] = fine[fine.count - 1]
      for i in 1..<fine.count - 1 { whole[(i - 1) / Int(eqp_finer) + 1] += fine[i] }
      return whole.map { Double($0) }
    }
  }
}

/// Whether two runs hold the same bytes.
func hasEqualBytes(_ x: UnsafeRawPointer, _ y: UnsafeRawPointer, _ count: Int) -> Bool { memcmp(x, y, count) == 0 }
