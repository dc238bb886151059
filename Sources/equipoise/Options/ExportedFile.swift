import Checkpoints
import Comparison
import HDF5Store
import Results

/// One file that export wrote, in place of two models.
struct ExportedFile {
  let path: String

  /// Its two sides as models, for what only the tensors tell.
  var sides: [String] { ["\(path)/a", "\(path)/b"] }

  /// The results as they are in the file.
  func results() throws -> ModelComparison {
    try Probe.look(atResultsOf: path)
    return try readResults(from: path, profiles: true)
  }

  /// Tests again from the unit sums; `nil` where these can't tell what is asked for.
  func retested(
    _ options: ComparisonOptions, _ comparison: ComparisonArguments, _ selection: SelectionOptions,
    progress: WorkProgress
  ) async throws -> ModelComparison? {
    guard !comparison.needsTensors, options.significance?.needsTensors != true else { return nil }
    try Probe.look(atResultsOf: path)
    return try await retestHDF5(
      path, options: options, roles: selection.roles == nil ? nil : options.roles, progress: progress)
  }
}
