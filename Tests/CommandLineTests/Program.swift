import Foundation
import Testing

/// The built program, run as a user runs it.
struct Program {
  struct Outcome {
    var status: Int32
    var output: String
    var errors: String
  }

  /// Beside the test bundle.
  static let path: String = {
    for argument in CommandLine.arguments {
      guard let range = argument.range(of: "/[^/]*\\.xctest", options: .regularExpression) else { continue }
      let candidate = String(argument[..<range.lowerBound]) + "/equipoise"
      if FileManager.default.isExecutableFile(atPath: candidate) { return candidate }
    }
    return project + "/.build/debug/equipoise"
  }()

  static let project = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
    .deletingLastPathComponent().path

  static func data(_ name: String) -> String { "\(project)/data/\(name)" }

  static func run(_ arguments: [String], environment: [String: String] = [:], in place: String? = nil) throws -> Outcome
  {
    let process = Process()
    if let place { process.currentDirectoryURL = URL(fileURLWithPath: place) }
    process.executableURL = URL(fileURLWithPath: path)
    process.arguments = arguments
    process.environment = ProcessInfo.processInfo.environment.merging(environment) { $1 }
    let folder = try Scratch()
    let output = folder.file("out")
    let errors = folder.file("err")
    for file in [output, errors] { _ = FileManager.default.createFile(atPath: file, contents: nil) }
    process.standardOutput = FileHandle(forWritingAtPath: output)
    process.standardError = FileHandle(forWritingAtPath: errors)
    try process.run()
    process.waitUntilExit()
    return Outcome(
      status: process.terminationStatus, output: try String(contentsOfFile: output, encoding: .utf8),
      errors: try String(contentsOfFile: errors, encoding: .utf8))
  }

  /// Runs and parses standard output as JSON.
  static func json(_ arguments: [String]) throws -> [String: Any] {
    let outcome = try run(arguments + ["--format", "json"])
    return try JSONSerialization.jsonObject(with: Data(outcome.output.utf8)) as? [String: Any] ?? [:]
  }
}

/// A folder that goes when the test does.
final class Scratch {
  let path: String

  init() throws {
    path = NSTemporaryDirectory() + "equipoise-tests-" + UUID().uuidString
    try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
  }

  func file(_ name: String) -> String { "\(path)/\(name)" }

  /// A copy of a bundled model that may be damaged.
  func copy(_ model: String) throws -> String {
    let copy = file(model)
    try FileManager.default.copyItem(atPath: Program.data(model), toPath: copy)
    return copy
  }

  deinit { try? FileManager.default.removeItem(atPath: path) }
}

extension Trait where Self == ConditionTrait {
  /// Sanitizers take signals, limits and the loading of libraries over, each of which such a test is about.
  static var withoutSanitizers: Self {
    .disabled(if: ProcessInfo.processInfo.environment["EQUIPOISE_SANITIZED"] != nil, "a sanitizer takes this over")
  }
}
