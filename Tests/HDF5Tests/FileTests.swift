import Foundation
import Testing

@testable import HDF5

/// Files and groups: order, bytes, what is there.
@Suite struct FileTests {
  @Test func versionIsThatOfTheLibrary() {
    let parts = HDF5Library.version.split(separator: ".")
    #expect(parts.count == 3 && parts.allSatisfy { Int($0) != nil })
  }

  @Test func orderOfCreationIsKept() throws {
    try withFolder { path in
      let file = try HDF5File(creating: path("a.h5"))
      let names = (0..<40).map { "n\(($0 * 17) % 40)" }
      let group = try file.root.createGroup("zeta/größe")
      for name in names {
        _ = try group.createGroup(name)
        try group.writeAttribute(name, 1)
      }
      _ = try file.root.createGroup("alpha")
      let dataset = try file.root.createDataset("alpha/weights/x", shape: [], .int8)
      for name in names { try dataset.writeAttribute(name, name) }
      try group.close()
      try dataset.close()
      try file.close()

      let copy = try HDF5File(reading: path("a.h5"))
      #expect(try copy.root.names() == ["zeta", "alpha"])
      #expect(try copy.root.group("/zeta").names() == ["größe"])
      #expect(try copy.root.group("zeta/größe").names() == names)
      #expect(try copy.root.group("zeta/größe").attributeNames() == names)
      #expect(try copy.root.dataset("alpha/weights/x").attributeNames() == names)
      #expect(try copy.root.group("alpha").group("weights").location.path == "/alpha/weights")
    }
  }

  @Test func whatIsThere() throws {
    try withFolder { path in
      let file = try HDF5File(creating: path("a.h5"))
      _ = try file.root.createDataset("a/b/x", shape: [1], .int8)
      let group = try file.root.group("a")
      for name in ["b", "b/x", "/a", "/a/b/x", "/", "b//x"] { #expect(try group.contains(name)) }
      for name in ["x", "b/y", "c/x", "b/x/y", "/b"] { #expect(try !group.contains(name)) }
      #expect(try file.root.kind(of: "a/b") == .group)
      #expect(try file.root.kind(of: "a/b/x") == .dataset)
      #expect(code { _ = try file.root.kind(of: "a/c") } == .notFound)
    }
  }

  /// A file with some of everything.
  private func write(_ path: String) throws {
    let file = try HDF5File(creating: path)
    try file.root.writeAttribute("provenance", String(repeating: "{\"größe\": 1}", count: 10_000))
    for layer in ["dense_1", "dense", "output"] {
      let group = try file.root.createGroup("pairs/\(layer)/kernel")
      try group.writeAttribute("layer", layer)
      try group.writeAttribute("shape", [3, 4])
      let axes = [3, 4]
      for name in ["a", "b"] {
        let layout = name == "a" ? HDF5Layout.contiguous : .chunked(deflate: 1)
        let dataset = try group.createDataset(name, shape: axes, .float32, layout: layout, fill: .nan)
        try dataset.write((0..<12).map { Float($0) })
        for (axis, length) in axes.enumerated() {
          let scaleName = "dim_\(axis)"
          let isNew = try !group.contains(scaleName)
          let scale =
            isNew
            ? try group.createDataset(scaleName, shape: [length], .int32) : try group.dataset(scaleName)
          if isNew {
            try scale.write((0..<length).map { Int32($0) })
            try scale.makeScale(scaleName)
          }
          try dataset.attach(scale, toAxis: axis)
          try dataset.setLabel("axis \(axis)", ofAxis: axis)
        }
      }
    }
    let column = try file.root.createDataset("results/tensors/tensor", shape: [3], .string)
    try column.write(["dense_1/kernel", "dense/kernel", "größe"])
    let empty = try file.root.createDataset("results/tests/p", shape: [0], .float64)
    try column.close()
    try empty.close()
    try file.close()
  }

  @Test func sameInputGivesSameBytes() throws {
    try withFolder { path in
      try write(path("a.h5"))
      // A time in the file would have moved on.
      Thread.sleep(forTimeInterval: 1.1)
      try write(path("b.h5"))
      let files = try ["a.h5", "b.h5"].map { try Data(contentsOf: URL(fileURLWithPath: path($0))) }
      #expect(files[0] == files[1])
    }
  }

  @Test func formatIsThatOf18() throws {
    try withFolder { path in
      try write(path("a.h5"))
      let bytes = try Data(contentsOf: URL(fileURLWithPath: path("a.h5")))
      // Superblock: signature, then its version; 3 came with 1.10.
      #expect(bytes.prefix(9) == Data([0x89, 0x48, 0x44, 0x46, 0x0d, 0x0a, 0x1a, 0x0a, 2]))
      // Version-1 B-trees index the chunks; 1.10's indexes have signatures of their own.
      for signature in ["FAHD", "EAHD"] { #expect(bytes.range(of: Data(signature.utf8)) == nil) }
      if let dump = try h5dump("-pH", path("a.h5")) {
        #expect(dump.contains("COMPRESSION DEFLATE { LEVEL 1 }") && dump.contains("PREPROCESSING SHUFFLE"))
        #expect(dump.contains("FILL_TIME H5D_FILL_TIME_NEVER"))
      }
    }
  }

  @Test(arguments: [HDF5Layout.contiguous, .chunked(deflate: 1)])
  func closedFileIsCompleteThoughObjectsAreOpen(_ layout: HDF5Layout) throws {
    try withFolder { path in
      for name in ["open.h5", "closed.h5"] {
        let file = try HDF5File(creating: path(name))
        let dataset = try file.root.createDataset("g/x", shape: [2, 2], .int64, layout: layout)
        let group = try file.root.group("g")
        try dataset.write([1, 2, 3], at: 1)
        if name == "closed.h5" { try dataset.close() }
        try file.close()
        try FileManager.default.copyItem(atPath: path(name), toPath: path("copy of \(name)"))
        #expect(try group.names() == ["x"])
      }
      #expect(try HDF5File(reading: path("copy of open.h5")).root.dataset("g/x").read(Int.self, at: 1) == [1, 2, 3])
      let files = try ["copy of open.h5", "copy of closed.h5"].map {
        try Data(contentsOf: URL(fileURLWithPath: path($0)))
      }
      #expect(files[0] == files[1])
    }
  }

  @Test func flushedFileCanBeRead() throws {
    try withFolder { path in
      let file = try HDF5File(creating: path("a.h5"))
      let dataset = try file.root.createDataset("x", shape: [2], .int64)
      try dataset.write([1, 2])
      try file.flush()
      try FileManager.default.copyItem(atPath: path("a.h5"), toPath: path("b.h5"))
      #expect(try HDF5File(reading: path("b.h5")).root.dataset("x").read(Int.self) == [1, 2])
    }
  }

  @Test func creatingReplaces() throws {
    try withFolder { path in
      for name in ["a", "b"] {
        let file = try HDF5File(creating: path("a.h5"))
        _ = try file.root.createGroup(name)
        try file.close()
      }
      #expect(try HDF5File(reading: path("a.h5")).root.names() == ["b"])
    }
  }
}
