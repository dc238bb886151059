import Testing

@testable import HDF5

@Suite struct AttributeTests {
  @Test func numbersAndStrings() throws {
    try withFolder { path in
      let file = try HDF5File(creating: path("a.h5"))
      let dataset = try file.root.createDataset("x", shape: [], .int8)
      func write(_ object: borrowing some HDF5Object & ~Copyable) throws {
        try object.writeAttribute("float", Float(1.5))
        try object.writeAttribute("seed", UInt64.max)
        try object.writeAttribute("integer", -3)
        try object.writeAttribute("double", 0.1)
        try object.writeAttribute("list", [1, 2, 3] as [UInt8])
        try object.writeAttribute("none", [Double]())
        try object.writeAttribute("text", "größe 重み")
        try object.writeAttribute("emptyText", "")
        try object.writeAttribute("texts", ["", "é", "long " + String(repeating: "x", count: 200)])
        try object.writeAttribute("noTexts", [String]())
        try object.writeAttribute("fixed", "é", as: .fixedString(bytes: 5))
        try object.writeAttribute("fixedTexts", ["a", "größe"], as: .fixedString(fitting: ["a", "größe"]))
      }
      try write(file.root)
      try write(dataset)
      try dataset.close()
      try file.close()

      func check(_ object: borrowing some HDF5Object & ~Copyable) throws {
        #expect(try object.readAttribute("float") == Float(1.5))
        #expect(try object.readAttribute("seed") == UInt64.max)
        #expect(try object.readAttribute("integer") == -3)
        #expect(try object.readAttribute("integer", as: Int64.self) == -3)
        #expect(try object.readAttribute("double") == 0.1)
        #expect(try object.readAttribute("list") == [1, 2, 3] as [UInt8])
        #expect(try object.readAttribute("none") == [Double]())
        #expect(try object.readAttribute("text") == "größe 重み")
        #expect(try object.readAttribute("emptyText") == "")
        #expect(
          try object.readAttribute("texts") == ["", "é", "long " + String(repeating: "x", count: 200)])
        #expect(try object.readAttribute("noTexts") == [String]())
        #expect(try object.readAttribute("fixed") == "é")
        #expect(try object.readAttribute("fixedTexts") == ["a", "größe"])
        #expect(try object.hasAttribute("seed"))
        #expect(try !object.hasAttribute("Seed"))
        #expect(try object.attributeNames().count == 12)
      }
      let copy = try HDF5File(reading: path("a.h5"))
      try check(copy.root)
      try check(copy.root.dataset("x"))
    }
  }

  /// Object headers of version 1 end at 64 KiB.
  @Test(arguments: [false, true]) func longOnes(_ isFixed: Bool) throws {
    let text = String(repeating: "größe", count: 50_000)
    try withFolder { path in
      let file = try HDF5File(creating: path("a.h5"))
      try file.root.writeAttribute("provenance", text, as: isFixed ? .fixedString(fitting: [text]) : .string)
      try file.root.writeAttribute("numbers", (0..<20_000).map { $0 })
      try file.close()
      let copy = try HDF5File(reading: path("a.h5"))
      #expect(try copy.root.readAttribute("provenance") == text)
      #expect(try copy.root.readAttribute("numbers", as: [Int].self).last == 19_999)
    }
  }

  @Test func whatCannotBeIsRefused() throws {
    try withFolder { path in
      let file = try HDF5File(creating: path("a.h5"))
      try file.root.writeAttribute("x", [1, 2])
      #expect(code { try file.root.writeAttribute("x", 1) } == .exists)
      #expect(code { _ = try file.root.readAttribute("y", as: Int.self) } == .notFound)
      #expect(code { _ = try file.root.readAttribute("x", as: Double.self) } == .wrongType)
      #expect(code { _ = try file.root.readAttribute("x", as: String.self) } == .wrongType)
      #expect(code { _ = try file.root.readAttribute("x", as: Int.self) } == .outOfRange)
      #expect(code { try file.root.writeAttribute("z", "a\0b") } == .invalidText)
      #expect(code { try file.root.writeAttribute("z\0", "a") } == .invalidText)
      #expect(code { try file.root.writeAttribute("z", "größe", as: .fixedString(bytes: 3)) } == .invalidText)
      #expect(code { try file.root.writeAttribute("z", "a", as: .fixedString(bytes: 0)) } == .outOfRange)
      #expect(code { try file.root.writeAttribute("z", "a", as: .float32) } == .wrongType)
      #expect(try file.root.attributeNames() == ["x"])
    }
  }
}
