import Checkpoints
import Comparison
import Foundation
import HDF5
import Results
import Tensors
import Testing

@testable import HDF5Store

/// Element types, shapes and names that the bundled models don't have.
struct ElementTests {
  private let folder: Folder

  init() throws { folder = try Folder() }

  /// Exports a model paired with itself and opens the file.
  private func export(
    _ a: MemoryCheckpoint, _ change: (inout ExportOptions) -> Void = { _ in }
  ) async throws -> HDF5File {
    var options = ExportOptions()
    change(&options)
    let models = try await compared(a, a, roles: Set(Role.allCases))
    try await writeHDF5(models, to: folder.file("pairs.h5"), options: options)
    return try HDF5File(reading: folder.file("pairs.h5"))
  }

  @Test(arguments: [nil, 4] as [Int?]) func everyElementType(deflate: Int?) async throws {
    var model = MemoryCheckpoint("model")
    model.add("l/half", .float16, [2, 2], [0x3c00, 0xc000, 0x0001, 0x7bff] as [UInt16])
    model.add("l/brain", .bfloat16, [2], [0x3f80, 0xc040] as [UInt16])
    model.add("l/double", .float64, [2], [.pi, -.infinity] as [Double])
    model.add("l/single_complex", .complex64, [2, 1], [1, 2, 3, 4] as [Float])
    model.add("l/double_complex", .complex128, [], [1, -2] as [Double])
    model.add("l/flags", .bool, [3], [1, 0, 1] as [UInt8])
    model.add("l/nibbles", .int4, [3], [0x0f, 0x07, 0x08] as [UInt8])
    model.add("l/crumbs", .int2, [3], [0x03, 0x01, 0x02] as [UInt8])
    model.add("l/unsigned_nibbles", .uint4, [2], [15, 3] as [UInt8])
    model.add("l/eighths", .float8e4m3fn, [3], [0x38, 0xc0, 0x7f] as [UInt8])
    model.add("l/tiny", .float4e2m1fn, [3], [0x07, 0x0a, 0x01] as [UInt8])
    model.add("l/quantized", .qint32, [2], [Int32.min, 7])
    model.add("l/long", .uint64, [2], [UInt64.max, 1])
    model.add("l/short", .quint16, [2], [UInt16.max, 1])
    model.add("l/scalar", .int64, [], [Int64.min])
    model.add("l/empty", .float32, [0, 3], [] as [Float])
    let group = try await export(model) { $0.deflateLevel = deflate }.root.group("pairs/l")
    #expect(try group.dataset("half/a").read(Float.self) == [1, -2, 0x1p-24, 65504])
    #expect(try group.dataset("half/a").readAttribute("dtype") == "float16")
    #expect(try group.dataset("brain/b").read(Float.self) == [1, -3])
    #expect(try group.dataset("double/a").read(Double.self) == [.pi, -.infinity])
    #expect(try group.dataset("single_complex/a").read(Float.self) == [1, 2, 3, 4])
    #expect(try group.dataset("single_complex/a").shape == [2, 1, 2])
    let component = try group.dataset("single_complex/component")
    #expect(try group.dataset("single_complex/a").isAttached(component, toAxis: 2))
    #expect(try group.dataset("double_complex/b").read(Double.self) == [1, -2])
    #expect(try group.dataset("double_complex/b").shape == [2])
    #expect(try group.dataset("flags/a").read(Int8.self) == [1, 0, 1])
    #expect(try group.dataset("flags/a").readAttribute("dtype") == "bool")
    #expect(try group.dataset("nibbles/a").read(Int8.self) == [-1, 7, -8])
    #expect(try group.dataset("crumbs/a").read(Int8.self) == [-1, 1, -2])
    #expect(try group.dataset("unsigned_nibbles/a").read(UInt8.self) == [15, 3])
    let eighths = try group.dataset("eighths/b").read(Float.self)
    #expect(eighths[..<2] == [1, -2] && eighths[2].isNaN)
    #expect(try group.dataset("eighths/a").readAttribute("dtype") == "float8_e4m3fn")
    #expect(try group.dataset("tiny/a").read(Float.self) == [6, -1, 0.5])
    #expect(try group.dataset("quantized/a").read(Int32.self) == [.min, 7])
    #expect(try group.dataset("long/a").read(UInt64.self) == [.max, 1])
    #expect(try group.dataset("short/a").read(UInt16.self) == [.max, 1])
    #expect(try group.dataset("scalar/a").read(Int64.self) == [.min])
    #expect(try group.dataset("scalar/a").shape.isEmpty)
    #expect(try group.dataset("empty/a").shape == [0, 3])
    #expect(try group.group("empty").readAttribute("shape", as: [Int].self) == [0, 3])
  }

