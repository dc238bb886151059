import Checkpoints
import Comparison
import Results
import TensorFlowRuntime
import Tensors
import Threads

/// A SavedModel with one of its signatures, ready to be run on arrays.
public struct RunnableModel: Sendable {
  public let path: String
  public let interface: ServingInterface
  public let signatureName: String
  public let outputName: String
  let signature: ServingInterface.Signature
  let session: TensorFlowSession
  private let options: RunOptions

  /// Loads the model.
  ///
  /// - Throws: ``BehaviorError`` for a signature or an output that is not there, with those that are; ``CheckpointError``,
  ///   ``TensorFlowError``.
  public init(at path: String, library: TensorFlowLibrary, options: RunOptions) throws {
    self.path = path
    self.options = options
    interface = try ServingInterface(at: path, tag: options.tag)
    (signatureName, signature) = try Self.signature(of: interface, options.signature, path)
    outputName = try Self.output(of: signature, options.output, path, signatureName)
    // TensorFlow loads a model without its variables as if nothing were amiss.
    if interface.variableCount > 0, interface.variables == nil {
      throw BehaviorError(
        path,
        "its graph has \(interface.variableCount) variables, and there is no variables/variables.index; copy the whole folder"
      )
    }
    session = try TensorFlowSession(library, folder: interface.folder, tags: interface.tags)
  }

  private static func signature(
    of interface: ServingInterface, _ wanted: String?, _ path: String
  ) throws(BehaviorError) -> (String, ServingInterface.Signature) {
    // The one that only marks how the model was loaded takes and gives nothing.
    let usable = interface.signatures.filter { !$0.value.outputs.isEmpty }.sorted { $0.key < $1.key }
    let names = usable.map(\.key)
    if let wanted {
      guard let found = usable.first(where: { $0.key == wanted }) else {
        throw BehaviorError(
          path, "has no signature '\(wanted)'; there " + (usable.isEmpty ? "is none" : "are \(listed(names))"))
      }
      return found
    }
    if let found = usable.first(where: { $0.key == "serving_default" }) { return found }
    guard usable.count == 1 else {
      throw BehaviorError(
        path,
        usable.isEmpty
          ? "has no signature that returns anything, so it can't be run; export it with one"
          : "has no signature serving_default; choose by --signature, of \(listed(names))")
    }
    return usable[0]
  }

  private static func output(
    of signature: ServingInterface.Signature, _ wanted: String?, _ path: String, _ name: String
  ) throws(BehaviorError) -> String {
    let all = signature.outputs.keys.sorted()
    if let wanted {
      guard all.contains(wanted) else {
        throw BehaviorError(path, "signature '\(name)' has no output '\(wanted)'; there are \(listed(all))")
      }
      return wanted
    }
    guard all.count == 1 else {
      throw BehaviorError(
        path, "signature '\(name)' has \(all.count) outputs; choose by --output-name, of \(listed(all))")
    }
    return all[0]
  }

  /// Predicts every example, in batches.
  ///
  /// - Parameter progress: Told of examples.
  /// - Throws: ``BehaviorError`` for inputs that do not fit the signature, ``TensorFlowError``, `CancellationError`.
  public func predict(_ inputs: ModelInputs, progress: WorkProgress = .ignored) async throws -> NumericArray {
    let feeds = try feeds(inputs)
    let count = inputs.count
    let fixed = feeds.compactMap(\.fixedBatch).first
    let size = fixed ?? max(1, min(options.batchSize, count))
    let batches = (count + size - 1) / size
    var values: [Double] = []
    var shape: [Int] = []
    var type = ElementType.unknown
    try await inOrder(count: batches, width: options.threads) { batch in
      let range = batch * size..<min(count, (batch + 1) * size)
      let result = try run(feeds, range, padded: fixed)
      progress.advance(.running, by: range.count)
      return try decoded(result, examples: range.count)
    } consume: { _, batch in
      values += batch.values
      guard shape.isEmpty || shape == batch.shape else {
        throw BehaviorError(
          path, "output '\(outputName)' has another shape in each batch; --batch-size \(count) runs all at once")
      }
      (shape, type) = (batch.shape, batch.type)
    }
    return NumericArray(
      path: path, dtype: type.name, isInteger: [.integer, .boolean].contains(type.kind), shape: [count] + shape,
      values: values)
  }

  private struct Feed {
    var tensor: String
    var name: String
    var type: ElementType
    /// Of one example.
    var shape: [Int]
    /// Examples that the signature takes at a time, where it fixes them.
    var fixedBatch: Int?
    var array: InputArray
  }

