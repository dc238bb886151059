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

  /// Counts of both sides by bin, and what one has more of them after a random swap that leaves as many on each.
  private func swap(_ bins: Int, seed: UInt64, most: Double) -> (together: [Double], differences: [Double]) {
    var simulation = Simulation(seed: seed)
    var together = (0..<bins).map { _ in
      simulation.uniform() < 0.2 ? 0 : (most * simulation.uniform() * simulation.uniform()).rounded()
    }
    together[1] += 2 + together.reduce(0, +).truncatingRemainder(dividingBy: 2)
    var differences = together.map { counts in
      let larger = (counts * simulation.uniform()).rounded()
      return 2 * larger - counts
    }
    var excess = differences.reduce(0, +)
    var place = 0
    while excess != 0 {
      let change = max(-together[place] - differences[place], min(together[place] - differences[place], -excess))
      differences[place] += change
      excess += change
      place += 1
    }
    return (together, differences)
  }

  private func swapped(_ sample: (together: [Double], differences: [Double]), _ occupied: OccupiedBins) -> [Double]? {
    SwappedDistances(together: occupied.places.map { sample.together[$0] }, occupied: occupied).map { distances in
      occupied.places.map { sample.differences[$0] }.withUnsafeBufferPointer {
        let found = distances.distances($0)
        return [found.wassersteinInBins, found.kolmogorovSmirnov, found.jensenShannon]
      }
    }
  }

  /// Looked up or computed from the counts of both sides, and with a last bin anywhere in a vector.
  @Test func swapsAgainstCounts() throws {
    for bins in [3, 7, 8, 9, 16, 17, 131] {
      for (seed, most) in [(1, 3.0), (2, 40), (3, 1_500)] as [(UInt64, Double)] {
        let sample = swap(bins, seed: seed, most: most)
        let a = zip(sample.together, sample.differences).map { 0.5 * ($0 + $1) }
        let b = zip(sample.together, sample.differences).map { 0.5 * ($0 - $1) }
        #expect((a + b).allSatisfy { $0 >= 0 } && a.reduce(0, +) == b.reduce(0, +))
        let all = try #require(distances(a, b, smoothing: nil))
        for leavesOut in [true, false] {
          let occupied = OccupiedBins(count: bins) { !leavesOut || sample.together[$0] > 0 }
          let found = try #require(swapped(sample, occupied))
          #expect(close(found[0], all.wassersteinInBins, 1e-12, absolute: 1e-13))
          #expect(close(found[1], all.kolmogorovSmirnov, 1e-12, absolute: 1e-15))
          #expect(close(found[2], all.jensenShannon, 1e-12, absolute: 1e-15))
          // The other side's view.
          #expect(swapped((sample.together, sample.differences.map { -$0 }), occupied) == found)
        }
      }
    }
    let every = OccupiedBins(count: 4) { _ in true }
    #expect(swapped(([2, 4, 0, 2], [0, 0, 0, 0]), every) == [0, 0, 0])
    #expect(swapped(([2, 4, 0, 2], [2, -4, 0, 2]), every).map { $0[2] } == 1)
  }

  @Test func swapsThatAreNotLookedUp() {
    let every = OccupiedBins(count: 4) { _ in true }
    let most = Double(SwappedDistances.mostCounts)
    #expect(SwappedDistances(together: [0, most, most, 0], occupied: every) != nil)
    for together in [
      [0, most, most, 2], [0, 0, 0, 0], [1, 2, 4, 0], [0, 0.5, 1.5, 0], [-1, 3, 2, 0], [0, .nan, 2, 0], [2, 2],
    ] {
      #expect(SwappedDistances(together: together, occupied: every) == nil)
    }
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
    var swapsSeen: [[Double]?] = []
    let sample = swap(131, seed: 7, most: 900)
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
      swapsSeen.append(swapped(sample, OccupiedBins(count: 131) { sample.together[$0] > 0 }))
    }
    #expect(distancesSeen.allSatisfy { $0 == distancesSeen[0] && $0 != nil })
    #expect(fewSeen.allSatisfy { $0 == fewSeen[0] && $0 != nil })
    #expect(sumsSeen.allSatisfy { $0 == sumsSeen[0] })
    #expect(swapsSeen.allSatisfy { $0 == swapsSeen[0] && $0 != nil })
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
