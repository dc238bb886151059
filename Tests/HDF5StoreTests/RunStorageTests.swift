import Checkpoints
import Comparison
import Foundation
import HDF5
import Results
import Testing

@testable import HDF5Store

/// Groups of runs in one file, and from the file alone.
struct RunStorageTests {
  private let folder: Folder
  private let a = ["dense-l2-1e-5-seed0", "dense-l2-1e-5-seed1", "dense-l2-1e-5-seed2"]
  private let b = ["dense-l2-1e-2-seed0", "dense-l2-1e-2-seed1", "dense-l2-1e-2-seed2"]

  init() throws { folder = try Folder() }

  private func models(_ names: [String]) throws -> [any Checkpoint] {
    try names.map { try openCheckpoint(at: "\(data)/\($0)") }
  }

  private func export(
    _ name: String = "runs.h5", _ options: ComparisonOptions = fewResamples(),
    _ change: (inout ExportOptions) -> Void = { _ in }
  ) async throws -> (path: String, result: RunComparison) {
    var storage = ExportOptions()
    change(&storage)
    let path = folder.file(name)
    let result = try await exportRunsHDF5(models(a), models(b), comparing: options, to: path, storing: storage)
    return (path, result)
  }

  @Test func tensorsOfAllRunsAreStacked() async throws {
    let (path, result) = try await export()
    let file = try HDF5File(reading: path)
    let tensors = try #require(result.tensors.isEmpty ? nil : result.tensors)
    for (names, side) in [(a, "a"), (b, "b")] {
      for (run, model) in try models(names).enumerated() {
        for tensor in tensors {
          let group = try file.root.group("pairs/\(tensor.layer)/\(tensor.name.split(separator: "/").last ?? "")")
          let keys = try group.readAttribute("key_\(side)", as: [String].self)
          let stored = try #require(model.tensors.first { $0.key == keys[run] })
          let all = try group.dataset(side).contents()
          let size = stored.byteCount
          #expect(all.count == 3 * size)
          #expect(
            try Array(all[run * size..<(run + 1) * size]) == model.contents(stored), "\(side)\(run) \(tensor.name)")
        }
      }
    }
    #expect(try file.root.strings("runs/group") == ["A", "A", "A", "B", "B", "B"].map { $0.lowercased() })
    #expect(try file.root.strings("runs/path").map { ($0 as NSString).lastPathComponent } == a + b)
  }

  @Test(arguments: StringStorage.allCases) func resultsAreReadBackToTheLetter(strings: StringStorage) async throws {
    let (path, result) = try await export { $0.strings = strings }
    #expect(try json(readRunResults(from: path)) == json(result))
    #expect(try holdsRuns(path))
    let file = try HDF5File(reading: path)
    #expect(try file.root.strings("results/layers/layer") == result.layers.map(\.layer))
    #expect(try bits(file.root.numbers("results/layers/p_value")) == bits(result.layers.map(\.pValue)))
  }

  @Test func sameBytesWhateverTheThreads() async throws {
    var options = fewResamples { $0.keepsNull = true }
    var found: [Data] = []
    for threads in [1, 3] {
      options.threads = threads
      found.append(try bytes(of: try await export("runs\(threads).h5", options).path))
    }
    #expect(found[0] == found[1])
  }

  /// With the options of the first time and with others, as the runs themselves are tested.
  @Test func sameTestsFromTheFeaturesAlone() async throws {
    let (path, result) = try await export { $0.includesTensors = false }
    #expect(try json(retestRunsHDF5(path, options: fewResamples())) == json(result))
    var options = fewResamples {
      $0.seed = 5
      $0.alpha = 0.2
    }
    options.include = ["dense_2"]
    let expected = try await compareRuns(models(a), models(b), options: options)
    let again = try retestRunsHDF5(path, options: options)
    #expect(try json(again.layers) == json(expected.layers))
    #expect(try json(again.tensors) == json(expected.tensors))
    #expect(again.layers.map(\.layer) == ["dense_2"])
  }

  @Test func nullDistributionsHoldEveryLabelling() async throws {
    let (path, result) = try await export("null.h5", fewResamples { $0.keepsNull = true })
    let file = try HDF5File(reading: path)
    // 3 + 3 runs: ten labellings, the observed one first.
    for layer in result.layers {
      let null = try file.root.numbers("layers/\(layer.layer)/null/r_squared")
      #expect(null.count == 10)
      let extreme = null.count { $0 >= null[0] - 1e-12 }
      #expect(Double(extreme) / 10 == layer.pValue)
    }
  }

  @Test func whatIsNoFileOfRunsIsSaid() async throws {
    let (path, _) = try await export()
    #expect(throws: ExportError.self) { try readResults(from: path) }
    #expect(throws: CheckpointError.self) { try openCheckpoint(at: "\(path)/a") }
    let pair = folder.file("pairs.h5")
    try await writeHDF5(try await densePair.value, to: pair, options: ExportOptions())
    #expect(try !holdsRuns(pair))
    #expect(throws: ExportError.self) { try readRunResults(from: pair) }
  }
}
