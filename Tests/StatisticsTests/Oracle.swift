import Foundation
import Testing

@testable import Statistics

/// Reference answers made by `Oracles/make_oracles.py`.
func oracle<Case: Decodable>(_ name: String, as type: Case.Type, file: StaticString = #filePath) throws -> [Case] {
  let folder = URL(fileURLWithPath: "\(file)").deletingLastPathComponent().appendingPathComponent("Oracles")
  let data = try Data(contentsOf: folder.appendingPathComponent(name + ".json"))
  return try JSONDecoder().decode([Case].self, from: data)
}

/// Whether two numbers agree within a relative tolerance, or an absolute one near 0.
func close(_ value: Double, _ expected: Double, _ relative: Double = 1e-12, absolute: Double = 0) -> Bool {
  abs(value - expected) <= max(relative * abs(expected), absolute)
}

func close(_ value: Double?, _ expected: Double, _ relative: Double = 1e-12, absolute: Double = 0) -> Bool {
  value.map { close($0, expected, relative, absolute: absolute) } ?? false
}

/// Simulated data, a function of the seed alone.
struct Simulation {
  private var words: PhiloxSequence

  init(seed: UInt64, _ replicate: Int = 0) {
    words = PhiloxSequence(
      Philox(seed: seed, stream: 0), .simulation, replicate: UInt32(truncatingIfNeeded: replicate))
  }

  /// Uniform on (0, 1).
  mutating func uniform() -> Double { (Double(words.next()) + 0.5) * 0x1p-32 }

  mutating func uniforms(_ count: Int) -> [Double] { (0..<count).map { _ in uniform() } }

  mutating func normal() -> Double { (try? standardNormalQuantile(uniform())) ?? 0 }

  mutating func normals(_ count: Int) -> [Double] { (0..<count).map { _ in normal() } }

  mutating func laplaces(_ count: Int) -> [Double] {
    (0..<count).map { _ in
      let u = uniform() - 0.5
      return (u < 0 ? 1 : -1) * log(1 - 2 * abs(u))
    }
  }
}

let generator = Philox(seed: 20_240_607, stream: 7)
let darwinsMaize: [Double] = [49, -67, 8, 16, 6, 23, 28, 41, 14, 29, 56, 24, 75, 60, -48]
