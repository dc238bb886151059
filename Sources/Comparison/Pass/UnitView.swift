/// What the user wants to count as one unit.
public enum UnitChoice: String, Sendable, CaseIterable {
  case auto, output, input, row, element
}

/// A tensor seen as units: `[outer, units, inner]` in row-major order.
///
/// The unit is what is exchangeable in the tests: a neuron, a filter, an embedding's row.
public struct UnitView: Sendable, Equatable {
  public let units: Int
  /// Consecutive elements that belong to one unit.
  public let inner: Int
  /// For people: `output column`, `filter`, `input row`.
  public let name: String
  /// Units that are interchangeable a priori; the classes of an output layer are not, and are only described.
  public let isExchangeable: Bool

  public init(units: Int, inner: Int, name: String, isExchangeable: Bool = true) {
    self.units = units
    self.inner = inner
    self.name = name
    self.isExchangeable = isExchangeable
  }
}

/// What must be known of a layer to tell the units of its tensors.
struct LayerContext: Sendable {
  var name = ""
  /// Shapes of the layer's tensors by the last part of their names.
  var shapes: [String: [Int]] = [:]
  /// The layer's kernel feeds no other kernel: its outputs are classes or targets.
  var isLast = false
  /// What that kernel's inputs are.
  var lastInputs = LastInputs.units

  /// PyTorch calls its kernels `weight` and keeps [out, in, …], unless the bias says otherwise.
  func isOutputFirst(_ part: String, _ shape: [Int]) -> Bool {
    guard part == "weight", shape.count >= 2 else { return false }
    guard let bias = shapes["bias"], bias.count == 1, bias[0] == shape[shape.count - 1] else { return true }
    return bias[0] == shape[0]
  }

  /// Transposed convolutions keep [h, w, out, in]: the bias tells, and where it does not, the layer's name.
  func isTransposed(_ shape: [Int]) -> Bool {
    guard shape.count >= 3 else { return false }
    let outputs = shape[shape.count - 2]
    if let bias = shapes["bias"], bias.count == 1, outputs != shape[shape.count - 1] { return bias[0] == outputs }
    return name.lowercased().contains("transpose") || name.lowercased().contains("deconv")
  }
}

extension UnitView {
  /// The units of a tensor of `shape` that is called `part` within its layer.
  ///
  /// Dense kernel [in, out]: output column; convolution [h, w, in, out]: filter; transposed convolution
  /// [h, w, out, in] and others whose bias tells: the axes that the bias has; depthwise [h, w, in,
  /// multiplier]: in × multiplier; embedding: row; recurrent: all gates of a unit; PyTorch's weight
  /// [out, in, …]: the first axis; the last kernel: the input row, for classes are not interchangeable.
  static func of(shape: [Int], part: String, layer: LayerContext, choice: UnitChoice = .auto) -> UnitView {
    let count = shape.reduce(1, *)
    switch choice {
    case .element: return UnitView(units: max(count, 1), inner: 1, name: "element")
    case .row where shape.count >= 2: return along(axes: 0..<1, of: shape, name: "row")
    case .input where shape.count >= 2:
      return along(axes: shape.count - 2..<shape.count - 1, of: shape, name: "input row")
    case .output where shape.count >= 2:
      return along(axes: shape.count - 1..<shape.count, of: shape, name: "output column")
    default: break
    }
    if shape.isEmpty { return UnitView(units: 1, inner: 1, name: "scalar", isExchangeable: false) }
    if let recurrent = recurrent(shape: shape, layer: layer) { return recurrent }
    if shape.count == 1 {
      return layer.isLast
        ? UnitView(units: shape[0], inner: 1, name: "class", isExchangeable: false)
        : UnitView(units: shape[0], inner: 1, name: "unit")
    }
    if part.hasPrefix("embedding") || part == "pos_embedding" || part == "lookup_table" {
      return along(axes: 0..<1, of: shape, name: "row")
    }
    if layer.isOutputFirst(part, shape) {
      return layer.isLast
        ? along(axes: 1..<2, of: shape, name: shape.count == 2 ? "input column" : "input channel")
        : along(axes: 0..<1, of: shape, name: shape.count == 2 ? "output row" : "filter")
    }
    // A bias of several axes (heads × units) has one value a unit.
    if part == "bias" {
      return UnitView(
        units: max(count, 1), inner: 1, name: layer.isLast ? "class" : "head unit", isExchangeable: !layer.isLast)
    }
    let isTransposed = layer.isTransposed(shape)
    if layer.isLast {
      let axis = shape.count - (isTransposed ? 1 : 2)
      return along(axes: axis..<axis + 1, of: shape, name: shape.count == 2 ? "input row" : "input channel")
    }
    if part.hasPrefix("depthwise") {
      return along(axes: shape.count - 2..<shape.count, of: shape, name: "depthwise filter")
    }
    let name = shape.count == 2 ? "output column" : "filter"
    if isTransposed { return along(axes: shape.count - 2..<shape.count - 1, of: shape, name: name) }
    if let bias = layer.shapes["bias"], let axes = axes(of: shape, like: bias) {
      return along(axes: axes, of: shape, name: axes.count > 1 ? "head unit" : name)
    }
    return along(axes: shape.count - 1..<shape.count, of: shape, name: name)
  }

