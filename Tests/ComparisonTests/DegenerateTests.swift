import Checkpoints
import Foundation
import Results
import Statistics
import Tensors
import Testing

@testable import Comparison

/// Whatever the values, there is a result, a document without NaN, and a word of warning.
@Suite struct DegenerateTests {
  private func result(
    _ shape: [Int], _ a: [Double], _ b: [Double], type: ElementType = .float64, part: String = "kernel"
  ) async throws -> ModelComparison {
    func model(_ values: [Double]) -> MemoryCheckpoint {
      let tensor =
        type == .float32
        ? MemoryCheckpoint.Tensor.float32("first/\(part)", shape, values)
        : .float64("first/\(part)", shape, values)
      return MemoryCheckpoint([
        tensor, .float32("second/kernel", [shape.last ?? 1, 1], Array(repeating: 1, count: shape.last ?? 1)),
      ])
    }
    let result = try await compare(model(a), model(b), options: testing()).result
    let text = try String(decoding: encoded(result), as: UTF8.self)
    #expect(!text.lowercased().contains("nan,") && !text.contains("inf,"))
    for row in result.pairs.flatMap({ $0.tests ?? [] }) {
      if let p = row.pValue { #expect(p > 0 && p <= 1, "\(row.statistic)") }
    }
    #expect(result.pairs.contains { $0.layer == "first" })
    return result
  }

  private func rows(_ result: ModelComparison) -> [TestResult] {
    // Measures and descriptions have no p of their own.
    (result.pairs.first { $0.layer == "first" }?.tests ?? []).filter {
      $0.id != "divergence" && $0.statistic != "in_out_norm_product"
    }
  }

  private func normals(_ count: Int, scale: Double = 1) -> [Double] {
    var random = Simulation(seed: UInt64(count))
    return random.normals(count, deviation: scale)
  }

  @Test func constants() async throws {
    let found = try await result([4, 6], Array(repeating: 2, count: 24), Array(repeating: 3, count: 24))
    #expect(rows(found).allSatisfy { $0.pValue != nil })
    #expect(try found.pair("first/kernel").row("drift", "mean_difference").pValue == 2.0 / 64)
    #expect(try found.pair("first/kernel").metrics[.pearson] == nil)
    let zeros = try await result([4, 6], Array(repeating: 0, count: 24), Array(repeating: 0, count: 24))
    #expect(rows(zeros).allSatisfy { $0.pValue == 1 })
    #expect(try zeros.pair("first/kernel").metrics[.cosineSimilarity] == nil)
  }

  @Test func oneSideOfZeros() async throws {
    let b = normals(40)
    let found = try await result([5, 8], Array(repeating: 0, count: 40), b).pair("first/kernel")
    #expect(found.metrics[.relativeL2] == nil)
    #expect(found.metrics[.normRatio] == nil)
    #expect(found.metrics[.deadUnitsA] == 8)
    #expect(try found.row("scale", "mean_norm_difference").pValue == 2.0 / 256)
    let reverse = try await result([5, 8], b, Array(repeating: 0, count: 40)).pair("first/kernel")
    #expect(reverse.metrics[.relativeL2] == 1)
    #expect(reverse.metrics[.normRatio] == 0)
  }

  @Test func oneUnit() async throws {
    let found = try await result([6, 1], normals(6), normals(6).reversed())
    #expect(rows(found).allSatisfy { $0.pValue == nil && !$0.warnings.isEmpty })
    #expect(try found.layer("first").pValue == nil)
    #expect(try found.layer("first").warnings.contains("a single unit: described, not tested"))
  }

  @Test func scalarsAndEmptyTensors() async throws {
    let scalar = try await result([], [1], [2], part: "temperature")
    #expect(rows(scalar).allSatisfy { $0.pValue == nil })
    #expect(try scalar.pair("first/temperature").metrics[.meanDifference] == 1)
    let empty = try await result([0, 6], [], [])
    #expect(try empty.pair("first/kernel").identical)
    #expect(try empty.pair("first/kernel").metrics[.meanSquaredDifference] == nil)
    #expect(rows(empty).allSatisfy { $0.pValue == 1 })
  }

  @Test func ties() async throws {
    // Every unit moved by the same amount, up in half of them: all |d| are equal.
    let a = (0..<48).map { Double($0 % 6) }
    let b = a.enumerated().map { $1 + ($0 % 8 < 4 ? 0.5 : -0.5) }
    let found = try await result([6, 8], a, b).pair("first/kernel")
    #expect(try found.row("drift", "mean_difference").pValue == 1)
    #expect(try found.row("drift", "mean_difference").value == 0)
  }

  @Test func notANumber() async throws {
    let all = [Double](repeating: .nan, count: 30)
    let found = try await result([5, 6], all, normals(30))
    #expect(rows(found).allSatisfy { $0.pValue == nil && $0.warnings.contains("no finite elements") })
    let pair = try found.pair("first/kernel")
    #expect(pair.metrics.excludedCount == 30)
    #expect(pair.metrics[.changedCount] == 30)
    #expect(pair.metrics.nonFinite == ["nan_a": 30])
    var holes = normals(30)
    holes[4] = .infinity
    holes[9] = .nan
    holes[16] = -.infinity
    let some = try await result([5, 6], holes, normals(30).map { $0 + 1 })
    #expect(try some.pair("first/kernel").metrics.excludedCount == 3)
    #expect(try some.pair("first/kernel").row("drift", "mean_difference").pValue == 2.0 / 64)
    #expect(try some.pair("first/kernel").warnings.count == 1)
    let same = try await result([5, 6], all, all)
    #expect(rows(same).allSatisfy { $0.pValue == 1 })
  }

  @Test func hugeValuesInSinglePrecision() async throws {
    let a = normals(40, scale: 1e38)
    let b = a.map { -0.7 * $0 }
    let found = try await result([5, 8], a, b, type: .float32).pair("first/kernel")
    #expect(close(found.metrics[.cosineSimilarity], -1, 1e-6))
    #expect(close(found.metrics[.normRatio], 0.7, 1e-6))
    #expect(try found.row("scale", "mean_norm_difference").pValue == 2.0 / 256)
  }

  @Test func squaresThatOverflow() async throws {
    let a = normals(40, scale: 1e300)
    let b = a.map { $0 * 1.5 }
    let found = try await result([5, 8], a, b)
    let pair = try found.pair("first/kernel")
    // Not 1, not 0: unknown, and it says so.
    #expect(pair.metrics[.cosineSimilarity] == nil)
    #expect(pair.metrics.values[.cosineSimilarity]?.status != nil)
    #expect(pair.metrics[.relativeL2] == nil)
    #expect(pair.metrics[.pearson] == nil)
    #expect(close(pair.metrics[.maxAbsDifference], zip(a, b).map { abs($1 - $0) }.max() ?? 0))
    #expect(rows(found).allSatisfy { $0.pValue == nil && $0.warnings.contains { $0.contains("overflow") } })
    #expect(try found.layer("first").cosineSimilarity == nil)
    #expect(try found.layer("first").relativeL2 == nil)
    #expect(found.verdict == .different)
    let extreme = try await result(
      [2, 4], Array(repeating: .greatestFiniteMagnitude, count: 8),
      Array(repeating: -.greatestFiniteMagnitude, count: 8))
    #expect(try extreme.pair("first/kernel").metrics[.maxAbsDifference] == nil)
  }

  @Test func subnormals() async throws {
    let a = normals(40, scale: 0x1p-1030)
    let b = a.map { $0 + 0x1p-1034 }
    let found = try await result([5, 8], a, b).pair("first/kernel")
    #expect(found.metrics[.changedCount] == 40)
    #expect(try found.row("drift", "mean_difference").pValue == 2.0 / 256)
    let single = normals(40, scale: 1e-42)
    let other = try await result([5, 8], single, single.map { $0 * 2 }, type: .float32).pair("first/kernel")
    #expect(close(other.metrics[.normRatio], 2, 1e-2))
    #expect(try other.row("scale", "mean_norm_difference").pValue == 2.0 / 256)
  }

  @Test func unitsOfVeryDifferentSize() async throws {
    // One unit outweighs all others by 10¹²: the others still have a p, and none is 0.
    var a = normals(5 * 30)
    for i in 0..<5 { a[30 * i] *= 1e12 }
    let found = try await result([5, 30], a, a.map { $0 * 1.001 })
    let p = try #require(try found.pair("first/kernel").row("scale", "mean_norm_difference").pValue)
    // All norms grew: 2/2³⁰ but for what the grid of the largest rounds away.
    #expect(p <= 1)
    #expect(try #require(try found.pair("first/kernel").row("scale", "signed_rank").pValue) < 1e-8)
  }

  @Test func everyTypeThroughTests() async throws {
    let bytes = (0..<64).map { UInt8(truncatingIfNeeded: $0 &* 37) }
    for type in ElementType.allCases where type.isNumeric {
      guard let width = type.byteWidth else { continue }
      let a = (0..<24 * width).map { bytes[$0 % 64] & 0x3f }
      let b = a.map { $0 ^ 1 }
      func model(_ values: [UInt8]) -> MemoryCheckpoint {
        MemoryCheckpoint([
          MemoryCheckpoint.Tensor("first/kernel", type, [4, 6], raw: values),
          .float32("second/kernel", [6, 1], [1, 2, 3, 4, 5, 6]),
        ])
      }
      let result = try await compare(model(a), model(b), options: testing()).result
      #expect(result.damaged.isEmpty)
      #expect(try result.pair("first/kernel").metrics[.changedCount] != 0 || type == .bool, "\(type)")
      _ = try encoded(result)
    }
  }

  @Test func typesThatAreNotReadAreSaidToBe() async throws {
    let model = MemoryCheckpoint([MemoryCheckpoint.Tensor("x/kernel", .resource, [2], raw: [UInt8(1), 2])])
    let result = try await compare(model, model, options: testing()).result
    #expect(result.damaged.count == 1)
    #expect(result.damaged.first?.isCorrupt == false)
  }
}
