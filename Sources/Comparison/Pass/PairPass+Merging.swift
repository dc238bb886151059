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
    private var histogramA: [UInt32], histogramB: [UInt32]
    private var keysA: [Int], keysB: [Int]
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
      let size = pass.wantsHistograms ? kept * (PairPass.bins + 2) : 0
      histogramA = Array(repeating: 0, count: size)
      histogramB = histogramA
      keysA = Array(repeating: 0, count: pass.wantsKeys ? eqp_key_count() : 0)
      keysB = keysA
      identical = pass.a.tensor.elementType == pass.b.tensor.elementType
    }

    private static func cleared(_ rows: Int) -> [Double] {
      var table = [Double](repeating: 0, count: UnitSums.fieldCount * rows)
      table.withUnsafeMutableBufferPointer { eqp_table_clear($0.baseAddress, rows, rows) }
      return table
    }

    mutating func add(_ part: Part, pass: PairPass) {
      crcA = eqp_crc32c_combine(crcA, part.crcA, UInt64(part.bytesA))
      crcB = eqp_crc32c_combine(crcB, part.crcB, UInt64(part.bytesB))
      identical = identical && part.identical
      for i in 0..<4 { nonFinite[i] += part.nonFinite[i] }
      for i in keysA.indices {
        keysA[i] += Int(part.keysA[i])
        keysB[i] += Int(part.keysB[i])
      }
      let folded = pass.folds && pass.hasRows
      if folded {
        fold(part.table, units: part.units, firstUnit: part.firstUnit)
      } else {
        table.withUnsafeMutableBufferPointer { into in
          part.table.withUnsafeBufferPointer {
            eqp_table_merge(into.baseAddress! + part.firstUnit, rows, $0.baseAddress, part.units, part.units)
          }
        }
      }
      let offset = pass.folds ? 0 : part.firstUnit * (PairPass.bins + 2)
      for i in part.histogramA.indices {
        histogramA[offset + i] += part.histogramA[i]
        histogramB[offset + i] += part.histogramB[i]
      }
    }

    /// Adds whole units to their blocks: the norms of a block are the sum of its units' norms.
    private mutating func fold(_ source: [Double], units: Int, firstUnit: Int) {
      let aa = Int(eqp_sum_aa.rawValue) * units
      let bb = Int(eqp_sum_bb.rawValue) * units
      table.withUnsafeMutableBufferPointer { into in
        source.withUnsafeBufferPointer { from in
          for u in 0..<units {
            let block = PairPass.block(of: firstUnit + u)
            eqp_table_merge_unit(into.baseAddress, PairPass.blockLimit, block, from.baseAddress, units, u)
            normA[block] += from[aa + u].squareRoot()
            normB[block] += from[bb + u].squareRoot()
          }
        }
      }
    }

    consuming func finished(pass: PairPass) -> PairSums {
      var kept = rows
      if pass.folds, !pass.hasRows {
        let whole = table
        kept = PairPass.blockLimit
        table = Self.cleared(kept)
        fold(whole, units: rows, firstUnit: 0)
      } else if !pass.folds {
        for u in 0..<rows {
          normA[u] = table[Int(eqp_sum_aa.rawValue) * rows + u].squareRoot()
          normB[u] = table[Int(eqp_sum_bb.rawValue) * rows + u].squareRoot()
        }
      }
      let names = ["nan_a", "inf_a", "nan_b", "inf_b"]
      var result = PairSums(
        sums: UnitSums(
          units: kept, fields: table, normA: normA, normB: normB, histogramA: histogramA, histogramB: histogramB,
          bins: PairPass.bins, low: pass.pilot.low, width: (pass.pilot.high - pass.pilot.low) / Double(PairPass.bins),
          shift: pass.pilot.shift, tensorUnits: pass.view.units),
        identical: identical, keysA: keysA, keysB: keysB,
        nonFinite: Dictionary(
          uniqueKeysWithValues: zip(names, nonFinite).filter { $0.1 > 0 }.map { ($0.0, Int($0.1)) }),
        pilot: pass.pilot, unitCount: pass.view.units)
      if pass.verifies { result.checksums = (crcA, crcB) }
      return result
    }
  }
}

extension Slice where Base == UnsafeMutableRawBufferPointer {
  /// Whether two runs hold the same bytes.
  func elementsEqualBytes(_ other: Slice<UnsafeMutableRawBufferPointer>) -> Bool {
    guard count == other.count, let x = UnsafeRawBufferPointer(rebasing: self).baseAddress,
      let y = UnsafeRawBufferPointer(rebasing: other).baseAddress
    else { return count == other.count && count == 0 }
    return memcmp(x, y, count) == 0
  }
}
