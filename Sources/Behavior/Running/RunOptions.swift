/// How the two models are run.
public struct RunOptions: Sendable {
  /// Tags of the graph, separated by commas; `nil` for the one meant for serving.
  public var tag: String?
  /// `nil` for `serving_default`, or the only one.
  public var signature: String?
  /// Name of the output that holds the predictions; `nil` for the only one.
  public var output: String?
  public var batchSize = 256
  /// Give an input whose examples have as many numbers, in another shape, the shape that the signature wants.
  public var reshapes = false
  /// Batches side by side; never alters a result.
  public var threads = 2

  public init() {}
}
