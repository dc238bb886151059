import Checkpoints
import Foundation
import HDF5
import Results
import Testing

@testable import Comparison
@testable import HDF5Store

/// From the file alone: the same results, and the same tests.
struct BackAgainTests {
  private let folder: Folder

  init() throws { folder = try Folder() }

  private func exported(_ models: Compared, _ change: (inout ExportOptions) -> Void = { _ in }) async throws -> String {
    var options = ExportOptions()
    change(&options)
    let path = folder.file("pairs.h5")
    try await writeHDF5(models, to: path, options: options)
    return path
  }

  @Test(arguments: StringStorage.allCases) func resultsAreReadBackToTheLetter(storage: StringStorage) async throws {
    let models = try await densePair.value
    let path = try await exported(models) { $0.strings = storage }
    #expect(try json(readResults(from: path)) == json(models.result))
  }

  /// What pictures are drawn from, as a comparison that was asked for it has it; convolutional with state, too.
  @Test(arguments: ["dense-l2-1e-5-seed1", "conv-l2-1e-5-seed1"]) func profilesAreReadBackToTheBit(b: String)
    async throws
  {
    let a = b.hasPrefix("conv") ? "conv-l2-1e-5-seed0" : "dense-l2-1e-5-seed0"
    let path = try await exported(try await bundled(a, b, tests: true)) { $0.includesTensors = false }
    var options = fewResamples()
    options.profiles = true
    let expected = try await compare(
      openCheckpoint(at: "\(data)/\(a)"), openCheckpoint(at: "\(data)/\(b)"), options: options
    ).result
    let found = try readResults(from: path, profiles: true)
    #expect(found.pairs.allSatisfy { $0.profile != nil })
    #expect(found.pairs.map(\.profile) == expected.pairs.map(\.profile))
    #expect(try await json(retestHDF5(path, options: options)) == json(expected))
    #expect(try readResults(from: path).pairs.allSatisfy { $0.profile == nil })
  }

  @Test func unitSumsAreReadBackToTheBit() async throws {
    let models = try await densePair.value
    let stored = try StoredComparison(reading: try await exported(models))
    for (i, found) in models.findings.enumerated() {
      let sample = try #require(try stored.sample(i, forTests: true))
      let original = try #require(found.sample)
      #expect(bits(sample.sums.fields) == bits(original.sums.fields))
      #expect(sample.sums.normB == original.sums.normB)
      #expect(sample.sums.histogramA == original.sums.histogramA)
      #expect(sample.sums.histogramB == original.sums.histogramB)
      #expect(sample.sums.low == original.sums.low && sample.sums.width == original.sums.width)
      #expect(sample.view == original.view)
      #expect(sample.deviation == original.deviation && sample.obstacle == original.obstacle)
      let checksums = try #require(sample.pair.checksums)
      #expect(try checksums == #require(original.pair.checksums))
    }
  }

  /// Dense, convolutional with state, and the touched layer of one that is otherwise the same.
  @Test(arguments: [
    ("dense-l2-1e-5-seed0", "dense-l2-1e-2-seed0"), ("conv-l2-1e-5-seed0", "conv-l2-1e-5-seed1"),
    ("dense-l2-1e-5-seed0", "dense-l2-1e-5-seed0-reinit"),
  ])
  func sameTestsFromSumsAlone(a: String, b: String) async throws {
    let models = try await bundled(a, b, tests: true)
    let path = try await exported(models) { $0.includesTensors = false }
    var options = fewResamples()
    for threads in [1, 3] {
      options.threads = threads
      #expect(try await json(retestHDF5(path, options: options)) == json(models.result))
    }
  }

  @Test func otherTestsFromSumsAloneAreThoseOfTheModels() async throws {
    let path = try await exported(try await densePair.value) { $0.includesTensors = false }
    var options = fewResamples {
      $0.seed = 7
      $0.alternative = .less
      $0.adjustment = .holm
      $0.tests = ["scale", "shape"]
    }
    options.include = ["dense_*"]
    let a = try openCheckpoint(at: "\(data)/dense-l2-1e-5-seed0")
    let b = try openCheckpoint(at: "\(data)/dense-l2-1e-2-seed0")
    let expected = try await compare(a, b, options: options).result
    let found = try await retestHDF5(path, options: options)
    #expect(try json(found.pairs) == json(expected.pairs))
    #expect(try json(found.layers) == json(expected.layers))
    #expect(found.pairs.count == 4)
  }

