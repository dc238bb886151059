import Reports
import Results

extension OutputOptions {
  /// Columns that tables are fitted to; `nil` for as wide as they come.
  var width: Int? { output == nil ? Terminal.width : nil }

  /// Writes a document in the chosen format, and its warnings to standard error.
  func write(warnings: [String], _ text: (Format, _ color: Bool) throws -> String) async throws {
    if !quiet { Terminal.warnings(warnings) }
    let content = try text(format, Terminal.usesColor(color, toFile: output != nil))
    if let output {
      try await OutputFile(output).write(content)
    } else {
      try Terminal.output(content)
    }
  }

  func write(
    _ result: ModelComparison, by kind: RowKind, explains: Bool = false, condition: CheckedCondition? = nil
  ) async throws {
    let width = self.width
    try await write(warnings: result.warnings + (result.noise?.warnings ?? [])) { format, color in
      switch format {
      case .table:
        table(result, color: color, width: width)
          + (result.noise.map { table($0, alpha: result.significance?.alpha ?? 0.05, color: color, width: width) } ?? "")
          + (explains ? explanation(result) + (result.noise.map { explanation($0) } ?? "") : "")
      case .json: try json(result)
      case .csv: csv(result, by: kind)
      case .markdown: markdownSummary(result, by: kind, condition: condition)
      }
    }
  }
}

extension OutputOptions {
  func write(
    _ result: RunComparison, by kind: RowKind, explains: Bool, condition: CheckedCondition? = nil
  ) async throws {
    let width = self.width
    try await write(warnings: result.warnings) { format, color in
      switch format {
      case .table: table(result, color: color, width: width) + (explains ? explanation(result) : "")
      case .json: try json(result)
      case .csv: csv(result, by: kind)
      case .markdown: conditionLines(condition) + markdown(result, by: kind)
      }
    }
  }

  func write(_ result: BehaviorComparison, by kind: BehaviorRowKind) async throws {
    let width = self.width
    try await write(warnings: result.warnings) { format, color in
      switch format {
      case .table: table(result, color: color, width: width)
      case .json: try json(result)
      case .csv: csv(result, by: kind)
      case .markdown: markdown(result, by: kind)
      }
    }
  }
}

extension ComparisonArguments {
  /// Whether the condition of `--fail-on` holds for a document; `nil` without one.
  func checkedCondition(
    of document: some Encodable, specimen: (some Encodable)? = nil as Int?
  ) throws -> CheckedCondition? {
    guard let condition = try condition() else { return nil }
    do { return CheckedCondition(condition, outcome: try condition.evaluate(document, names: specimen)) } catch {
      throw Unsupported("--fail-on: \(error)")
    }
  }
}

extension CheckedCondition {
  /// Says for what the condition holds, and ends with status 1 then.
  func endIfItHolds() throws {
    guard outcome.holds else { return }
    let shown = outcome.matches.prefix(8).joined(separator: ", ")
    let rest = outcome.matches.count > 8 ? " and \(outcome.matches.count - 8) more" : ""
    Terminal.error("--fail-on holds: \(source)\(shown.isEmpty ? "" : ": \(shown)\(rest)")")
    throw ExitStatus(code: 1)
  }
}

extension RunComparison {
  /// As for two models.
  func endWithTrouble(keepGoing: Bool) throws {
    if verdict == .incomparable {
      Terminal.error("nothing to compare: no tensor is in every run in one shape; `equipoise inspect` shows the names")
      throw ExitStatus(code: 2)
    }
    let corrupt = damaged.filter(\.isCorrupt)
    for damage in corrupt { Terminal.error("\(damage.name): \(damage.reason)") }
    if !corrupt.isEmpty, !keepGoing { throw ExitStatus(code: 2) }
  }
}

extension ModelComparison {
  /// The document is printed all the same; then the program says what was wrong and ends with status 2.
  func endWithTrouble(keepGoing: Bool) throws {
    if verdict == .incomparable {
      Terminal.error(
        mismatched.isEmpty
          ? "nothing to compare: no tensor of A belongs to one of B; `equipoise inspect` shows the names, --map pairs by hand"
          : "nothing to compare: the \(mismatched.count) tensors that both models have are of other shapes")
      throw ExitStatus(code: 2)
    }
    let corrupt = (damaged + (noise?.damaged ?? [])).filter(\.isCorrupt)
    guard !corrupt.isEmpty else { return }
    for damage in corrupt { Terminal.error("\(damage.name): \(damage.reason)") }
    if !keepGoing { throw ExitStatus(code: 2) }
  }
}
