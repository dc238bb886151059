import CKernels

/// A random group of 2^k sign vectors, whose signed sums come from a Walsh-Hadamard transform.
///
/// Every unit belongs to a bucket v of k bits, drawn without looking at the data; element g of the group flips the units for which
/// g and v share an odd number of bits. The elements are closed under composition, so the share of them that is at least as
/// extreme as the identity (the observed signs) is an exact p-value. Sums of all 2^k elements cost units + k 2^k additions
/// a column, where as many independent sign vectors cost units · 2^k: the number of units hardly matters.
///
/// Buckets are distinct and not 0 as long as that is possible, so that no two units always move together. Elements are
/// pairwise independent, not independent: there is no binomial interval of such a p-value.
///
/// ## Source
/// Koning & Hemerik (2024), doi:10.1093/biomet/asad050
struct SignSubgroup: Sendable {
  /// Rows of a block: what a core's first-level cache holds of one column.
  private static let largestBlock = 4_096

  /// 2^k.
  let size: Int
  let blockRows: Int
  /// Bucket of each unit.
  let buckets: [UInt32]

  /// - Parameter resamples: Rounded up to 2^k − 1, at least 7.
  /// - Complexity: O(units + 2^k / 64).
  init(units: Int, resamples: Int, generator: Philox) {
    var size = 8
    while size <= resamples, size < 1 << 31 { size *= 2 }
    self.size = size
    blockRows = min(size, SignSubgroup.largestBlock)
    let mask = UInt32(size - 1)
    var taken = [UInt64](repeating: 0, count: (size + 63) / 64)
    buckets = (0..<units).map { unit in
      // Replicate 0 has no random signs of its own.
      let words = generator.block(.swap, replicate: 0, block: UInt32(truncatingIfNeeded: unit))
      var bucket = words.x & mask
      for lane in 0..<4 {
        bucket = words[lane] & mask
        if bucket != 0, taken[Int(bucket / 64)] >> UInt64(bucket % 64) & 1 == 0 { break }
      }
      taken[Int(bucket / 64)] |= 1 << UInt64(bucket % 64)
      return bucket
    }
  }

  /// Writes the sums of one column under the elements of a block.
  ///
  /// - Parameters:
  ///   - column: Shape `[units]`, integers with Σ|x| < 2⁵².
  ///   - first: The block's first element, a multiple of ``blockRows``.
  ///   - sums: Shape `[blockRows]`.
  func sums(of column: UnsafePointer<Double>, from first: Int, into sums: UnsafeMutablePointer<Double>) {
    sums.update(repeating: 0, count: blockRows)
    let low = UInt32(blockRows - 1)
    let high = UInt32(truncatingIfNeeded: first)
    buckets.withUnsafeBufferPointer { buckets in
      for unit in 0..<buckets.count {
        let bucket = buckets[unit]
        let value = column[unit]
        sums[Int(bucket & low)] += (bucket & high).nonzeroBitCount & 1 == 0 ? value : -value
      }
    }
    eqp_walsh_hadamard(sums, blockRows)
  }
}
