import Checkpoints
import Results
import Statistics

/// Version of the tool; the CHANGELOG says what each brought.
public let equipoiseVersion = "0.1.0"

extension Provenance {
  /// Name of the generator of every random choice.
  static let philox = "Philox4x32-10"

  /// The provenance of a document about `checkpoints`.
  init(_ checkpoints: [any Checkpoint], arguments: [String], significance: SignificanceOptions? = nil) {
    self.init(
      version: equipoiseVersion, arguments: arguments, seed: significance?.seed,
      generator: significance == nil ? nil : Self.philox, resamples: significance?.resamples,
      libraries: ["gsl": gslVersion],
      inputs: checkpoints.map(\.model).map {
        Input(path: $0.path, size: $0.files.values.reduce(0, +), fingerprint: $0.fingerprint)
      })
  }
}

extension ModelSummary {
  init(_ catalogue: Catalogue, roles: Set<Role>) {
    let model = catalogue.checkpoint.model
    let selected = catalogue.selected(roles)
    self.init(
      path: model.path, format: model.format, tags: model.tags, tensorFlowVersion: model.tensorFlowVersion,
      kerasVersion: model.kerasVersion, tensorCount: selected.count,
      weightCount: selected.reduce(0) { $0 + $1.stored.count })
  }
}
