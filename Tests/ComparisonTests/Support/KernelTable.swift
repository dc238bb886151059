import CKernels

@testable import Comparison

/// A table of unit sums straight from the kernels, and what they are held to.
struct KernelTable {
  let units: Int
  var fields: [Double]
  var histogramA: [UInt32], histogramB: [UInt32]
  var keysA: [UInt32], keysB: [UInt32]
  var nonFinite: [UInt64] = []

  /// - Parameter blocks: How many elements are handed over at a time.
  init(
    _ a: [Double], _ b: [Double], units: Int, inner: Int, shift: Double = 0, low: Double = -4, high: Double = 4,
    blocks: Int = 1_024
  ) {
    self.units = units
    fields = Array(repeating: 0, count: UnitSums.fieldCount * units)
    histogramA = Array(repeating: 0, count: units * 130)
    histogramB = histogramA
    keysA = Array(repeating: 0, count: eqp_key_count())
    keysB = keysA
    let d = zip(a, b).map { $1 - $0 }
    fields.withUnsafeMutableBufferPointer { table in
      histogramA.withUnsafeMutableBufferPointer { histogramA in
        histogramB.withUnsafeMutableBufferPointer { histogramB in
          keysA.withUnsafeMutableBufferPointer { keysA in
            keysB.withUnsafeMutableBufferPointer { keysB in
              eqp_table_clear(table.baseAddress, units, units)
              var pass = eqp_pass()
              pass.units = units
              pass.inner = inner
              pass.table = table.baseAddress
              pass.stride = units
              pass.shift = shift
              pass.histogram_a = histogramA.baseAddress
              pass.histogram_b = histogramB.baseAddress
              pass.bins = 128
              pass.low = low
              pass.per_width = 128 / (high - low)
              pass.keys_a = keysA.baseAddress
              pass.keys_b = keysB.baseAddress
              a.withUnsafeBufferPointer { a in
                b.withUnsafeBufferPointer { b in
                  d.withUnsafeBufferPointer { d in
                    for start in stride(from: 0, to: a.count, by: blocks) {
                      eqp_pass_block(
                        &pass, start, a.baseAddress! + start, b.baseAddress! + start, d.baseAddress! + start,
                        min(blocks, a.count - start))
                    }
                  }
                }
              }
              nonFinite = [pass.nan_a, pass.inf_a, pass.nan_b, pass.inf_b]
            }
          }
        }
      }
    }
  }

  subscript(field: eqp_field, unit: Int) -> Double { fields[Int(field.rawValue) * units + unit] }
}

/// A sum of products with about 106 bits.
struct TwiceDouble {
  var high = 0.0, low = 0.0
  /// Σ of the terms' magnitudes, which rounding errors are relative to.
  var magnitude = 0.0

  mutating func add(_ x: Double) {
    let sum = high + x
    let part = sum - high
    low += (high - (sum - part)) + (x - part)
    high = sum
    magnitude += abs(x)
  }

  mutating func add(_ x: Double, times y: Double) {
    let product = x * y
    add(product)
    low += (-product).addingProduct(x, y)
  }

  var value: Double { high + low }
}

/// Every field of one unit, by twice the precision.
func exactFields(_ a: [Double], _ b: [Double], shift: Double) -> [(field: eqp_field, value: Double, magnitude: Double)]
{
  var sums = [TwiceDouble](repeating: TwiceDouble(), count: 13)
  for (x, y) in zip(a, b) {
    let d = y - x
    let u = x - shift
    let v = y - shift
    for (i, term) in [x, y, d, abs(d), abs(x), abs(y)].enumerated() { sums[i].add(term) }
    for (i, (p, q)) in [(x, x), (y, y), (x, y), (d, d), (u, u), (v, v), (u, v)].enumerated() {
      sums[6 + i].add(p, times: q)
    }
  }
  let fields: [eqp_field] = [
    eqp_sum_a, eqp_sum_b, eqp_sum_d, eqp_sum_abs_d, eqp_sum_abs_a, eqp_sum_abs_b, eqp_sum_aa, eqp_sum_bb, eqp_sum_ab,
    eqp_sum_dd, eqp_shifted_aa, eqp_shifted_bb, eqp_shifted_ab,
  ]
  return zip(fields, sums).map { ($0, $1.value, $1.magnitude) }
}
