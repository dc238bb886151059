import CKernels
import Checkpoints
import Results
import Tensors

#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

extension ModelComparison {
  /// Beside `scale`, for hidden kernels: each unit's norm times the norm of its outgoing weights, B over A.
  ///
  /// With ReLU or batch normalisation a unit's norm is not identified: multiplied by c, with the next layer's weights divided
  /// by c, the network computes the same. The product doesn't change then. Only some rows of the next kernel are read.
  mutating func describeRescaling(
    _ all: [Pairing.Pair], _ contexts: [String: LayerContext], _ tensors: [PairedModels.Tensors],
    _ a: any Checkpoint, _ b: any Checkpoint
  ) {
    let ordered = all.filter {
      $0.role == .weight && $0.a.stored.shape.count >= 2 && $0.a.part != "recurrent_kernel" && $0.a.part != "bias"
        && !$0.a.part.hasPrefix("embedding")
    }.sorted { naturallyPrecedes($0.a.stored.objectPath ?? $0.a.stored.key, $1.a.stored.objectPath ?? $1.a.stored.key) }
    let kernels = ordered.map { pair in
      let context = contexts[pair.layer] ?? LayerContext()
      return (
        pair: pair, context: context,
        shape: KernelShape(
          layer: pair.layer, part: pair.a.part, shape: pair.a.stored.shape, path: pair.a.stored.objectPath,
          context: context)
      )
    }
    for (i, kernel) in kernels.enumerated() where !kernel.context.isLast {
      guard let place = pairs.firstIndex(where: { $0.name == kernel.pair.name }),
        let scale = pairs[place].tests?.lastIndex(where: { $0.id == ScaleTest.id }),
        pairs[place].tests?[scale].pValue != nil, !pairs[place].identical,
        let sums = tensors[place].sums, sums.tensorUnits == sums.units, sums.units == kernel.shape.outputs,
        let next = kernels[(i + 1)...].first(where: { kernel.shape.mayFeed($0.shape) }),
        let found = try? OutgoingNorms(next.pair, next.context, a, b, units: sums.units),
        let ratios = Ratios(sums, found)
      else { continue }
      var row = TestResult(
        id: ScaleTest.id, level: "unit", nullHypothesis: "none: a description", statistic: "in_out_norm_product",
        value: ratios.product, alternative: "two-sided", unit: pairs[place].unit, unitCount: found.units.count,
        effect: Effect(name: "in_out_norm_product_ratio", value: ratios.product))
      row.details = ["smallest": ratios.products.min() ?? .nan, "largest": ratios.products.max() ?? .nan]
      row.warnings = [
        "norm of a unit times that of its outgoing weights in \(next.pair.name), B over A: norms alone are not identified "
          + "under ReLU or batch normalisation"
      ]
      if ratios.isRescaledCopy {
        let sentence =
          "\(pairs[place].name): norms change, but norm times outgoing norm is the same for every unit: a rescaled copy, which "
          + "with ReLU computes the same; scale and shape say nothing about the function here"
        row.warnings.append(sentence)
        if let layer = self.layers?.firstIndex(where: { $0.layer == pairs[place].layer }) {
          self.layers?[layer].warnings.append(sentence)
        }
        warnings.append(sentence)
      }
      pairs[place].tests?.insert(row, at: scale + 1)
    }
  }
}

/// Norms of the weights that leave a layer's units, on both sides.
private struct OutgoingNorms {
  /// Which units, evenly spread.
  let units: [Int]
  private(set) var a: [Double] = [], b: [Double] = []
  private static let limit = 64

  /// - Parameter next: The kernel that takes the units' outputs; its last axis but one is theirs, flattened or not.
  /// - Returns: `nil` for a kernel whose outputs come first: its inputs are not contiguous.
  init?(
    _ next: Pairing.Pair, _ context: LayerContext, _ a: any Checkpoint, _ b: any Checkpoint, units count: Int
  ) throws {
    let shape = next.a.stored.shape
    guard !context.isOutputFirst(next.a.part, shape), !context.isTransposed(shape), shape.count >= 2 else {
      return nil
    }
    let inputs = shape[shape.count - 2]
    guard count > 0, inputs % count == 0, inputs > 0 else { return nil }
    let step = max(1, count / Self.limit)
    units = Array(stride(from: 0, to: count, by: step))
    let sides = [try TensorSource(a, next.a.stored), try TensorSource(b, next.b.stored)]
    let outputs = shape[shape.count - 1]
    let outer = shape.dropLast(2).reduce(1, *)
    var norms: [[Double]] = []
    for source in sides {
      guard source.tensor.elementType.isNumeric, source.tensor.elementType.components == 1 else { return nil }
      norms.append(
        try units.map { unit in
          var sum = 0.0
          for o in 0..<outer {
            for copy in stride(from: unit, to: inputs, by: count) {
              let start = (o * inputs + copy) * outputs
              for value in try source.values(start..<start + outputs) { sum += value * value }
            }
          }
          return sum.squareRoot()
        })
    }
    (self.a, self.b) = (norms[0], norms[1])
  }
}

/// Ratios B over A of the units that live on both sides, in and out.
private struct Ratios {
  private(set) var products: [Double] = []
  private var norms: [Double] = []

  init?(_ sums: UnitSums, _ outgoing: OutgoingNorms) {
    // What training switched off on a side has no ratio worth a mean.
    let dead = Set(deadUnits(sums.normA)).union(deadUnits(sums.normB))
    let idle = Set(deadUnits(outgoing.a)).union(deadUnits(outgoing.b))
    for (i, unit) in outgoing.units.enumerated() where !dead.contains(unit) && !idle.contains(i) {
      let norm = sums.normB[unit] / sums.normA[unit]
      let product = norm * outgoing.b[i] / outgoing.a[i]
      guard norm > 0, norm.isFinite, product > 0, product.isFinite else { continue }
      norms.append(norm)
      products.append(product)
    }
    if products.isEmpty { return nil }
  }

  /// Geometric mean.
  var product: Double { exp(products.reduce(0) { $0 + log($1) } / Double(products.count)) }

  /// Norms that changed by more than one per cent, products by less than a thousandth.
  var isRescaledCopy: Bool {
    norms.contains { abs(log($0)) > 0.01 } && products.allSatisfy { abs(log($0)) < 1e-3 }
  }
}

extension TensorSource {
  /// Decodes a few elements.
  func values(_ range: Range<Int>) throws(CheckpointError) -> [Double] {
    let bytes = UnsafeMutableRawBufferPointer.allocate(byteCount: max(1, range.count * width), alignment: 16)
    defer { bytes.deallocate() }
    try read(range, into: bytes)
    var values = [Double](repeating: 0, count: range.count * tensor.elementType.components)
    _ = values.withUnsafeMutableBufferPointer {
      eqp_decode(tensor.elementType.rawValue, bytes.baseAddress, $0.baseAddress, range.count)
    }
    return values
  }
}
