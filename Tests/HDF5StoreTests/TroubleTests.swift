import Checkpoints
import Foundation
import HDF5
import Results
import Testing

@testable import Comparison
@testable import HDF5Store

/// What can go wrong, and that it says so.
struct TroubleTests {
  private let folder: Folder

  init() throws { folder = try Folder() }

  private func model() -> MemoryCheckpoint {
    var model = MemoryCheckpoint("model")
    model.add("l/kernel", .float32, [3, 2], [1, 2, 3, 4, 5, 6] as [Float])
    model.add("l/bias", .float32, [2], [1, 2] as [Float])
    model.add("alone", .float32, [2], [1, 2] as [Float])
    return model
  }

  @Test func damagedAndUnpairedTensorsAreListed() async throws {
    var a = model()
    var b = MemoryCheckpoint("b")
    b.add("l/kernel", .float32, [3, 2], [1, 2, 3, 4, 5, 7] as [Float])
    b.add("l/bias", .float32, [2], [1, 2] as [Float])
    b.add("alone", .float32, [3], [1, 2, 3] as [Float])
    b.add("new", .int32, [], [1] as [Int32])
    a.damage(1)
    try await writeHDF5(try await compared(a, b), to: folder.file("x.h5"), options: ExportOptions())
    let file = try HDF5File(reading: folder.file("x.h5"))
    #expect(try file.root.strings("results/tensors/tensor") == ["l/kernel"])
    #expect(try !file.root.contains("pairs/l/bias"))
    #expect(try file.root.strings("results/damaged/name") == ["l/bias"])
    #expect(try file.root.flags("results/damaged/corrupt") == [true])
    #expect(try file.root.strings("results/mismatched/shape_b") == ["[3]"])
    #expect(try file.root.strings("results/unpaired/name") == ["new"])
    #expect(try file.root.strings("results/unpaired/model") == ["b"])
    #expect(try file.root.strings("results/unpaired/shape") == ["[]"])
    #expect(try file.root.readAttribute("warnings", as: [String].self).count == 1)
  }

  @Test func changeSinceTheComparisonIsAnError() async throws {
    let a = model()
    var models = try await compared(a, a)
    var changed = a
    changed.damage(0)
    models.models = PairedModels(result: models.result, tensors: models.tensors, a: changed, b: a)
    await #expect(throws: CheckpointError.self) {
      try await writeHDF5(models, to: folder.file("x.h5"), options: ExportOptions())
    }
    var options = ExportOptions()
    options.verifies = false
    try await writeHDF5(models, to: folder.file("x.h5"), options: options)
  }

  @Test func fileIsClosedAfterAnError() async throws {
    let a = model()
    let found = try await compared(a, a)
    var changed = found
    var damaged = a
    damaged.damage(0)
    changed.models = PairedModels(result: found.result, tensors: found.tensors, a: damaged, b: a)
    let path = folder.file("x.h5")
    await #expect(throws: CheckpointError.self) {
      try await writeHDF5(changed, to: path, options: ExportOptions())
    }
    // HDF5 refuses to create a file that it still has open.
    try await writeHDF5(found, to: path, options: ExportOptions())
  }

  @Test func fullDiskIsRefusedBeforehand() throws {
    let error = #expect(throws: ExportError.self) { try checkSpace(for: 1 << 60, at: folder.file("x.h5")) }
    #expect(error?.description.contains("the tensors need 1048576.0 TiB and the disk has") == true)
    try checkSpace(for: 1, at: folder.file("x.h5"))
    try checkSpace(for: 1, at: "x.h5")
  }

  @Test func unwritablePathIsAnError() async throws {
    let models = try await compared(model(), model())
    let error = await #expect(throws: HDF5Error.self) {
      try await writeHDF5(models, to: folder.file("missing/x.h5"), options: ExportOptions())
    }
    #expect(error?.code == .io)
  }

  @Test func comparisonWithoutTestsHasNoTables() async throws {
    let models = try await Compared(model(), model(), ComparisonOptions())
    try await writeHDF5(models, to: folder.file("x.h5"), options: ExportOptions())
    let file = try HDF5File(reading: folder.file("x.h5"))
    #expect(try file.root.group("results").names() == ["tensors", "metadata", "structure"])
    #expect(try !file.root.hasAttribute("seed"))
  }
}