  /// Every obstacle that a pair can have, and types that are no numbers.
  @Test func oddPairsFromSumsAlone() async throws {
    var a = MemoryCheckpoint("a")
    var b = MemoryCheckpoint("b")
    func add(_ name: String, _ shape: [Int], _ x: [Float], _ y: [Float]) {
      a.add(name, .float32, shape, x)
      b.add(name, .float32, shape, y)
    }
    add("l/kernel", [3, 4], (0..<12).map { Float($0) }, (0..<12).map { Float($0 * $0) })
    add("l/bias", [4], [1, 2, 3, 4], [1, 2, .nan, .infinity])
    add("m/none", [2], [.nan, .nan], [.nan, 1])
    add("m/empty", [0, 2], [], [])
    add("n/scalar", [], [1], [2])
    a.add("n/huge", .float64, [2, 2], [1e200, -1e200, 1e200, 2] as [Double])
    b.add("n/huge", .float64, [2, 2], [2e200, 1e200, 1, 2] as [Double])
    a.add("o/text", [1], strings: [Array("x".utf8)])
    b.add("o/text", [1], strings: [Array("y".utf8)])
    let options = fewResamples()
    var wide = options
    wide.roles = Set(Role.allCases)
    let models = try await Compared(a, b, wide)
    let path = try await exported(models)
    #expect(models.findings.contains { $0.sample == nil })
    #expect(try await json(retestHDF5(path, options: wide)) == json(models.result))
    #expect(try json(readResults(from: path)) == json(models.result))
  }

  @Test func nullDistributionsAreThoseBehindThePValues() async throws {
    let options = fewResamples { $0.keepsNull = true }
    let models = try await Compared(
      openCheckpoint(at: "\(data)/dense-l2-1e-5-seed0"), openCheckpoint(at: "\(data)/dense-l2-1e-2-seed0"), options)
    let path = try await exported(models)
    #expect(try await json(models.result) == json(densePair.value.result), "keeping them changes nothing")
    let file = try HDF5File(reading: path)
    var count = 0
    for pair in models.result.pairs {
      for test in pair.tests ?? [] where test.id == "shape" && test.method == "monte_carlo" {
        let part = pair.name.split(separator: "/").last ?? ""
        let group = try file.root.group("null/\(pair.layer)/\(part)/shape")
        let values = try group.numbers(test.statistic)
        #expect(values.count == 100)
        let observed = values[0]
        #expect(values.dropFirst().count { $0 >= observed - 1e-13 * abs(observed) } == test.exceedances)
        if test.statistic == "wasserstein1" { #expect(abs(observed - (test.value ?? 0)) < 1e-12 * observed) }
        count += 1
      }
    }
    #expect(count > 5)
  }

  @Test func foreignAndDamagedFilesAreRefusedInWords() throws {
    let path = folder.file("x.h5")
    try Data("no HDF5".utf8).write(to: URL(fileURLWithPath: path))
    var error = #expect(throws: ExportError.self) { try readResults(from: path) }
    #expect(error?.description.contains("is no HDF5 file") == true)
    try FileManager.default.removeItem(atPath: path)
    do {
      let file = try HDF5File(creating: path)
      try file.close()
    }
    error = #expect(throws: ExportError.self) { try readResults(from: path) }
    #expect(error?.description.contains("not one that Equipoise exported") == true)
  }

  @Test func lengthsThatContradictEachOtherAreRefused() async throws {
    let path = try await exported(try await densePair.value)
    // The number of units of one pair is changed behind the document's back.
    var bytes = try bytes(of: path)
    var count = 0
    while let range = bytes.range(of: Data("\"unit_count\":128".utf8)) {
      bytes.replaceSubrange(range, with: Data("\"unit_count\":127".utf8))
      count += 1
    }
    #expect(count > 0)
    let damaged = folder.file("damaged.h5")
    try bytes.write(to: URL(fileURLWithPath: damaged))
    let error = await #expect(throws: ExportError.self) {
      try await retestHDF5(damaged, options: fewResamples())
    }
    #expect(error?.description.contains("expected 127") == true)
  }
}
