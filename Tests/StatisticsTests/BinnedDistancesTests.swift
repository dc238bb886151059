import CKernels
import Foundation
import Testing

@testable import Statistics

@Suite struct BinnedDistancesTests {
  private func distances(
    _ a: [Double], _ b: [Double], smoothing: Double? = 0.5, occupied: OccupiedBins? = nil
  ) -> BinnedDistances? {
    a.withUnsafeBufferPointer { a in
      b.withUnsafeBufferPointer { BinnedDistances(a, $0, smoothing: smoothing, occupied: occupied) }
    }
  }

  private func histogram(_ bins: Int, seed: UInt64, empty: Double) -> [Double] {
    var simulation = Simulation(seed: seed)
    return (0..<bins).map { _ in simulation.uniform() < empty ? 0 : (1e4 * simulation.uniform()).rounded() } + [1]
  }

  /// The plain functions, which SciPy's answers hold.
  @Test func againstPlainLoops() throws {
    for bins in [2, 6, 7, 8, 9, 16, 130] {
      for (seed, empty) in [(1, 0.0), (2, 0.3), (3, 0.9)] as [(UInt64, Double)] {
        let a = histogram(bins, seed: seed, empty: empty)
        for b in [histogram(bins, seed: seed + 10, empty: empty), a.map { $0 + 1 }, a, a.reversed()] {
          let edges = (0..<bins).map(Double.init)
          let found = try #require(distances(a, b))
          #expect(
            close(
              found.wassersteinInBins, try #require(wassersteinDistance(a, b, edges: edges)), 1e-12, absolute: 1e-13))
          #expect(
            close(found.kolmogorovSmirnov, try #require(kolmogorovSmirnovStatistic(a, b)), 1e-12, absolute: 1e-15))
          #expect(close(found.jensenShannon, try #require(jensenShannonDivergence(a, b)), 1e-11, absolute: 1e-16))
          #expect(close(found.klAB, try #require(klDivergence(a, b)), 1e-11, absolute: 1e-15))
          #expect(close(found.klBA, try #require(klDivergence(b, a)), 1e-11, absolute: 1e-15))
          let plain = try #require(distances(a, b, smoothing: nil))
          #expect(plain.jensenShannon == found.jensenShannon && plain.klAB == 0)

          // Empty bins left out.
          let occupied = OccupiedBins(count: bins + 1) { a[$0] + b[$0] > 0 }
          let few = try #require(
            distances(occupied.places.map { a[$0] }, occupied.places.map { b[$0] }, occupied: occupied))
          #expect(close(few.wassersteinInBins, found.wassersteinInBins, 1e-12, absolute: 1e-13))
          #expect(close(few.kolmogorovSmirnov, found.kolmogorovSmirnov, 1e-12, absolute: 1e-15))
          #expect(close(few.jensenShannon, found.jensenShannon, 1e-12, absolute: 1e-16))
          #expect(close(few.klAB, found.klAB, 1e-11, absolute: 1e-15))
          #expect(close(few.klBA, found.klBA, 1e-11, absolute: 1e-15))
        }
      }
    }
    #expect(distances([0, 0, 0], [1, 2, 3]) == nil)
    #expect(distances([1, .nan, 0], [1, 2, 3]) == nil)
    #expect(distances([1, 2], [1, 2]) == nil)
    #expect(distances([1, 2, 3], [1, 2, 3, 4]) == nil)
  }

  /// One suite of the kernels' results on every instruction set, bit for bit.
  @Test func instructionSetsAgree() {
    defer { eqp_force_isa(2) }
    let a = histogram(130, seed: 4, empty: 0.1)
    let b = histogram(130, seed: 5, empty: 0.2)
    var simulation = Simulation(seed: 6)
    let column = simulation.uniforms(70 * 5).map { ($0 * 1e9).rounded() }
    let weights = simulation.uniforms(70 * 16).map { ($0 * 6).rounded() }
    let plain = (0..<512).map { _ in (simulation.uniform() * 1e6).rounded() }
    var distancesSeen: [BinnedDistances?] = []
    var fewSeen: [BinnedDistances?] = []
    var sumsSeen: [[Double]] = []
    let occupied = OccupiedBins(count: 131) { a[$0] + b[$0] > 0 }
    #expect(occupied.count < 131)
    for set in 0...2 as ClosedRange<Int32> {
      eqp_force_isa(set)
      distancesSeen.append(distances(a, b))
      fewSeen.append(distances(occupied.places.map { a[$0] }, occupied.places.map { b[$0] }, occupied: occupied))
      var sums = [Double](repeating: 0, count: 5 * 16)
      eqp_weighted_sums(column, 5, weights, 70, &sums)
      var transformed = plain
      eqp_walsh_hadamard(&transformed, 512)
      sumsSeen.append(sums + transformed)
    }
    #expect(distancesSeen.allSatisfy { $0 == distancesSeen[0] && $0 != nil })
    #expect(fewSeen.allSatisfy { $0 == fewSeen[0] && $0 != nil })
    #expect(sumsSeen.allSatisfy { $0 == sumsSeen[0] })
    for c in 0..<5 {
      for r in [0, 7, 15] {
        let expected = (0..<70).reduce(0.0) { $0 + weights[$1 * 16 + r] * column[c * 70 + $1] }
        #expect(sumsSeen[0][c * 16 + r] == expected)
      }
    }
    for g in [0, 1, 37, 511] {
      let expected = (0..<512).reduce(0.0) { $0 + ((g & $1).nonzeroBitCount % 2 == 0 ? plain[$1] : -plain[$1]) }
      #expect(sumsSeen[0][80 + g] == expected)
    }
  }
}