  /// Arrays and inputs, matched and checked.
  private func feeds(_ inputs: ModelInputs) throws(BehaviorError) -> [Feed] {
    let names = signature.inputs.keys.sorted()
    let wanted = names.map { "\($0) \(signature.inputs[$0].map(Self.words) ?? "")" }
    if !inputs.isNamed {
      guard names.count == 1, let argument = signature.inputs[names[0]], let array = inputs.arrays.values.first else {
        throw BehaviorError(
          inputs.path,
          "one array, and signature '\(signatureName)' of \(path) takes \(names.count): \(listed(wanted)); give a .npz with these names"
        )
      }
      return [try feed(array, names[0], argument)]
    }
    var result: [Feed] = []
    for name in names {
      guard let array = inputs.arrays[name], let argument = signature.inputs[name] else {
        throw BehaviorError(
          inputs.path,
          "has no array '\(name)'; signature '\(signatureName)' of \(path) takes \(listed(wanted)), and the archive holds "
            + listed(inputs.arrays.keys.sorted()))
      }
      result.append(try feed(array, name, argument))
    }
    return result
  }

  private func feed(
    _ array: InputArray, _ name: String, _ argument: ServingInterface.Argument
  ) throws(BehaviorError) -> Feed {
    let takes = "input '\(name)' of signature '\(signatureName)' of \(path) takes \(Self.words(argument))"
    guard (array.texts != nil) == (argument.elementType == .string) else {
      throw BehaviorError(array.path, "holds \(array.dtype), and \(takes)")
    }
    var feed = Feed(
      tensor: argument.tensor, name: name, type: argument.elementType, shape: Array(array.shape.dropFirst()),
      fixedBatch: nil, array: array)
    guard let shape = argument.shape else { return feed }
    guard let first = shape.first else {
      throw BehaviorError(array.path, "\(takes), a single number, so it can't be run on examples")
    }
    feed.fixedBatch = first
    let inner = Array(shape.dropFirst())
    let fits =
      inner.count == feed.shape.count
      && zip(inner, feed.shape).allSatisfy { wanted, found in wanted == nil || wanted == found }
    if fits { return feed }
    let known = inner.compactMap { $0 }
    let isSame = known.count == inner.count && known.reduce(1, *) == array.width
    guard isSame, options.reshapes else {
      throw BehaviorError(
        array.path,
        "shape \(Behavior.words(array.shape)), and \(takes)"
          + (isSame ? "; --reshape gives each example's \(array.width) numbers that shape, in their order" : ""))
    }
    feed.shape = known
    return feed
  }

  /// `float32 [?, 64]`.
  private static func words(_ argument: ServingInterface.Argument) -> String {
    let shape = argument.shape.map { "[" + $0.map { $0.map(String.init) ?? "?" }.joined(separator: ", ") + "]" }
    return "\(argument.elementType.name) \(shape ?? "of any shape")"
  }

  private func run(_ feeds: [Feed], _ range: Range<Int>, padded: Int?) throws -> TensorValue {
    var values: [(tensor: String, value: TensorValue)] = []
    // The last batch of a model that takes just so many is filled up with its last example.
    let missing = max(0, (padded ?? 0) - range.count)
    for feed in feeds {
      let shape = [range.count + missing] + feed.shape
      if let texts = feed.array.texts {
        let width = feed.array.width
        var part = Array(texts[range.lowerBound * width..<range.upperBound * width])
        for _ in 0..<missing { part += part.suffix(width) }
        values.append((feed.tensor, TensorValue(texts: part, shape: shape)))
      } else {
        var bytes = try feed.array.encoded(range, as: feed.type, input: feed.name)
        let last = bytes.suffix(bytes.count / max(1, range.count))
        for _ in 0..<missing { bytes += last }
        values.append((feed.tensor, TensorValue(feed.type, shape: shape, bytes: bytes)))
      }
    }
    return try session.run(values, outputs: [signature.outputs[outputName]?.tensor ?? ""])[0]
  }

  private func decoded(
    _ value: TensorValue, examples: Int
  ) throws(BehaviorError) -> (values: [Double], shape: [Int], type: ElementType) {
    let output = "output '\(outputName)' of signature '\(signatureName)'"
    guard let batch = value.shape.first, batch >= examples else {
      throw BehaviorError(
        path,
        "\(output) has the shape \(Behavior.words(value.shape)) for \(examples) examples; expected one row for each")
    }
    let count = value.shape.reduce(1, *)
    guard let size = value.elementType.byteWidth, value.elementType.kind != .complex, value.bytes.count == count * size
    else { throw BehaviorError(path, "\(output) is \(value.elementType.name); expected real numbers") }
    var values = try decode(value.bytes, as: value.elementType, count: count, path: path)
    values.removeLast((batch - examples) * (count / max(1, batch)))
    return (values, Array(value.shape.dropFirst()), value.elementType)
  }

  /// The predictions with where they come from.
  public func sourced(_ predictions: NumericArray) -> SourcedPredictions {
    SourcedPredictions(
      array: predictions,
      source: BehaviorSource(
        path: path, kind: "model", dtype: predictions.dtype, shape: predictions.shape, signature: signatureName,
        output: outputName))
  }
}
