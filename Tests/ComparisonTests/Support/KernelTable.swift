import CKernels
import Tensors

@testable import Comparison

/// A table of unit sums straight from the kernels, and what they are held to.
struct KernelTable {
  let units: Int
  var fields: [Double]
  var histogramA: [UInt32], histogramB: [UInt32]
  var fineA: [UInt32], fineB: [UInt32]
  var nonFinite: [UInt64] = []

  /// - Parameter blocks: How many elements are handed over at a time.
  init(
    _ a: [Double], _ b: [Double], differences: [Double]? = nil, units: Int, inner: Int, shift: Double = 0,
    low: Double = -4, high: Double = 4, blocks: Int = 1_024
  ) {
    self.init(units: units, inner: inner, shift: shift, low: low, high: high)
    let d = differences ?? zip(a, b).map { $1 - $0 }
    fill(inner: inner, shift: shift, low: low, high: high) { pass in
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
    }
  }

  /// The same from undecoded elements.
  init<Element>(
    _ type: ElementType, _ a: [Element], _ b: [Element], units: Int, inner: Int, shift: Double = 0, blocks: Int = 1_024,
    sizes: Bool = true
  ) {
    self.init(units: units, inner: inner, shift: shift, low: -4, high: 4)
    let width = type.byteWidth ?? 1
    fill(inner: inner, shift: shift, low: -4, high: 4) { pass in
      pass.no_sizes = sizes ? 0 : 1
      a.withUnsafeBytes { a in
        b.withUnsafeBytes { b in
          for start in stride(from: 0, to: a.count / width, by: blocks) {
            let known = eqp_pass_elements(
              &pass, start * type.components, type.rawValue, a.baseAddress! + start * width,
              b.baseAddress! + start * width, min(blocks, a.count / width - start))
            precondition(known == 1)
          }
        }
      }
    }
  }

  private init(units: Int, inner: Int, shift: Double, low: Double, high: Double) {
    self.units = units
    fields = Array(repeating: 0, count: UnitSums.fieldCount * units)
    histogramA = Array(repeating: 0, count: units * 130)
    histogramB = histogramA
    fineA = Array(repeating: 0, count: PairPass.fineBins)
    fineB = fineA
  }

  private mutating func fill(
    inner: Int, shift: Double, low: Double, high: Double, _ take: (inout eqp_pass) -> Void
  ) {
    let counts = (Counts(histogramA.count), Counts(histogramB.count), Counts(fineA.count), Counts(fineB.count))
    var pass = eqp_pass()
    pass.units = units
    pass.inner = inner
    pass.stride = units
    pass.shift = shift
    pass.histogram_a = counts.0.places
    pass.histogram_b = counts.1.places
    pass.bins = 128
    pass.low = low
    pass.per_width = 128 / (high - low)
    pass.fine_a = counts.2.places
    pass.fine_b = counts.3.places
    fields.withUnsafeMutableBufferPointer { table in
      eqp_table_clear(table.baseAddress, units, units)
      pass.table = table.baseAddress
      take(&pass)
      eqp_pass_finish(&pass, units)
    }
    nonFinite = [pass.nan_a, pass.inf_a, pass.nan_b, pass.inf_b]
    (histogramA, histogramB) = (counts.0.values, counts.1.values)
    (fineA, fineB) = (counts.2.values, counts.3.values)
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

/// Counts as the kernels keep them.
final class Counts {
  let places: eqp_counts
  let count: Int

  init(_ count: Int) {
    self.count = count
    places = eqp_counts(low: .allocate(capacity: count), carries: .allocate(capacity: count))
    places.low.initialize(repeating: 0, count: count)
    places.carries.initialize(repeating: 0, count: count)
  }

  deinit {
    places.low.deallocate()
    places.carries.deallocate()
  }

  var values: [UInt32] {
    var sums = [UInt64](repeating: 0, count: count)
    eqp_counts_add(places, count, &sums)
    return sums.map { UInt32($0) }
  }
}
