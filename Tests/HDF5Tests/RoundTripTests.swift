import Foundation
import Testing

@testable import HDF5

/// What is written is read, of each type, shape and layout.
@Suite struct RoundTripTests {
  /// Writes a dataset of each shape and layout, closes the file, reads it back.
  private func roundTrip<Number: HDF5Number & Equatable>(_ value: (Int) -> Number) throws {
    let layouts: [HDF5Layout] = [.contiguous, .chunked(), .chunked(deflate: 1)]
    try withFolder { path in
      let file = try HDF5File(creating: path("a.h5"))
      for (index, shape) in shapes.enumerated() {
        for (kind, layout) in layouts.enumerated() {
          let dataset = try file.root.createDataset(
            "\(index)-\(kind)", shape: shape, Number.hdf5Datatype, layout: layout)
          try dataset.write((0..<product(shape)).map(value))
        }
      }
      try file.close()

      let copy = try HDF5File(reading: path("a.h5"))
      for (index, shape) in shapes.enumerated() {
        for kind in layouts.indices {
          let dataset = try copy.root.dataset("\(index)-\(kind)")
          #expect(dataset.shape == shape)
          #expect(dataset.count == product(shape))
          #expect(dataset.datatype == Number.hdf5Datatype)
          #expect(try dataset.read(Number.self) == (0..<product(shape)).map(value))
        }
      }
    }
  }

  @Test func floats() throws {
    try roundTrip { Float($0) / 3 }
    try roundTrip { Double($0) / 3 - 1 }
    try roundTrip { $0 == 0 ? -Double.infinity : Double.leastNonzeroMagnitude * Double($0) }
  }

  @Test func signedIntegers() throws {
    try roundTrip { Int8.min + Int8($0) }
    try roundTrip { Int16.min + Int16($0) }
    try roundTrip { Int32.min + Int32($0) }
    try roundTrip { Int64.min + Int64($0) }
    try roundTrip { Int.max - $0 }
  }

  @Test func unsignedIntegers() throws {
    try roundTrip { UInt8.max - UInt8($0) }
    try roundTrip { UInt16.max - UInt16($0) }
    try roundTrip { UInt32.max - UInt32($0) }
    try roundTrip { UInt64.max - UInt64($0) }
  }

  @Test func notANumberKeepsItsBits() throws {
    let values = [Float(nan: 5, signaling: false), -.zero, .infinity]
    let read = try withFolder { path in
      let file = try HDF5File(creating: path("a.h5"))
      let dataset = try file.root.createDataset("x", shape: [3], .float32)
      try dataset.write(values)
      return try dataset.read(Float.self)
    }
    #expect(read.map(\.bitPattern) == values.map(\.bitPattern))
  }

  static let texts = ["", "a", "Gewicht/größe", "重み", "👩🏽‍🔬", String(repeating: "é", count: 3000)]

  @Test(arguments: [HDF5Datatype.string, .fixedString(fitting: texts)], [HDF5Layout.contiguous, .chunked(deflate: 4)])
  func strings(_ datatype: HDF5Datatype, _ layout: HDF5Layout) throws {
    try withFolder { path in
      let file = try HDF5File(creating: path("a.h5"))
      let list = try file.root.createDataset("list", shape: [2, 3], datatype, layout: layout)
      try list.write(Self.texts)
      let scalar = try file.root.createDataset("scalar", shape: [], datatype, layout: layout)
      try scalar.write(["größe"])
      let empty = try file.root.createDataset("empty", shape: [0], datatype, layout: layout)
      try empty.write([String]())
      try list.close()
      try scalar.close()
      try empty.close()
      try file.close()

      let copy = try HDF5File(reading: path("a.h5"))
      #expect(try copy.root.dataset("list").readStrings() == Self.texts)
      #expect(try copy.root.dataset("list").readStrings(at: 2, count: 3) == Array(Self.texts[2..<5]))
      #expect(try copy.root.dataset("list").datatype == datatype)
      #expect(try copy.root.dataset("scalar").readStrings() == ["größe"])
      #expect(try copy.root.dataset("empty").readStrings() == [])
    }
  }

  @Test func stringsNeverWrittenAreEmpty() throws {
    try withFolder { path in
      let file = try HDF5File(creating: path("a.h5"))
      #expect(try file.root.createDataset("x", shape: [2], .string).readStrings() == ["", ""])
    }
  }

  @Test func bytesAreNumbers() throws {
    try withFolder { path in
      let dataset = try HDF5File(creating: path("a.h5")).root.createDataset("x", shape: [2, 2], .uint16)
      try dataset.write(bytes: [UInt16(1), 258].span.bytes)
      try dataset.write(bytes: ([3, 0, 4, 0] as [UInt8]).span.bytes, at: 2)
      #expect(try dataset.read(UInt16.self) == [1, 258, 3, 4])
      #expect(code { try dataset.write(bytes: ([1] as [UInt8]).span.bytes) } == .outOfRange)
    }
  }

  @Test func fillValueStandsWhereNothingWasWritten() throws {
    try withFolder { path in
      let file = try HDF5File(creating: path("a.h5"))
      let dataset = try file.root.createDataset(
        "x", shape: [3, 4], .float32, layout: .chunked(shape: [1, 4]), fill: .nan)
      try dataset.write([1, 2, 3, 4] as [Float], at: 4)
      let read = try dataset.read(Float.self)
      #expect(read[4..<8] == [1, 2, 3, 4])
      #expect(read[..<4].allSatisfy(\.isNaN) && read[8...].allSatisfy(\.isNaN))
      let counts = try file.root.createDataset("n", shape: [2], .int8, layout: .chunked(), fill: -1)
      #expect(try counts.read(Int8.self) == [-1, -1])
    }
  }

  @Test func deflateShrinks() throws {
    try withFolder { path in
      func size(_ layout: HDF5Layout) throws -> Int {
        let file = try HDF5File(creating: path("a.h5"))
        let dataset = try file.root.createDataset("x", shape: [100, 1000], .float32, layout: layout)
        try dataset.write((0..<100_000).map { Float($0 % 1000) })
        try dataset.close()
        try file.close()
        return try Data(contentsOf: URL(fileURLWithPath: path("a.h5"))).count
      }
      let (plain, deflated) = (try size(.contiguous), try size(.chunked(deflate: 6)))
      #expect(plain >= 400_000 && plain < 410_000)
      #expect(deflated < plain / 5)
    }
  }
}
