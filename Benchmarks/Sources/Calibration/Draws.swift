import Foundation
import Statistics

/// Random numbers of one simulated pair: a function of the study and the pair's number alone.
struct Draws {
  private var words: PhiloxSequence
  private var spare: Double?

  /// - Parameter study: Keeps the numbers of different studies apart.
  init(study: UInt32, pair: Int) {
    words = PhiloxSequence(Philox(seed: 0, stream: study), .simulation, replicate: UInt32(pair))
  }

  mutating func uniform() -> Double { words.uniform() }
  mutating func index(below bound: Int) -> Int { words.index(below: UInt32(bound)) }

  /// Standard normal, by Box and Muller.
  mutating func normal() -> Double {
    if let value = spare {
      spare = nil
      return value
    }
    let radius = (-2 * log(uniform())).squareRoot()
    let angle = 2 * Double.pi * uniform()
    spare = radius * sin(angle)
    return radius * cos(angle)
  }

  mutating func shuffle<Element>(_ values: inout [Element]) {
    for i in stride(from: values.count - 1, to: 0, by: -1) { values.swapAt(i, index(below: i + 1)) }
  }
}

/// Runs `body` for 0 ..< count on some threads and returns the results in order.
func map<Result: Sendable>(
  _ count: Int, threads: Int, _ body: @escaping @Sendable (Int) async throws -> Result
) async throws -> [Result] {
  try await withThrowingTaskGroup(of: [(Int, Result)].self) { group in
    for thread in 0..<threads {
      group.addTask {
        var own: [(Int, Result)] = []
        for i in stride(from: thread, to: count, by: threads) { own.append((i, try await body(i))) }
        return own
      }
    }
    var all: [(Int, Result)] = []
    for try await own in group { all += own }
    return all.sorted { $0.0 < $1.0 }.map(\.1)
  }
}
