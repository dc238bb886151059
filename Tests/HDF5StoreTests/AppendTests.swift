import Checkpoints
import Comparison
import Foundation
import HDF5
import Results
import Testing

@testable import HDF5Store

/// A second analysis in a file that is there.
struct AppendTests {
  private let folder: Folder
  private let a: any Checkpoint, b: any Checkpoint

  init() throws {
    folder = try Folder()
    a = try openCheckpoint(at: "\(data)/dense-l2-1e-5-seed0")
    b = try openCheckpoint(at: "\(data)/dense-l2-1e-2-seed0")
  }

  private func exported() async throws -> String {
    let path = folder.file("pairs.h5")
    try await writeHDF5(try await densePair.value, to: path, options: ExportOptions())
    return path
  }

  /// What a file holds by path: numbers as they lie in it, strings.
  private func contents(_ path: String) throws -> [String: [String]] {
    var found: [String: [String]] = [:]
    try HDF5File(reading: path).root.walk { path, dataset in
      if dataset.datatype.isString {
        found[path] = try dataset.readStrings()
      } else {
        found[path] = try dataset.contents().map { "\($0)" }
      }
    }
    return found
  }

  @Test func analysisIsAddedAndNothingElseChanges() async throws {
    let original = try await exported()
    let before = try contents(original)
    var options = fewResamples { $0.seed = 5 }
    options.unit = .input
    options.include = ["dense_1"]
    let copy = folder.file("two.h5")
    let added = try await appendHDF5(a, b, comparing: options, after: original, to: copy)
    #expect(added.group == "analyses/2")
    let after = try contents(copy)
    #expect(after.count > before.count)
    for (path, values) in before { #expect(after[path] == values, "\(path)") }
    #expect(after.keys.filter { before[$0] == nil }.allSatisfy { $0.hasPrefix("/analyses/2/") })
    #expect(try await json(readResults(from: copy)) == json(densePair.value.result))
    #expect(try json(readResults(from: copy + "/analyses/2")) == json(added.result))
    #expect(try await json(retestHDF5(copy + "/analyses/2", options: options)) == json(added.result))
    // The rows lead to the pairs, which are in the file once.
    let file = try HDF5File(reading: copy)
    let paths = try file.root.strings("analyses/2/results/tensors/path")
    #expect(
      paths == ["/pairs/dense_1/kernel", "/pairs/dense_1/bias"]
        || paths == ["/pairs/dense_1/bias", "/pairs/dense_1/kernel"])
    for path in paths { #expect(try file.root.contains(path + "/a")) }

    let third = folder.file("three.h5")
    let again = try await appendHDF5(a, b, comparing: fewResamples(), after: copy, to: third)
    #expect(again.group == "analyses/3")
    #expect(try json(readResults(from: third + "/analyses/2")) == json(added.result))
  }

  @Test func otherModelsAreRefused() async throws {
    let original = try await exported()
    let other = try openCheckpoint(at: "\(data)/dense-l2-1e-2-seed1")
    var error = await #expect(throws: ExportError.self) {
      try await appendHDF5(a, other, comparing: fewResamples(), after: original, to: folder.file("xa.h5"))
    }
    #expect(error?.description.contains("holds other models, so nothing is appended: B has") == true)
    error = await #expect(throws: ExportError.self) {
      try await appendHDF5(b, a, comparing: fewResamples(), after: original, to: folder.file("xb.h5"))
    }
    var wide = fewResamples()
    wide.roles = Set(Role.allCases)
    error = await #expect(throws: ExportError.self) {
      try await appendHDF5(a, b, comparing: wide, after: original, to: folder.file("xc.h5"))
    }
    #expect(error?.description.contains("the file has no pair") == true)
  }

  /// Sizes and fingerprints say nothing of models in memory: the values do.
  @Test func otherValuesAreRefused() async throws {
    var x = MemoryCheckpoint("model")
    x.add("l/kernel", .float32, [2, 2], [1, 2, 3, 4] as [Float])
    var y = MemoryCheckpoint("model")
    y.add("l/kernel", .float32, [2, 2], [1, 2, 3, 5] as [Float])
    let original = folder.file("x.h5")
    _ = try await exportHDF5(x, x, comparing: fewResamples(), to: original)
    for verifies in [true, false] {
      var options = fewResamples()
      options.verifies = verifies
      let error = await #expect(throws: ExportError.self) {
        try await appendHDF5(x, y, comparing: options, after: original, to: folder.file("\(verifies).h5"))
      }
      #expect(error?.description.contains("the values of 'l/kernel' are not the same") == true)
      _ = try await appendHDF5(x, x, comparing: options, after: original, to: folder.file("\(verifies) again.h5"))
    }
  }
}
