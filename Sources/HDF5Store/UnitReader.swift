import Comparison
import HDF5
import Results

/// Reads the unit sums of a pair back, with every length checked against the others.
struct UnitReader: ~Copyable {
  private let group: HDF5Group
  private let path: String

  /// More than any histogram has.
  private static let mostBins = 1 << 16

  init(_ group: consuming HDF5Group, path: String) {
    self.group = group
    self.path = path
  }

  func sample(of pair: PairResult) throws -> UnitSample {
    let units = try group.dataset("unit").count
    let tensorUnits = try count("unit_count")
    let inner = try count("unit_inner")
    guard units == pair.unitCount, tensorUnits >= units, inner >= 1 else {
      throw corrupt("has \(units) units of \(tensorUnits), expected \(pair.unitCount)")
    }
    var fields: [Double] = []
    fields.reserveCapacity(UnitSums.fieldNames.count * units)
    for name in UnitSums.fieldNames { fields += try column(name, units) }
    let histograms = try histograms(units)
    let sums = UnitSums(
      units: units, fields: fields, normA: try column("norm_a", units), normB: try column("norm_b", units),
      histogramA: histograms.a, histogramB: histograms.b, bins: histograms.bins, low: histograms.low,
      width: histograms.width, shift: try group.readAttribute("shift"), tensorUnits: tensorUnits)
    var pilot = Pilot()
    pilot.shift = sums.shift
    pilot.low = sums.low
    pilot.high = sums.low + Double(sums.bins) * sums.width
    pilot.isGridA = try flag("grid_a")
    pilot.isGridB = try flag("grid_b")
    pilot.differsInType = pair.a.dtype != pair.b.dtype
    var found = PairSums(
      sums: sums, identical: try flag("identical"), nonFinite: pair.metrics.nonFinite, pilot: pilot,
      unitCount: tensorUnits)
    if let a = try checksum("crc32c_a"), let b = try checksum("crc32c_b") { found.checksums = (a, b) }
    let view = UnitView(
      units: tensorUnits, inner: inner, name: try group.readAttribute("unit_name"),
      isExchangeable: try flag("interchangeable"))
    return UnitSample(name: pair.name, view: view, pair: found)
  }

  private func column(_ name: String, _ units: Int) throws -> [Double] {
    let dataset = try group.dataset(name)
    guard dataset.shape == [units] else { throw corrupt("\(name) has the shape \(dataset.shape), expected [\(units)]") }
    if UnitField.counts.contains(name) { return try dataset.read(Int.self).map { Double($0) } }
    let values = try dataset.read(Double.self)
    guard let sign = UnitField.extremes[name] else { return values }
    return values.map { $0.isNaN ? (sign == .plus ? .infinity : -.infinity) : $0 }
  }

  private func histograms(_ units: Int) throws -> (a: [UInt32], b: [UInt32], bins: Int, low: Double, width: Double) {
    guard try group.contains("histogram_a") else { return ([], [], 0, 0, 0) }
    let bins = try count("bins")
    let low: Double = try group.readAttribute("first_edge")
    let width: Double = try group.readAttribute("bin_width")
    guard 1...Self.mostBins ~= bins, low.isFinite, width.isFinite, width > 0 else {
      throw corrupt("has \(bins) bins of width \(width) from \(low)")
    }
    func counts(_ name: String) throws -> [UInt32] {
      let dataset = try group.dataset(name)
      guard dataset.shape == [units, bins + 2] else {
        throw corrupt("\(name) has the shape \(dataset.shape), expected [\(units), \(bins + 2)]")
      }
      switch dataset.datatype {
      case .uint8: return try dataset.read(UInt8.self).map { UInt32($0) }
      case .uint16: return try dataset.read(UInt16.self).map { UInt32($0) }
      default: return try dataset.read(UInt32.self)
      }
    }
    return (try counts("histogram_a"), try counts("histogram_b"), bins, low, width)
  }

  private func count(_ name: String) throws -> Int {
    let value: Int = try group.readAttribute(name)
    guard value >= 0 else { throw corrupt("\(name) is \(value)") }
    return value
  }

  private func flag(_ name: String) throws -> Bool { try count(name) != 0 }

  private func checksum(_ name: String) throws -> UInt32? {
    guard try group.hasAttribute(name) else { return nil }
    return UInt32(exactly: try count(name))
  }

  private func corrupt(_ reason: String) -> ExportError {
    .corrupt(path: path, place: group.location.path, reason: reason)
  }
}
