import Checkpoints
import Comparison
import Results
import TensorFlowRuntime
import Tensors

/// What is asked of two models beyond their predictions.
public struct ExchangeOptions: Sendable {
  /// Exchange each layer.
  public var transplants = false
  /// Points on the straight line between the weights, both ends included; `nil` for none.
  public var points: Int?
  /// How tensors are paired and layers tested, for the p beside each layer.
  public var comparison = ComparisonOptions()

  public init() {}
}

/// Runs two models on the same inputs and compares their predictions, and what exchanging weights does to them.
///
/// - Parameters:
///   - inputs: Examples first.
///   - labels: See ``compareBehavior(_:_:labels:options:)``; needed where weights are exchanged.
///   - progress: Told of examples, and of what ``Comparison/compare(_:_:options:progress:)`` tells.
/// - Throws: ``BehaviorError``, ``CheckpointError``, ``TensorFlowError``, `CancellationError`.
/// - Complexity: One run over the inputs a model, two a layer, one a point.
public func runBehavior(
  _ a: any Checkpoint, _ b: any Checkpoint, library: TensorFlowLibrary, inputs: ModelInputs, labels: NumericArray?,
  run: RunOptions, options: BehaviorOptions, exchange: ExchangeOptions, progress: WorkProgress = .ignored
) async throws -> BehaviorComparison {
  try await runBehavior(
    a, b, library: library, inputs: inputs, labels: labels, run: run, options: options, exchange: exchange,
    progress: progress, found: { _ in })
}

/// The same for one who wants more than is kept.
///
/// - Parameter found: Told of every example.
package func runBehavior(
  _ a: any Checkpoint, _ b: any Checkpoint, library: TensorFlowLibrary, inputs: ModelInputs, labels: NumericArray?,
  run: RunOptions, options: BehaviorOptions, exchange: ExchangeOptions, progress: WorkProgress,
  found: (BehaviorExamples) throws -> Void
) async throws -> BehaviorComparison {
  if let labels, labels.texts == nil, labels.count != inputs.count {
    throw BehaviorError(
      labels.path,
      "\(labels.count) labels for \(inputs.count) inputs; both must be of the same examples in the same order")
  }
  let modelA = try RunnableModel(at: a.model.path, library: library, options: run)
  let modelB = try RunnableModel(at: b.model.path, library: library, options: run)
  progress.expect(.running, 2 * inputs.count)
  let ofA = try await modelA.predict(inputs, progress: progress)
  let ofB = try await modelB.predict(inputs, progress: progress)
  var result = try await compareBehavior(
    modelA.sourced(ofA), modelB.sourced(ofB), labels: labels, options: options, found: found)
  result.provenance.libraries["tensorflow"] = library.version
  result.provenance.inputs =
    [a, b].map {
      Provenance.Input(
        path: $0.model.path, size: $0.model.files.values.reduce(0, +), fingerprint: $0.model.fingerprint)
    } + [inputs.path, labels?.path].compactMap { $0 }.map(Provenance.Input.init(file:))
  guard exchange.transplants || exchange.points != nil else { return result }
  guard let labels else {
    throw BehaviorError("", "--transplant and --interpolate measure the loss; give the examples' --labels")
  }
  let pairs = try await compare(a, b, options: exchange.comparison, progress: progress)
  guard pairs.result.verdict != .incomparable else {
    throw BehaviorError(b.model.path, "no tensor of it belongs to one of \(a.model.path), so nothing can be exchanged")
  }
  let transplant = Transplant(modelA, modelB, pairs: pairs, inputs: inputs, labels: labels, options: options)
  if exchange.transplants {
    result.transplant = try await transplant.layers(ofA: ofA, ofB: ofB, progress: progress)
  }
  if let points = exchange.points {
    result.interpolation = try await transplant.interpolation(points: points, progress: progress)
  }
  result.warnings += pairs.result.warnings
  return result
}

extension Provenance.Input {
  /// A file of predictions, labels or inputs.
  init(file path: String) {
    self.init(path: path, size: FileStatus.find(arrayFile(of: path))?.size ?? 0, fingerprint: nil)
  }
}
