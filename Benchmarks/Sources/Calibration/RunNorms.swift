import Checkpoints

/// How much of its units' norms a run has in common: a one-way analysis of variance of unit norms by run.
struct RunNorms: Sendable {
  let runs: Int
  let mean: Double
  /// Standard deviation of the runs' mean norms, and what it would be if a run's units had nothing in common.
  let deviation: Double, expected: Double

  /// Mean square between runs over that within: 1 on average if units are independent, less if they compete.
  var f: Double { (deviation / expected) * (deviation / expected) }

  /// - Parameter norms: A row of unit norms for each run.
  init(_ norms: [[Double]]) {
    let units = Double(norms[0].count)
    let means = norms.map { $0.reduce(0, +) / units }
    let mean = means.reduce(0, +) / Double(norms.count)
    func squares(_ x: [Double], _ centre: Double) -> Double { x.reduce(0) { $0 + ($1 - centre) * ($1 - centre) } }
    let within = zip(norms, means).reduce(0) { $0 + squares($1.0, $1.1) } / (Double(norms.count) * (units - 1))
    runs = norms.count
    self.mean = mean
    deviation = (squares(means, mean) / Double(norms.count - 1)).squareRoot()
    expected = (within / units).squareRoot()
  }

  /// Norms of the units of a layer's kernel: columns, or rows of the last layer's.
  static func norms(_ checkpoint: any Checkpoint, layer: String) throws -> [Double] {
    let name = "\(layer)/kernel"
    guard let kernel = checkpoint.tensors.first(where: { $0.fullName == name && $0.slotName == nil }) else {
      throw Trouble("\(checkpoint.model.path) has no \(name)")
    }
    let columns = kernel.shape.last ?? 1
    let byRows = layer == "output"
    var squares = [Double](repeating: 0, count: byRows ? kernel.count / columns : columns)
    for (i, value) in try weights(checkpoint, kernel.key).enumerated() {
      squares[byRows ? i / columns : i % columns] += value * value
    }
    return squares.map { $0.squareRoot() }
  }
}
