import Checkpoints
import Foundation
import Results
import Testing

@testable import Comparison

@Suite struct BundledPairsTests {
  struct Table: Decodable {
    struct Pair: Decodable {
      let a, b: String
      /// By checkpoint key, then by field.
      let variables: [String: [String: Value]]
    }
    enum Value: Decodable, Equatable {
      case number(Double)
      case text(String)
      case none

      init(from decoder: any Decoder) throws {
        let container = try decoder.singleValueContainer()
        if let number = try? container.decode(Double.self) {
          self = .number(number)
        } else if let text = try? container.decode(String.self) {
          self = .text(text)
        } else {
          self = .none
        }
      }

      var number: Double? { if case .number(let value) = self { value } else { nil } }
    }
    let pairs: [Pair]
  }

  @Test(arguments: 0..<5) func againstNumPy(index: Int) async throws {
    let data = try Data(contentsOf: URL(fileURLWithPath: bundled("pairs.json")))
    let expected = try JSONDecoder().decode(Table.self, from: data).pairs[index]
    let result = try await compare(
      openCheckpoint(at: bundled(expected.a)), openCheckpoint(at: bundled(expected.b)), options: ComparisonOptions()
    ).result
    #expect(result.pairs.count == expected.variables.count)
    for pair in result.pairs {
      let truth = try #require(expected.variables[pair.a.key], "\(pair.a.key)")
      let metrics = pair.metrics
      #expect(truth["name"] == .text(pair.name))
      #expect(truth["count"]?.number == Double(pair.count))
      for metric in Metric.allCases where metric != .wasserstein1 {
        guard let value = truth[metric.rawValue] else { continue }
        if let number = value.number {
          #expect(close(metrics[metric], number, 1e-9, absolute: 1e-16), "\(metric) of \(pair.name)")
        } else {
          #expect(metrics[metric] == nil)
        }
      }
      // W1 from bins: moving every value to a place within its bin shifts either distribution by less than a bin's width;
      // what lies beyond the edges is missed, so the bound holds where nothing does, and from above always.
      let estimator = try #require(metrics.estimator)
      let width = (estimator.edges[1] - estimator.edges[0]) / Double(estimator.bins)
      let found = try #require(metrics[.wasserstein1])
      let exact = try #require(truth["wasserstein1"]?.number)
      #expect(found <= exact + 2 * width)
      if estimator.outside == 0 { #expect(found >= exact - 2 * width) }
      // Of many values the places within a bin average out.
      if pair.count > 1_000 { #expect(abs(found - exact) <= 0.02 * exact + 0.1 * width, "\(pair.name)") }
    }
  }
}
