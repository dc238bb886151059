import CKernels
import Checkpoints
import Results
import Statistics
import Tensors
import Threads

/// A comparison with what an export needs beside the results: which tensors were paired, and the sums
/// behind the tests.
public struct PairedModels: Sendable {
  public struct Tensors: Sendable {
    public let a: StoredTensor, b: StoredTensor
    /// Per-unit sums; `nil` for strings.
    public let sums: UnitSums?
  }

  public var result: ModelComparison
  /// In the order of `result.pairs`.
  public var tensors: [Tensors]
  public let a: any Checkpoint, b: any Checkpoint

  /// In which respects the two models are the same.
  public var same: Sameness { result.same }
}

/// What a comparison has of one pair for a moment: its result but for what depends on the other layers, what tests see
/// of it, and null distributions where they are kept.
package struct PairFindings: Sendable {
  package let result: PairResult
  /// `nil` for strings.
  package let sample: UnitSample?
  package let nulls: [NullDistribution]
}

/// Compares two models: structure, metadata, weights, and with ``ComparisonOptions/significance`` the tests.
///
/// - Parameter progress: Told of bytes read and layers tested.
/// - Throws: ``PairingError`` for a map that fits nothing, `CancellationError`; damaged tensors are listed
///   in the result instead.
/// - Complexity: One pass over the bytes of both models; memory does not grow with them.
public func compare(
  _ a: any Checkpoint, _ b: any Checkpoint, options: ComparisonOptions, progress: WorkProgress = .ignored
) async throws -> PairedModels {
  try await compare(a, b, options: options, progress: progress, willRead: { _ in }, found: { _ in })
}

/// The same for one who wants more of each pair than is kept.
///
/// - Parameters:
///   - willRead: Told of the pairs before a byte of them is read.
///   - found: Told of each pair in the order of the results.
package func compare(
  _ a: any Checkpoint, _ b: any Checkpoint, options: ComparisonOptions, progress: WorkProgress,
  willRead: ([(a: StoredTensor, b: StoredTensor)]) throws -> Void, found: (PairFindings) throws -> Void
) async throws -> PairedModels {
  let left = Catalogue(a)
  let right = Catalogue(b)
  let pairing = try Pairing(left, right, roles: options.roles, map: options.map, isIncluded: options.isIncluded)
  let (layers, together) = layerAnalyses(pairing, left, a, b, options, progress)
  try willRead(pairing.pairs.map { ($0.a.stored, $0.b.stored) })
  progress.expect(.reading, pairing.pairs.reduce(0) { $0 + $1.a.stored.byteCount + $1.b.stored.byteCount })
  if options.significance != nil { progress.expect(.testing, layers.count) }

  let facts = FactDifferences(left, right)
  var result = ModelComparison(
    schema: options.significance == nil ? ModelComparison.comparisonSchema : ModelComparison.significanceSchema,
    provenance: Provenance([a, b], arguments: options.arguments, significance: options.significance),
    warnings: a.model.warnings.map { "A: \($0)" } + b.model.warnings.map { "B: \($0)" } + facts.warnings
      + pairing.warnings,
    a: ModelSummary(left, roles: options.roles), b: ModelSummary(right, roles: options.roles), verdict: .different,
    pairs: [], unpaired: Unpaired(a: pairing.unpairedA.map(\.unpaired), b: pairing.unpairedB.map(\.unpaired)),
    mismatched: pairing.mismatched.map(Mismatch.init), damaged: [],
    structure: facts.structure, metadata: facts.metadata)
  result.warnings += unmatchedPatterns(options.include, option: "--include", in: [left, right])
  result.warnings += unmatchedPatterns(options.exclude, option: "--exclude", in: [left, right])
  if !pairing.mismatched.isEmpty || !pairing.unpairedA.isEmpty || !pairing.unpairedB.isEmpty {
    result.warnings.append(
      "\(pairing.unpairedA.count) tensors only in A, \(pairing.unpairedB.count) only in B, "
        + "\(pairing.mismatched.count) of another shape: listed, not compared")
  }

  var tensors: [PairedModels.Tensors] = []
  var layerResults: [LayerResult] = []
  var smallest: [Double?] = []
  func consume(_ i: Int, _ outcome: LayerAnalysis.Outcome) throws {
    let kept = layers[i].pairs.filter { pair in !outcome.damaged.contains { $0.name == pair.name } }
    for (j, pair) in kept.enumerated() {
      let sample = outcome.samples[j]
      tensors.append(
        PairedModels.Tensors(a: pair.a.stored, b: pair.b.stored, sums: sample?.sums.withoutHistograms))
      try found(
        PairFindings(
          result: outcome.pairs[j], sample: sample, nulls: outcome.nulls.isEmpty ? [] : outcome.nulls[j]))
    }
    result.pairs += outcome.pairs
    result.damaged += outcome.damaged
    if let layer = outcome.layer, !layer.tensors.isEmpty {
      layerResults.append(layer)
      smallest.append(outcome.smallestPValue)
    }
    if options.significance != nil { progress.advance(.testing, by: 1) }
  }
  if together == 1 {
    try await pipelined(count: layers.count, threads: options.threads) {
      try await layers[$0].read(threads: $1)
    } then: {
      try await layers[$0].outcome(of: $1, threads: $2)
    } consume: {
      try consume($0, $1)
    }
  } else {
    let each = max(1, options.threads / together)
    try await sideBySide(count: layers.count, width: together, each: each) {
      try await layers[$0].outcome(of: layers[$0].read(threads: each), threads: each)
    } consume: {
      try consume($0, $1)
    }
  }
  if let significance = options.significance {
    result.adjust(layerResults, smallest: smallest, significance)
    if significance.tests.contains(ScaleTest.id) {
      // A layer's outgoing weights may be left out of the comparison; they are looked at all the same.
      let all = try Pairing(left, right, roles: options.roles, map: options.map, isIncluded: { _ in true })
      result.describeRescaling(all.pairs, layerContexts(of: left), tensors, a, b)
    }
  }
  result.verdict = verdict(result, tensors, roles: options.roles, a, b)
  result.same = sameness(result.verdict, facts, a, b)
  return PairedModels(result: result, tensors: tensors, a: a, b: b)
}

