import CKernels
import Checkpoints
import Results
import Tensors
import Threads

/// What `inspect` is asked for beyond the catalogue.
public struct InspectOptions: Sendable {
  public var roles: Set<Role> = Set(Role.allCases)
  public var include: [String] = []
  public var exclude: [String] = []
  public var stats = false
  public var digest = false
  public var verify = false
  public var threads = 2
  public var arguments: [String] = []

  public init() {}
}

/// What is in a model: tensors with names, layers and roles, metadata, structure.
///
/// Tensor data is read only for statistics, digests and verification, but for what is a fact about the training: scalars
/// of the optimizer, counters, moving statistics, vocabularies. A damaged tensor is listed with
/// the reason and does not hide the others.
/// - Complexity: O(tensors), and O(bytes) where values are asked for.
public func inspect(
  _ checkpoint: any Checkpoint, options: InspectOptions, progress: WorkProgress = .ignored
) async throws -> Inspection {
  let catalogue = Catalogue(checkpoint)
  let model = checkpoint.model
  var filter = ComparisonOptions()
  filter.include = options.include
  filter.exclude = options.exclude
  let isIncluded = filter
  // Entries are large: places in the catalogue stand for them.
  let chosen = catalogue.entries.indices.filter {
    options.roles.contains(catalogue.entries[$0].role) && isIncluded.isIncluded(catalogue.entries[$0].name)
  }
  var tensors: [Inspection.Tensor] = []
  tensors.reserveCapacity(chosen.count)
  var integrity = Inspection.Integrity(checked: 0, failed: [], hasChecksums: checkpoint.hasChecksums)
  if options.verify {
    let files = checkpoint.verifyFiles()
    integrity.checked += files.checked
    integrity.failed += files.failures.map { .init(key: nil, reason: $0.description) }
  }
  let reads = options.verify || options.digest || options.stats
  if reads { progress.expect(.reading, chosen.reduce(0) { $0 + catalogue.entries[$1].stored.byteCount }) }
  if !reads { for i in chosen { tensors.append(described(catalogue.entries[i], in: catalogue)) } }
  try await inOrder(count: reads ? chosen.count : 0, width: options.threads) { i in
    let entry = catalogue.entries[chosen[i]]
    defer { progress.advance(.reading, by: entry.stored.byteCount) }
    return look(at: entry, in: catalogue, options)
  } consume: { _, found in
    tensors.append(found.tensor)
    if options.verify { integrity.checked += found.checked }
    if let failure = found.failure { integrity.failed.append(failure) }
  }
  let facts = ModelFacts(catalogue)
  return Inspection(
    provenance: Provenance([checkpoint], arguments: options.arguments),
    warnings: model.warnings + facts.warnings
      + unmatchedPatterns(options.include, option: "--include", in: [catalogue])
      + unmatchedPatterns(options.exclude, option: "--exclude", in: [catalogue]),
    model: Inspection.Model(
      path: model.path, format: model.format, tags: model.tags, tensorFlowVersion: model.tensorFlowVersion,
      kerasVersion: model.kerasVersion, files: model.files, fingerprint: model.fingerprint),
    tensors: tensors, metadata: facts.metadata, structure: facts.structure,
    integrity: options.verify || !integrity.failed.isEmpty ? integrity : nil)
}

private func described(_ entry: Catalogue.Entry, in catalogue: Catalogue) -> Inspection.Tensor {
  // Not in a variable, which would be a copy of all that is known of it.
  var tensor = Inspection.Tensor(
    name: entry.name, key: entry.stored.key, layer: entry.layer, role: entry.role, dtype: entry.stored.elementType.name,
    shape: entry.stored.shape, count: entry.stored.count, bytes: entry.stored.byteCount,
    duplicateOf: entry.duplicateOf.map { catalogue.entries[$0].stored.key })
  tensor.unreadable = entry.stored.unreadable
  return tensor
}

private func look(
  at entry: Catalogue.Entry, in catalogue: Catalogue, _ options: InspectOptions
) -> (tensor: Inspection.Tensor, checked: Int, failure: Inspection.Integrity.Failure?) {
  let stored = entry.stored
  var tensor = described(entry, in: catalogue)
  var checked = 0
  do throws(CheckpointError) {
    if options.verify, stored.unreadable == nil {
      checked = 1
      try catalogue.checkpoint.verify(stored)
    }
    if options.digest, stored.unreadable == nil { tensor.sha256 = try sha256(of: stored, in: catalogue.checkpoint) }
    if options.stats, stored.elementType.isNumeric, stored.unreadable == nil {
      tensor.stats = try statistics(of: stored, in: catalogue.checkpoint)
    }
  } catch {
    tensor.unreadable = error.description
    return (tensor, checked, .init(key: stored.key, reason: error.description))
  }
  return (tensor, checked, nil)
}

/// Sums of one tensor, by the same kernels as a pair's.
private func statistics(of stored: StoredTensor, in checkpoint: any Checkpoint) throws(CheckpointError)
  -> Inspection.Stats
{
  let source = try TensorSource(checkpoint, stored)
  let pass: PairPass = try PairPass(
    a: source, b: source, view: UnitView(units: 1, inner: max(stored.count, 1), name: "tensor"), histograms: [],
    verifies: true)
  let sums: PairSums
  do {
    sums = try pass.runSequentially()
  } catch let error as CheckpointError {
    throw error
  } catch {
    throw .io(file: stored.key, operation: "read", reason: "\(error)")
  }
  let n = sums.sums.total(eqp_count)
  let sum = sums.sums.total(eqp_sum_a)
  let squares = sums.sums.total(eqp_sum_aa)
  let none = Number.undefined("no finite elements")
  return Inspection.Stats(
    sum: Number(sum), sumSquares: Number(squares), mean: n > 0 ? Number(sum / n) : none,
    standardDeviation: n > 0 ? Number(sums.standardDeviations().a) : none,
    min: n > 0 ? Number(sums.sums.column(eqp_min_a).min() ?? 0) : none,
    max: n > 0 ? Number(sums.sums.column(eqp_max_a).max() ?? 0) : none, nanCount: sums.nonFinite["nan_a"] ?? 0,
    infCount: sums.nonFinite["inf_a"] ?? 0)
}
