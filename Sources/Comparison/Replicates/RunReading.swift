import Checkpoints
import Results
import Statistics
import Threads

/// One tensor of all runs, as far as the tests look at it.
struct RunSample: Sendable {
  /// Its result, but for the tests.
  let tensor: RunTensor
  /// Over all families of features.
  let distances: RunDistances
  let families: [(family: RunFeatures.Family, distances: RunDistances)]
  /// Shape `[runs, runs]`: whether the features of two runs are the same.
  let isSame: [Bool]

  /// - Parameters:
  ///   - tensor: What the features don't tell.
  ///   - features: Of each run, those of A first.
  /// - Throws: `SampleError` for features that are not finite, or not as many in each run.
  init(_ tensor: RunTensor, _ features: [RunFeatures]) throws(SampleError) {
    (distances, families) = try RunDistances.of(features)
    let n = features.count
    var same = [Bool](repeating: false, count: n * n)
    for i in 0..<n { for j in 0..<n { same[i * n + j] = features[i] == features[j] } }
    isSame = same
    var tensor = tensor
    tensor.features = families.map(\.family.rawValue)
    tensor.norms = features.map(\.norm)
    tensor.deadUnits = features.first?.deadUnits == nil ? nil : features.map { $0.deadUnits ?? 0 }
    self.tensor = tensor
  }
}

/// What a comparison of runs has of one tensor for a moment: its result but for the tests, and of each run, those of A
/// first, where it lies and what it is compared by.
package struct RunFindings: Sendable {
  package let tensor: RunTensor
  package let stored: [StoredTensor]
  package let features: [RunFeatures]
}

/// Reads the shared tensors of all runs, a tensor at a time, and keeps distances between runs only.
///
/// Memory is that of the features of a few tensors and O(runs²) for each.
struct RunReading {
  let checkpoints: [any Checkpoint]
  let alignment: RunAlignment
  let contexts: [String: LayerContext]
  let options: ComparisonOptions
  let progress: WorkProgress

  init(_ catalogues: [Catalogue], _ alignment: RunAlignment, _ options: ComparisonOptions, _ progress: WorkProgress) {
    checkpoints = catalogues.map(\.checkpoint)
    self.alignment = alignment
    contexts = catalogues.first.map(layerContexts(of:)) ?? [:]
    self.options = options
    self.progress = progress
  }

  /// Samples in the order of the alignment, and what could not be read.
  ///
  /// - Parameter found: Told of each tensor that could be.
  /// - Throws: `CancellationError`; damaged tensors are listed instead.
  /// - Complexity: O(bytes of all runs) time, beside the singular values.
  func samples(
    found: (RunFindings) throws -> Void = { _ in }
  ) async throws -> (samples: [RunSample], damaged: [Damage]) {
    let runs = checkpoints.count
    let tensors = alignment.tensors
    progress.expect(.reading, tensors.reduce(0) { $0 + $1.stored.reduce(0) { $0 + $1.byteCount } })
    var samples: [RunSample] = []
    var damaged: [Damage] = []
    var features: [RunFeatures] = []
    var isWhole = true
    try await inOrder(count: tensors.count * runs, width: options.threads) {
      i -> Result<RunFeatures, CheckpointError> in
      do {
        return .success(try read(tensors[i / runs], run: i % runs))
      } catch let error as CheckpointError {
        return .failure(error)
      }
    } consume: { i, outcome in
      let tensor = tensors[i / runs]
      switch outcome {
      case .success(let found): features.append(found)
      case .failure(let error):
        isWhole = false
        damaged.append(
          Damage(
            name: "\(tensor.entry.name) in \(checkpoints[i % runs].model.path)", reason: error.description,
            isCorrupt: error.isDamage))
      }
      guard i % runs == runs - 1 else { return }
      if isWhole {
        let sample = try RunSample(description(tensor, features), features)
        samples.append(sample)
        try found(RunFindings(tensor: sample.tensor, stored: tensor.stored, features: features))
      }
      features = []
      isWhole = true
    }
    return (samples, damaged)
  }

  private func view(_ tensor: RunAlignment.Tensor) -> UnitView {
    UnitView.of(
      shape: tensor.entry.stored.shape, part: tensor.entry.part, layer: contexts[tensor.entry.layer] ?? LayerContext(),
      choice: options.unit)
  }

  private func read(_ tensor: RunAlignment.Tensor, run: Int) throws -> RunFeatures {
    let stored = tensor.stored[run]
    guard stored.elementType.isNumeric else {
      throw CheckpointError.unsupported(
        file: stored.key, reason: "values of type \(stored.elementType.name) have no features to compare runs by")
    }
    return try FeaturePass(
      TensorSource(checkpoints[run], stored), view: view(tensor), verifies: options.verifies, progress: progress
    ).run()
  }

  /// What is known of a tensor beside its features.
  private func description(_ tensor: RunAlignment.Tensor, _ features: [RunFeatures]) -> RunTensor {
    let view = view(tensor)
    let stored = tensor.entry.stored
    var warnings = FeaturePass.omissions(
      shape: stored.shape, view: view, components: stored.elementType.components)
    let nonFinite = features.map(\.nonFinite).filter { $0 > 0 }
    if !nonFinite.isEmpty {
      warnings.append(
        "\(nonFinite.reduce(0, +)) elements of \(nonFinite.count) runs are not finite and were left out")
    }
    if Set(tensor.stored.map(\.elementType)).count > 1 {
      warnings.append(
        "the runs store it as different types: the rounding of the narrower one can pass for a difference")
    }
    let entry = tensor.entry
    return RunTensor(
      name: entry.name, layer: entry.layer, role: entry.role, shape: stored.shape, count: stored.count,
      unit: view.name, unitCount: view.units, features: [], norms: [], deadUnits: nil, tests: [], warnings: warnings)
  }
}
