import Foundation
import Testing

@testable import Behavior

/// Reference answers made by `Oracles/make_oracles.py`.
struct Oracle: Decodable {
  struct Pair: Decodable, CustomTestStringConvertible {
    var a, b: String
    var onlyA, onlyB, agreement: Int
    var mcnemar, greater, permutation, permutationOf16, equivalenceOfLogLoss: Double
    var accuracy, logLoss, brier, calibrationError, overconfidence, score: [Double]
    var recall, precision: [[Double]]

    var testDescription: String { "\(a) and \(b)" }
  }

  struct Binary: Decodable {
    var p, y: [Double]
    var brier, logLoss: Double
  }

  var pairs: [Pair]
  var binary: Binary

  static let read: Oracle = {
    let folder = URL(fileURLWithPath: #filePath).deletingLastPathComponent().appendingPathComponent("Oracles")
    do {
      return try JSONDecoder().decode(
        Oracle.self, from: Data(contentsOf: folder.appendingPathComponent("behavior.json")))
    } catch { fatalError("behavior.json: \(error)") }
  }()
}

let project = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
  .deletingLastPathComponent().path

func data(_ name: String) -> String { "\(project)/data/\(name)" }

func close(_ value: Double?, _ expected: Double, _ relative: Double = 1e-12, absolute: Double = 0) -> Bool {
  value.map { abs($0 - expected) <= max(relative * abs(expected), absolute) } ?? false
}

/// A folder that goes when the test does.
final class Scratch {
  let path: String

  init() throws {
    path = NSTemporaryDirectory() + "equipoise-behavior-" + UUID().uuidString
    try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
  }

  func file(_ name: String) -> String { "\(path)/\(name)" }

  func write(_ name: String, _ text: String) throws -> String {
    try text.write(toFile: file(name), atomically: true, encoding: .utf8)
    return file(name)
  }

  deinit { try? FileManager.default.removeItem(atPath: path) }
}

extension NumericArray {
  /// The first examples.
  func first(_ count: Int) -> NumericArray {
    var result = self
    result.shape[0] = count
    result.values = Array(values.prefix(count * width))
    return result
  }

  static func made(
    _ values: [Double], shape: [Int]? = nil, isInteger: Bool = false, path: String = "made"
  ) -> NumericArray {
    NumericArray(path: path, dtype: "float64", isInteger: isInteger, shape: shape ?? [values.count], values: values)
  }
}