  #if !(os(macOS) && arch(x86_64))
    @Test func halvesAgainstSwift() {
      for bits in UInt16.min...UInt16.max {
        let expected = Float(Float16(bitPattern: bits))
        let found = Float(half: bits)
        // A signalling NaN comes out of the processor quiet.
        #expect(found.bitPattern == expected.bitPattern || (found.isNaN && expected.isNaN))
      }
    }
  #endif

  @Test func everyElementTypeOfTheComparisonCanBeStored() {
    for type in ElementType.allCases where type.kind != .string && type.kind != .opaque {
      #expect(type.storedDatatype != nil, "\(type)")
      if type.isStoredAsIs, let width = type.componentWidth { #expect(type.storedDatatype?.byteWidth == width) }
    }
  }

  @Test(arguments: [nil, 1] as [Int?]) func longTensorsComeInPieces(deflate: Int?) async throws {
    var model = MemoryCheckpoint("model")
    let values = (0..<700_001).map { Float($0) }
    model.add("l/vector", .float32, [700_001], values)
    model.add("l/halves", .float16, [7, 100_000], (0..<700_000).map { UInt16(truncatingIfNeeded: $0) & 0x3fff })
    model.add("l/complex", .complex64, [50_000, 7], Array(values[..<700_000]))
    let file = try await export(model) { $0.deflateLevel = deflate }
    let group = try file.root.group("pairs/l")
    #expect(try group.dataset("vector/a").read(Float.self) == values)
    #expect(try group.dataset("vector/axis_0").read(Int32.self, at: 699_999, count: 2) == [699_999, 700_000])
    let last = Float(half: UInt16(truncatingIfNeeded: 699_999) & 0x3fff)
    #expect(try group.dataset("halves/b").read(Float.self).last == last)
    #expect(try group.dataset("complex/a").read(Float.self) == Array(values[..<700_000]))
    let size = try bytes(of: file.path).count
    #expect(deflate == nil ? size > 25_000_000 : size < 12_000_000)
    let units = try file.root.group("units/l/vector")
    #expect(try units.readAttribute("unit_count", as: Int.self) == 700_001)
    #expect(try units.dataset("sum_a").count == 16_384)
    #expect(try units.readAttribute("note", as: String.self).hasPrefix("700001 units are taken in 16384 random blocks"))
  }

  @Test(arguments: StringStorage.allCases) func strings(storage: StringStorage) async throws {
    var model = MemoryCheckpoint("model")
    model.add("t/words", [2, 2], strings: ["", "für", "a", "漢字"].map { Array($0.utf8) })
    model.add("t/binary", [2], strings: [[0, 1, 255], Array("plain".utf8)])
    let many = (0..<10_000).map { "word \($0)" }
    model.add("t/many", [10_000], strings: many.map { Array($0.utf8) })
    let group = try await export(model) { $0.strings = storage }.root.group("pairs/t")
    let words = try group.dataset("words/a")
    #expect(try words.readStrings() == ["", "für", "a", "漢字"])
    #expect(words.datatype == (storage == .fixed ? .fixedString(bytes: 6) : .string))
    #expect(try !words.hasAttribute("encoding"))
    #expect(try group.dataset("binary/a").readStrings() == ["AAH/", "cGxhaW4="])
    #expect(try group.dataset("binary/a").readAttribute("encoding") == "base64")
    #expect(try group.dataset("many/b").readStrings() == many)
  }

  @Test func oddNames() async throws {
    var model = MemoryCheckpoint("model")
    let names = ["kernel", "a%b/kernel", "a/b/.", "a/b/..", "deep/er/layer/gewöhnlich", "nul\0/x", "sp ace/~2"]
    for name in names { model.add(name, .float32, [2], [1, 2] as [Float]) }
    let file = try await export(model)
    let paths = try file.root.strings("results/tensors/path")
    #expect(
      Set(paths) == [
        "/pairs/%00/kernel", "/pairs/a%25b/kernel", "/pairs/a%2Fb/%2E", "/pairs/a%2Fb/%2E%2E",
        "/pairs/deep%2Fer%2Flayer/gewöhnlich", "/pairs/nul%00/x", "/pairs/sp ace/~2",
      ])
    for (path, name) in zip(paths, try file.root.strings("results/tensors/tensor")) {
      #expect(try file.root.group(path).readAttribute("name") == name)
      #expect(try file.root.dataset(path + "/a").read(Float.self) == [1, 2])
    }
  }
}
