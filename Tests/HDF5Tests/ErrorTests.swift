import Foundation
import Testing

@testable import HDF5

/// Bad input gives a typed error that names the file and the place in it.
@Suite struct ErrorTests {
  private func write(_ path: String, _ text: HDF5Datatype = .string) throws {
    let file = try HDF5File(creating: path)
    let dataset = try file.root.createDataset("g/x", shape: [100], .float32)
    try dataset.write([Float](repeating: 1, count: 100))
    try dataset.writeAttribute("text", "große", as: text)
    let strings = try file.root.createDataset("g/s", shape: [3], text)
    try strings.write(["a", "b", "c"])
    let packed = try file.root.createDataset("g/z", shape: [100, 10], .int32, layout: .chunked(deflate: 1))
    try packed.write([Int32](repeating: 1, count: 1000))
    try dataset.close()
    try strings.close()
    try packed.close()
    try file.close()
  }

  @Test func notHDF5() throws {
    try withFolder { path in
      try Data("no HDF5".utf8).write(to: URL(fileURLWithPath: path("a.h5")))
      #expect(code { _ = try HDF5File(reading: path("a.h5")) } == .notHDF5)
      try Data().write(to: URL(fileURLWithPath: path("b.h5")))
      #expect(code { _ = try HDF5File(reading: path("b.h5")) } == .notHDF5)
    }
  }

  @Test func truncated() throws {
    try withFolder { path in
      try write(path("a.h5"))
      let bytes = try Data(contentsOf: URL(fileURLWithPath: path("a.h5")))
      for length in [bytes.count - 1, bytes.count / 2, 100] {
        try bytes.prefix(length).write(to: URL(fileURLWithPath: path("b.h5")))
        #expect(code { _ = try HDF5File(reading: path("b.h5")) } == .truncated)
      }
    }
  }

  @Test func operatingSystemRefuses() throws {
    try withFolder { path in
      #expect(code { _ = try HDF5File(reading: path("missing.h5")) } == .io)
      // Some systems open a folder to read and fail later.
      #expect([.io, .notHDF5].contains(code { _ = try HDF5File(reading: path("")) }))
      #expect(code { _ = try HDF5File(creating: path("missing/a.h5")) } == .io)
      #expect(code { _ = try HDF5File(creating: "a\0.h5") } == .invalidText)
    }
  }

  /// Linux has a disk that is always full.
  @Test(.enabled(if: FileManager.default.fileExists(atPath: "/dev/full"))) func fullDisk() throws {
    for layout in [HDF5Layout.contiguous, .chunked(), .chunked(deflate: 1)] {
      #expect(
        code {
          let file = try HDF5File(creating: "/dev/full")
          let dataset = try file.root.createDataset("x", shape: [100_000], .float32, layout: layout)
          try dataset.write([Float](repeating: 1, count: 100_000))
          try file.close()
        } == .io)
    }
  }

  @Test func missingOrOfAnotherKind() throws {
    try withFolder { path in
      try write(path("a.h5"))
      let file = try HDF5File(reading: path("a.h5"))
      #expect(code { _ = try file.root.dataset("y") } == .notFound)
      #expect(code { _ = try file.root.dataset("g/y/z") } == .notFound)
      #expect(code { _ = try file.root.group("y") } == .notFound)
      #expect(code { _ = try file.root.dataset("g") } == .wrongType)
      #expect(code { _ = try file.root.group("g/x") } == .wrongType)
      #expect(code { _ = try file.root.dataset("g/x").read(Double.self) } == .wrongType)
      #expect(code { _ = try file.root.dataset("g/x").readStrings() } == .wrongType)
      #expect(code { _ = try file.root.dataset("g/s").read(Int8.self) } == .wrongType)
      #expect(code { _ = try file.root.createGroup("h") } != nil)
      #expect(code { _ = try file.root.group("g\0/x") } == .invalidText)
    }
  }

  @Test func cannotBeCreated() throws {
    try withFolder { path in
      let file = try HDF5File(creating: path("a.h5"))
      _ = try file.root.createGroup("g")
      #expect(code { _ = try file.root.createGroup("g") } == .exists)
      #expect(code { _ = try file.root.createDataset("g", shape: [], .int8) } == .exists)
      _ = try file.root.createDataset("x", shape: [], .int8)
      #expect(code { _ = try file.root.createDataset("x/y", shape: [], .int8) } != nil)
      #expect(code { _ = try file.root.createDataset("y", shape: [-1], .int8) } == .outOfRange)
      #expect(code { _ = try file.root.createDataset("y", shape: [1 << 62, 4], .int8) } == .outOfRange)
      #expect(code { _ = try file.root.createDataset("y", shape: [Int](repeating: 1, count: 33), .int8) } != nil)
      for chunk in [[2], [0, 1], [5, 1], [2, 2, 2]] {
        #expect(
          code { _ = try file.root.createDataset("y", shape: [4, 4], .int8, layout: .chunked(shape: chunk)) }
            == .outOfRange)
      }
      #expect(
        code { _ = try file.root.createDataset("y", shape: [4], .int8, layout: .chunked(deflate: 10)) } == .outOfRange)
      #expect(code { _ = try file.root.createDataset("y", shape: [4], .string, fill: 1) } == .wrongType)
      #expect(code { _ = try file.root.createDataset("y", shape: [4], .other("?")) } == .wrongType)
      #expect(try file.root.names() == ["g", "x"])
    }
  }

  @Test func claimsThatTheFileCannotBackAreRefused() throws {
    try withFolder { path in
      let file = try HDF5File(creating: path("a.h5"))
      let dataset = try file.root.createDataset("x", shape: [1 << 40], .float64, layout: .chunked(shape: [1]))
      #expect(code { _ = try dataset.read(Double.self) } == .implausibleSize)
      #expect(try dataset.read(Double.self, at: 1 << 39, count: 2) == [0, 0])
    }
  }

  @Test func descriptionNamesFilePlaceAndCause() throws {
    try withFolder { path in
      try write(path("a.h5"))
      do {
        _ = try HDF5File(reading: path("a.h5")).root.dataset("g/y")
        Issue.record("opened what isn't there")
      } catch {
        let text = "\(error)"
        #expect(text.hasPrefix("\(path("a.h5")): /g/y: "))
        #expect(text.contains("object 'y' doesn't exist") && text.contains("H5Dopen2"))
      }
    }
  }

  /// Every tenth byte, one at a time, turned into its complement: reading ends, well or in an ``HDF5Error``.
  ///
  /// Variable-length strings are left out: they lie in a heap without checksums, and HDF5 1.10 itself crashes on a
  /// damaged one, as `h5dump` does.
  @Test func damagedFilesDoNotCrash() throws {
    try withFolder { path in
      try write(path("a.h5"), .fixedString(bytes: 6))
      let bytes = try Data(contentsOf: URL(fileURLWithPath: path("a.h5")))
      for position in stride(from: 0, to: bytes.count, by: 10) {
        var damaged = bytes
        damaged[position] = ~damaged[position]
        try damaged.write(to: URL(fileURLWithPath: path("b.h5")))
        do {
          let file = try HDF5File(reading: path("b.h5"))
          for name in try file.root.group("g").names() {
            let dataset = try file.root.dataset("g/\(name)")
            for attribute in try dataset.attributeNames() { _ = try dataset.readAttribute(attribute, as: String.self) }
            if name == "s" { _ = try dataset.readStrings() }
            if name == "x" { _ = try dataset.read(Float.self) }
            if name == "z" { _ = try dataset.read(Int32.self) }
          }
        } catch is HDF5Error {}
      }
    }
  }
}
