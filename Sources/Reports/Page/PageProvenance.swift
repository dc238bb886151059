import Foundation
import Results

func provenanceSection(
  _ provenance: Provenance, schema: String, commands: [String], behavior: BehaviorComparison? = nil
) throws -> PageSection {
  var facts: [(name: String, value: String)] = [
    ("tool", "\(provenance.tool) \(provenance.version)"),
    (
      "libraries",
      provenance.libraries.sorted { $0.key < $1.key }.map { "\($0.key) \($0.value)" }.joined(separator: ", ")
    ),
  ]
  if let generator = provenance.generator { facts.append(("generator", "\(generator), seed \(provenance.seed ?? 0)")) }
  if let resamples = provenance.resamples { facts.append(("resamples", Numbers.count(resamples))) }
  let sides = provenance.inputs.count == 2 ? ["A", "B"] : provenance.inputs.indices.map { "input \($0 + 1)" }
  for (side, input) in zip(sides, provenance.inputs) {
    facts.append(
      (
        side,
        "\(input.path), \(Numbers.count(input.size)) bytes" + (input.fingerprint.map { ", fingerprint \($0)" } ?? "")
      ))
  }
  if let behavior {
    // A run has the models first, which stand above.
    let files = behavior.provenance.inputs.filter { file in !provenance.inputs.contains { $0.path == file.path } }
    for file in files { facts.append(("behaviour", "\(file.path), \(Numbers.count(file.size)) bytes")) }
    if let library = behavior.provenance.libraries["tensorflow"] { facts.append(("TensorFlow", library)) }
  }
  facts.append(("document", schema))
  return PageSection(
    id: "provenance", short: "Provenance", title: "Provenance",
    body: try Templates.render(
      PackageResources.provenance_mustache,
      ["commands": commands, "facts": facts.map { ["name": $0.name, "value": $0.value] }]))
}

/// The command that gives the document again, as a shell takes it.
///
/// - Parameters:
///   - inputs: Words after the command's name; the models' paths, where the arguments don't have them.
///   - behavior: Predictions that a page from an exported file was given.
func commands(_ provenance: Provenance, inputs: [String]? = nil, behavior: BehaviorComparison? = nil) -> [String] {
  let name = provenance.arguments.first ?? "significance"
  var words = ["equipoise", name] + (inputs ?? provenance.inputs.map(\.path)) + provenance.arguments.dropFirst()
  if let seed = provenance.seed, seed != 0 { words += ["--seed", "\(seed)"] }
  if let resamples = provenance.resamples, resamples != 9_999 { words += ["--resamples", "\(resamples)"] }
  switch name {
  case "report": words += ["-o", "report.html"]
  case "export": words += ["-o", "pairs.h5"]
  default: break
  }
  let first = words.map(shellQuoted).joined(separator: " ")
  guard name == "export" else { return [first] }
  var second = ["equipoise", "report", "pairs.h5", "-o", "report.html"]
  if let behavior {
    second += ["--predictions-a", behavior.a.path, "--predictions-b", behavior.b.path]
    second += behavior.labels.map { ["--labels", $0] } ?? []
    second += behavior.provenance.arguments.dropFirst()
  }
  return [first, second.map(shellQuoted).joined(separator: " ")]
}

/// A word as a POSIX shell leaves it.
func shellQuoted(_ word: String) -> String {
  let plain = word.unicodeScalars.allSatisfy {
    ("a"..."z").contains($0) || ("A"..."Z").contains($0) || ("0"..."9").contains($0)
      || "-_./=:,@%+".unicodeScalars.contains($0)
  }
  return !word.isEmpty && plain
    ? word : "'" + word.split(separator: "'", omittingEmptySubsequences: false).joined(separator: "'\\''") + "'"
}