  /// The run of axes whose lengths are the bias's; the last such run, for the output comes last.
  private static func axes(of shape: [Int], like bias: [Int]) -> Range<Int>? {
    guard !bias.isEmpty, bias.count < shape.count else { return nil }
    for start in (1...(shape.count - bias.count)).reversed() where Array(shape[start..<start + bias.count]) == bias {
      return start..<start + bias.count
    }
    return nil
  }

  private static func along(axes: Range<Int>, of shape: [Int], name: String) -> UnitView {
    UnitView(
      units: max(shape[axes].reduce(1, *), 1), inner: max(shape[axes.upperBound...].reduce(1, *), 1), name: name)
  }

  /// LSTM and GRU keep the gates side by side: column g · U + u belongs to unit u.
  private static func recurrent(shape: [Int], layer: LayerContext) -> UnitView? {
    guard let recurrent = layer.shapes["recurrent_kernel"], recurrent.count == 2, recurrent[0] > 0,
      recurrent[1] % recurrent[0] == 0, let columns = shape.last, columns == recurrent[1]
    else { return nil }
    return UnitView(units: recurrent[0], inner: 1, name: "recurrent unit")
  }
}

/// What a kernel takes and gives, to tell which one feeds which.
struct KernelShape {
  let layer: String
  let inputs: Int
  let outputs: Int
  /// Has more than two axes: what follows may take its outputs flattened.
  let isConvolution: Bool
  /// The numbers in `layer_with_weights-3/…`, which follow the network; empty where paths don't tell.
  let position: [Int]

  init(layer: String, part: String, shape: [Int], path: String? = nil, context: LayerContext = LayerContext()) {
    self.layer = layer
    let last = shape.last ?? 1
    let before = shape.count >= 2 ? shape[shape.count - 2] : 1
    if context.isOutputFirst(part, shape) {
      (inputs, outputs) = (shape[1], shape[0])
    } else {
      let isTransposed = context.isTransposed(shape)
      inputs = isTransposed ? last : before
      outputs = isTransposed ? before : part.hasPrefix("depthwise") ? before * last : last
    }
    isConvolution = shape.count > 2
    let marker = "layer_with_weights-"
    position = (path ?? "").split(separator: "/").compactMap {
      $0.hasPrefix(marker) ? Int($0.dropFirst(marker.count)) : nil
    }
  }

  func mayFeed(_ other: KernelShape) -> Bool {
    if layer == other.layer { return false }
    if !position.isEmpty, !other.position.isEmpty, other.position.lexicographicallyPrecedes(position) { return false }
    if other.inputs == outputs { return true }
    return isConvolution && !other.isConvolution && outputs > 1 && other.inputs > 0 && other.inputs % outputs == 0
  }
}

/// Finds the layers whose kernel is the network's last: no other kernel takes as many inputs as it
/// has outputs, or as a flattened convolution has.
///
/// Shapes are all that every format has; where object paths number the layers, only later ones count.
func lastLayers(_ kernels: [KernelShape]) -> Set<String> {
  let feeding = kernels.filter { kernel in kernels.contains { kernel.mayFeed($0) } }
  return Set(kernels.map(\.layer)).subtracting(feeding.map(\.layer))
}
