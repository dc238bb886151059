import Checkpoints
import Comparison
import HDF5
import Results
import Tensors
import Testing

@testable import HDF5Store

/// Exported files read back as the two models that they were made of.
struct ExportedModelTests {
  private let folder: Folder

  init() throws { folder = try Folder() }

  @Test func everyByteComesBack() async throws {
    var a = MemoryCheckpoint("first")
    let patterns = (0..<4096).map { UInt8(truncatingIfNeeded: $0 &* 167 &+ $0 >> 8) }
    for type in ElementType.allCases where type.kind != .string && type.kind != .opaque {
      guard let width = type.byteWidth else { continue }
      // All bytes that the type has; of those narrower than a byte, the upper bits are 0.
      let mask: UInt8 =
        switch type {
        case .int4, .uint4, .float4e2m1fn: 15
        case .int2, .uint2: 3
        case .bool: 1
        default: 255
        }
      let bytes = type.byteFloats == nil ? patterns : (0..<4096).map { UInt8(truncatingIfNeeded: $0) }
      a.add("l/\(type.name)", type, [4096 / width / 4, 4], bytes.map { $0 & mask })
    }
    a.add("l/empty", .float16, [0, 3], [] as [UInt8])
    a.add("l/scalar", .bfloat16, [], [0xc040] as [UInt16])
    a.add("t/words", [3], strings: ["", "für", "漢字"].map { Array($0.utf8) })
    a.add("t/binary", [2], strings: [[0, 1, 255], Array("plain".utf8)])
    var b = MemoryCheckpoint("second")
    for tensor in a.tensors where tensor.elementType != .string {
      b.add(tensor.key, tensor.elementType, tensor.shape, try a.contents(tensor))
    }
    b.add("t/words", [3], strings: ["x", "y", "z"].map { Array($0.utf8) })
    b.add("t/binary", [2], strings: [[1], [0]])
    for (strings, level) in [(StringStorage.variable, nil), (.fixed, 3)] as [(StringStorage, Int?)] {
      var options = ExportOptions()
      options.strings = strings
      options.deflateLevel = level
      let path = folder.file("pairs.h5")
      try await writeHDF5(try await compared(a, b, roles: Set(Role.allCases)), to: path, options: options)
      for (side, source) in [("a", a), ("b", b)] {
        let model = try openCheckpoint(at: "\(path)/\(side)")
        #expect(model.tensors.map(\.key) == source.tensors.map(\.key).sorted())
        for tensor in source.tensors {
          let found = try #require(model.tensors.first { $0.key == tensor.key })
          #expect(found.elementType == tensor.elementType && found.shape == tensor.shape)
          try model.verify(found)
          if tensor.elementType == .string {
            #expect(try model.strings(found) == source.strings(tensor), "\(tensor.key)")
          } else {
            #expect(try model.contents(found) == source.contents(tensor), "\(tensor.key)")
            // Pieces that begin and end within elements.
            #expect(try model.contents(found, step: 777) == source.contents(tensor), "\(tensor.key)")
          }
        }
      }
    }
  }

  @Test func theSameModelByKeysNamesAndRoles() async throws {
    let path = folder.file("pairs.h5")
    let pair = try await bundled(
      "conv-l2-1e-5-seed0", "conv-l2-1e-2-seed0", roles: Set(Role.allCases).subtracting([.graph]))
    try await writeHDF5(pair, to: path, options: ExportOptions())
    for (side, source) in [("a", "conv-l2-1e-5-seed0"), ("b", "conv-l2-1e-2-seed0")] {
      let model = try openCheckpoint(at: "\(path)/\(side)")
      let original = try openCheckpoint(at: "\(data)/\(source)")
      let result = try await compared(original, model, roles: Set(Role.allCases)).result
      #expect(result.verdict == .identicalValues)
      #expect(result.pairs.allSatisfy { $0.identical && $0.a.key == $0.b.key })
      #expect(!result.warnings.contains { $0.contains("although") })
      let roles = Dictionary(uniqueKeysWithValues: Catalogue(original).entries.map { ($0.stored.key, $0.role) })
      for entry in Catalogue(model).entries { #expect(entry.role == roles[entry.stored.key], "\(entry.name)") }
      #expect(Catalogue(model).entries.count == pair.result.pairs.count)
    }
    let sides = try await compared(openCheckpoint(at: path + "/a"), openCheckpoint(at: path + "/b")).result
    #expect(sides.verdict == .different)
  }

  @Test func whatIsNoSideSaysSo() async throws {
    let path = folder.file("pairs.h5")
    var model = MemoryCheckpoint("model")
    model.add("l/half", .float16, [2], [0x3c00, 1] as [UInt16])
    model.add("l/other", .float32, [2], [1, 2] as [Float])
    try await writeHDF5(try await compared(model, model, roles: Set(Role.allCases)), to: path, options: ExportOptions())
    func refusal(_ path: String, tag: String? = nil) -> String {
      do {
        _ = try openCheckpoint(at: path, tag: tag)
        return ""
      } catch { return "\(error)" }
    }
    #expect(refusal(path).contains("pass '\(path)/a' or '\(path)/b'"))
    #expect(refusal(path + "/c").contains("is a file"))
    #expect(refusal(path + "/a", tag: "serve").contains("tags"))
    #expect(refusal(folder.file("none.h5/a")).contains("no such file"))
    do {
      // A value that no half has hides nothing else.
      let copy = folder.file("copy.h5")
      let file = try HDF5File(creating: copy)
      try file.root.writeAttribute("schema_version", 1)
      for (name, value, shape) in [("bad", 1.00001, [1]), ("good", 1.5, [1]), ("shape", 1, [2])] {
        let group = try file.root.createGroup("pairs/l/\(name)")
        try group.writeAttribute("key_a", name)
        try group.writeAttribute("dtype_a", "float16")
        try group.writeAttribute("shape", [1])
        try group.createDataset("a", shape: shape, .float32).write([Float](repeating: Float(value), count: shape[0]))
      }
      try file.close()
      let model = try openCheckpoint(at: copy + "/a")
      #expect(try model.contents(model.tensors[1]) == [0, 0x3e])
      for (index, words) in [(0, "no value of float16"), (2, "has the shape [2], expected [1]")] {
        do {
          try model.verify(model.tensors[index])
          Issue.record("\(words) was not seen")
        } catch { #expect("\(error)".contains(words)) }
      }
      #expect(refusal(copy + "/b").contains("does not say which tensor"))
    }
    var options = ExportOptions()
    options.includesTensors = false
    try await writeHDF5(try await compared(model, model, roles: Set(Role.allCases)), to: path, options: options)
    let bare = try openCheckpoint(at: path + "/a")
    do {
      try bare.verify(bare.tensors[0])
      Issue.record("values that are not there")
    } catch { #expect("\(error)".contains("--no-tensors")) }
  }
}

extension Checkpoint {
  /// All of a tensor's bytes, read in pieces of `step`.
  fileprivate func contents(_ tensor: StoredTensor, step: Int) throws -> [UInt8] {
    var result = [UInt8](repeating: 0, count: tensor.byteCount)
    try result.withUnsafeMutableBytes { all in
      for start in stride(from: 0, to: all.count, by: step) {
        let part = all[start..<min(start + step, all.count)]
        try read(tensor, at: start, into: UnsafeMutableRawBufferPointer(rebasing: part))
      }
    }
    return result
  }

  fileprivate func strings(_ tensor: StoredTensor) throws -> [[UInt8]] {
    var result: [[UInt8]] = []
    try forEachString(in: tensor) { (string) throws(CheckpointError) in result.append(Array(string)) }
    return result
  }
}
