import Results

/// What `inspect` prints for people.
///
/// - Parameter width: Columns of a terminal that the text is fitted to; `nil` for as wide as it comes.
public func table(_ inspection: Inspection, color: Bool = false, width: Int? = nil) -> String {
  let model = inspection.model
  var lines = wrapped(["\(model.path)   \(headline(model))", ""], width, indent: 3)
  let hasStats = inspection.tensors.contains { $0.stats != nil }
  let hasDigests = inspection.tensors.contains { $0.sha256 != nil }
  var table = TextTable(
    [("tensor", .left), ("role", .left), ("dtype", .left), ("shape", .left), ("elements", .right)]
      + (hasStats
        ? [("mean", .right), ("SD", .right), ("min", .right), ("max", .right), ("NaN/Inf", .right)] : [])
      + (hasDigests ? [("SHA-256", .left)] : []),
    dispensable: ["role", "NaN/Inf", "dtype", "elements", "shape", "max", "min", "SD", "mean"])
  // Tensors are large: none is copied.
  let tensors = inspection.tensors
  for i in tensors.indices {
    var row = [
      tensors[i].name, tensors[i].role.rawValue, tensors[i].dtype,
      Numbers.shape(tensors[i].shape),
      Numbers.count(tensors[i].count),
    ]
    if hasStats {
      let stats = tensors[i].stats
      row += [
        Numbers.short(stats?.mean.value), Numbers.short(stats?.standardDeviation.value),
        Numbers.short(stats?.min.value),
        Numbers.short(stats?.max.value), stats.map { "\($0.nanCount)/\($0.infCount)" } ?? "–",
      ]
    }
    if hasDigests { row.append(tensors[i].sha256 ?? "–") }
    if let other = tensors[i].duplicateOf { row[0] += "  (same variable as \(other))" }
    table.add(row, styles: tensors[i].unreadable == nil ? [:] : [0: .init(isWarning: true)])
  }
  lines += table.lines(color: color, width: width)
  lines.append("")
  var rest: [String] = []
  let weights = tensors.indices.filter {
    tensors[$0].duplicateOf == nil && (tensors[$0].role == .weight || tensors[$0].role == .state)
  }
  rest.append(
    "\(Numbers.count(inspection.tensors.count)) tensors, "
      + "\(Numbers.count(weights.reduce(0) { $0 + tensors[$1].count })) weights and state in "
      + "\(Numbers.count(weights.count)) of them."
  )
  let facts = factBlock(inspection)
  if !facts.isEmpty { rest += [""] + facts }
  if inspection.integrity == nil {
    for i in tensors.indices where tensors[i].unreadable != nil {
      rest.append("  \(tensors[i].name): \(tensors[i].unreadable ?? "")")
    }
  }
  if let integrity = inspection.integrity {
    rest.append(
      integrity.failed.isEmpty
        ? integrity.hasChecksums
          ? "\(Numbers.count(integrity.checked)) checks of tensors and files passed."
          : "\(Numbers.count(integrity.checked)) tensors can be read; the format has no checksums, so changed values would not show."
        : "\(Numbers.count(integrity.failed.count)) of \(Numbers.count(integrity.checked)) checks failed:")
    for failure in integrity.failed { rest.append("  \(failure.key.map { "\($0): " } ?? "")\(failure.reason)") }
  }
  lines += wrapped(rest, width, indent: 4)
  return lines.joined(separator: "\n") + "\n"
}

func headline(_ model: Inspection.Model) -> String {
  var parts = [model.format]
  if let version = model.tensorFlowVersion { parts.append("TensorFlow \(version)") }
  if let version = model.kerasVersion { parts.append("Keras \(version)") }
  if !model.tags.isEmpty { parts.append("tags \(model.tags.joined(separator: ", "))") }
  return parts.joined(separator: " · ")
}
