import Checkpoints
import Comparison
import Foundation

/// The weight-level p-values of a few pairs of bundled kernels as JSON, which `Calibration/weight_tests.py` holds against SciPy.
func weightAnswers(data: String) async throws -> String {
  var rows: [[String: any Sendable]] = []
  for architecture in architectures {
    for (first, second) in [(0, 1), (2, 4), (3, 1)] {
      for penalty in penalties {
        let names = ["\(architecture)-l2-1e-5-seed\(first)", "\(architecture)-l2-\(penalty)-seed\(second)"]
        let pair = try await ModelPair(
          openCheckpoint(at: "\(data)/\(names[0])"), openCheckpoint(at: "\(data)/\(names[1])"),
          architecture: architecture, options: testsOnly(["drift"], resamples: 1))
        for layer in layersOf[architecture] ?? [] {
          var row: [String: any Sendable] = ["a": names[0], "b": names[1], "layer": layer]
          for test in WeightTest.allCases { row[test.rawValue] = pair.raw[layer]?[test.rawValue] }
          rows.append(row)
        }
      }
    }
  }
  let data = try JSONSerialization.data(withJSONObject: rows, options: [.sortedKeys])
  return String(decoding: data, as: UTF8.self)
}