/// Pairs by layer, in the order of the network as far as names tell, and how many layers to take side by side.
private func layerAnalyses(
  _ pairing: Pairing, _ catalogue: Catalogue, _ a: any Checkpoint, _ b: any Checkpoint, _ options: ComparisonOptions,
  _ progress: WorkProgress
) -> (layers: [LayerAnalysis], together: Int) {
  let ordered = pairing.pairs.sorted {
    naturallyPrecedes($0.a.stored.objectPath ?? $0.a.stored.key, $1.a.stored.objectPath ?? $1.a.stored.key)
  }
  let contexts = layerContexts(of: catalogue)
  var order: [String] = []
  var groups: [String: [Pairing.Pair]] = [:]
  for pair in ordered {
    if groups[pair.layer] == nil { order.append(pair.layer) }
    groups[pair.layer, default: []].append(pair)
  }
  let sizes = order.map { (groups[$0] ?? []).reduce(0) { $0 + $1.a.stored.byteCount + $1.b.stored.byteCount } }
  // Layers run side by side, except where one would keep the others waiting: then all threads go through one after another.
  let isUneven = (sizes.max() ?? 0) > max(16 << 20, sizes.reduce(0, +) / (2 * options.threads))
  let together = isUneven ? 1 : max(1, min(order.count, options.threads))
  let layers = order.map {
    LayerAnalysis(
      layer: $0, pairs: groups[$0] ?? [], context: contexts[$0] ?? LayerContext(), a: a, b: b, options: options,
      progress: progress)
  }
  return (layers, together)
}

/// Differences of optimizer and graph are listed, not counted, unless nothing else was asked for.
private func verdict(
  _ result: ModelComparison, _ tensors: [PairedModels.Tensors], roles: Set<Role>, _ a: any Checkpoint,
  _ b: any Checkpoint
) -> Verdict {
  if result.pairs.isEmpty && result.damaged.isEmpty { return .incomparable }
  let uncounted: Set<Role> = roles.isSubset(of: [.optimizer, .graph]) ? [] : [.optimizer, .graph]
  let changed = zip(result.pairs, tensors).contains { pair, tensors in
    !uncounted.contains(pair.role) && (tensors.sums.map { $0.total(eqp_changed) != 0 } ?? !pair.identical)
  }
  if changed || !result.damaged.isEmpty || result.mismatched.contains(where: { !uncounted.contains($0.role) })
    || (result.unpaired.a + result.unpaired.b).contains(where: { !uncounted.contains($0.role) })
  {
    return .different
  }
  return haveSameFiles(a.model, b.model) ? .identicalFiles : .identicalValues
}

private func sameness(
  _ verdict: Verdict, _ facts: FactDifferences, _ a: any Checkpoint, _ b: any Checkpoint
) -> Sameness {
  let isUnknown = a.recordedFingerprints.isEmpty || b.recordedFingerprints.isEmpty
  return Sameness(
    bytes: verdict == .identicalFiles || haveSameFiles(a.model, b.model),
    values: verdict == .incomparable ? nil : verdict != .different, metadata: facts.hasSameMetadata,
    graph: facts.hasSameGraph, fingerprint: isUnknown ? nil : a.recordedFingerprints == b.recordedFingerprints)
}

extension Catalogue.Entry {
  fileprivate var unpaired: Unpaired.Tensor {
    Unpaired.Tensor(name: name, key: stored.key, role: role, dtype: stored.elementType.name, shape: stored.shape)
  }
}

extension Mismatch {
  fileprivate init(_ pair: Pairing.Pair) {
    self.init(
      name: pair.name, role: pair.role, keyA: pair.a.stored.key, keyB: pair.b.stored.key, shapeA: pair.a.stored.shape,
      shapeB: pair.b.stored.shape, dtypeA: pair.a.stored.elementType.name, dtypeB: pair.b.stored.elementType.name)
  }
}

extension UnitSums {
  /// The sums alone: what an export keeps of a pair.
  fileprivate var withoutHistograms: UnitSums {
    UnitSums(
      units: units, fields: fields, normA: normA, normB: normB, histogramA: [], histogramB: [], bins: bins, low: low,
      width: width, shift: shift, tensorUnits: tensorUnits)
  }
}
