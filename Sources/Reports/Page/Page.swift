import Foundation
import Results

/// The comparison of two models as one HTML page that needs nothing else: style, script, pictures and data are in it.
///
/// The same document gives the same bytes. Pictures of single tensors are drawn by the page's script from the
/// ``Results/PairProfile`` of each pair, where the document has them.
/// - Complexity: O(document) time; about 4 kB a tensor, for the ``PageDetail/limit`` tensors of the strongest layers.
public func page(_ result: ModelComparison) throws -> String {
  let layers = PageLayer.all(of: result)
  let detail = PageDetail(result, layers)
  var sections = [try layersSection(result, layers, isFull: detail.isFull)]
  if let noise = result.noise { sections.append(noiseFloorSection(noise, layers)) }
  sections += try evidenceSections(result, layers)
  if let behavior = result.behavior {
    sections += [behaviorSection(behavior), exchangeSection(behavior, layers)].compactMap { $0 }
  }
  sections += [
    try panelsSection(layers, detail),
    try trainingSection(result.metadata, short: trainingDifferences(result.metadata)),
    try structureSection(result),
  ]
  let warnings = allWarnings(result)
  if !warnings.isEmpty { sections.append(warningsSection(warnings)) }
  sections += [
    glossarySection(result),
    try provenanceSection(
      result.provenance, schema: result.schema, commands: commands(result.provenance, behavior: result.behavior),
      behavior: result.behavior),
  ]
  let headline = PageHeadline(result, layers)
  return try Templates.render(
    PackageResources.page_mustache,
    [
      "version": result.provenance.version,
      "kind": result.layers == nil ? "comparison of two models" : "comparison of two models, with tests",
      "title": "\(headline.text): \(result.a.path) and \(result.b.path)", "headline": headline.text,
      "lede": headline.lede,
      "identity": try Templates.render(PackageResources.identity_mustache, identity(result)),
      "answers": answers(result, layers).map(\.context), "sections": sections.map(\.context),
      "css": Templates.text(PackageResources.page_css), "script": Templates.text(PackageResources.page_js),
      "data": try detail.json(),
    ])
}

/// Which tensors have their tests and pictures in the page.
struct PageDetail {
  /// So many tensors keep the page below two megabytes.
  static let limit = 500

  /// Above so many tensors, pictures show fewer units, numbers keep five digits, and measures that have no p of their own
  /// stay out.
  static let fullLimit = 150

  /// Metrics whose intervals the panels show.
  private static let shownIntervals: Set = [
    Metric.normRatio.rawValue, Metric.relativeL2.rawValue, Metric.cosineSimilarity.rawValue,
  ]

  private let result: ModelComparison
  private let layers: [PageLayer]
  /// Layers whose tensors are left out, by index.
  let omitted: Set<Int>

  init(_ result: ModelComparison, _ layers: [PageLayer]) {
    self.result = result
    self.layers = layers
    var room = Self.limit
    var omitted: Set<Int> = []
    for layer in byEvidence(layers) {
      room -= layer.result.tensors.count
      if room < 0 { omitted.insert(layer.index) }
    }
    self.omitted = omitted
  }

  var isFull: Bool { result.pairs.count <= Self.fullLimit }

  /// The document, a profile beside each pair, and what a mark of each layer says.
  func json() throws -> String {
    let hidden = Set(omitted.flatMap { result.layers?[$0].tensors ?? [] })
    var document = result
    var profiles: [String] = []
    for i in document.pairs.indices {
      let isHidden = hidden.contains(document.pairs[i].name)
      profiles.append(isHidden ? "null" : PackedProfile.json(document.pairs[i], isFull: isFull))
      document.pairs[i].profile = nil
      if isHidden {
        document.pairs[i].tests = nil
        document.pairs[i].intervals = nil
      } else if !isFull {
        document.pairs[i].tests?.removeAll { $0.pValue == nil && $0.id == "divergence" }
        document.pairs[i].intervals = document.pairs[i].intervals?.filter { Self.shownIntervals.contains($0.key) }
      }
    }
    return try PackedJSON.text(
      document, digits: isFull ? 7 : 5,
      adding: [
        ("profiles", "[\(profiles.joined(separator: ","))]"),
        ("tips", "[\(layers.map { quoted($0.tip) }.joined(separator: ","))]"),
        ("omitted", "[\(omitted.sorted().map(String.init).joined(separator: ","))]"),
      ])
  }
}

/// Of the models, and of what was compared beside their weights.
private func allWarnings(_ result: ModelComparison) -> [String] {
  let noise = result.noise.map { noise in
    noise.warnings + noise.unshared.map { "\($0.name): \($0.reason)" }
      + noise.damaged.map { "\($0.name): \($0.reason)" }
  }
  let behavior = result.behavior?.warnings.filter { !result.warnings.contains($0) }
  return result.warnings + (noise ?? []) + (behavior ?? [])
}

/// The two models in a line each.
private func identity(_ result: ModelComparison) -> [String: Any] {
  func line(_ model: ModelSummary) -> String {
    var parts = [model.format]
    if let version = model.tensorFlowVersion { parts.append("TensorFlow \(version)") }
    parts.append("\(Numbers.count(model.tensorCount)) tensors, \(Numbers.count(model.weightCount)) weights")
    return parts.joined(separator: " · ")
  }
  return [
    "a": ["path": result.a.path, "text": line(result.a)], "b": ["path": result.b.path, "text": line(result.b)],
  ]
}
