import Testing

@testable import HDF5

@Suite struct ScaleTests {
  @Test func scalesNameAxes() throws {
    try withFolder { path in
      let file = try HDF5File(creating: path("a.h5"))
      let rows = try file.root.createDataset("rows", shape: [2], .string)
      try rows.write(["größe", "b"])
      try rows.makeScale("rows")
      let columns = try file.root.createDataset("columns", shape: [3], .int32)
      try columns.write([1, 2, 3] as [Int32])
      try columns.makeScale("columns")
      let dataset = try file.root.createDataset("x", shape: [2, 3], .float64)
      try dataset.write([1.0, 2, 3, 4, 5, 6])
      try dataset.attach(rows, toAxis: 0)
      try dataset.attach(columns, toAxis: 1)
      try dataset.setLabel("Zeilen", ofAxis: 0)

      #expect(try rows.isScale())
      #expect(try !dataset.isScale())
      #expect(try dataset.isAttached(rows, toAxis: 0))
      #expect(try !dataset.isAttached(rows, toAxis: 1))
      #expect(try dataset.label(ofAxis: 0) == "Zeilen")
      #expect(try dataset.label(ofAxis: 1) == "")
      #expect(code { try dataset.attach(rows, toAxis: 2) } == .outOfRange)
      #expect(code { try dataset.setLabel("", ofAxis: -1) } == .outOfRange)
      #expect(code { try rows.attach(columns, toAxis: 0) } != nil)
      #expect(code { try dataset.makeScale("x") } != nil)

      try rows.close()
      try columns.close()
      try dataset.close()
      try file.close()
      if let dump = try h5dump("-d", "/x", path("a.h5")) {
        #expect(dump.contains("DIMENSION_LIST") && dump.contains("Zeilen"))
      }
      if let dump = try h5dump("-a", "/rows/CLASS", path("a.h5")) { #expect(dump.contains("DIMENSION_SCALE")) }
    }
  }

  /// Attributes move to dense storage at nine; scales rewrite some of theirs there.
  @Test func scalesAmongManyAttributes() throws {
    try withFolder { path in
      let file = try HDF5File(creating: path("a.h5"))
      let scale = try file.root.createDataset("n", shape: [2], .int8)
      try scale.write([1, 2] as [Int8])
      for index in 0..<20 { try scale.writeAttribute("before \(index)", index) }
      try scale.makeScale("n")
      for name in 0..<50 {
        let dataset = try file.root.createDataset("x\(name)", shape: [2, 2], .int8)
        for index in 0..<12 { try dataset.writeAttribute("before \(index)", index) }
        try dataset.attach(scale, toAxis: 0)
        try dataset.attach(scale, toAxis: 1)
        try dataset.writeAttribute("after", 1)
        #expect(try dataset.isAttached(scale, toAxis: 1))
        #expect(try dataset.attributeNames().count == 14)
      }
      try scale.writeAttribute("after", 2)
      #expect(try scale.readAttribute("before 19") == 19)
    }
  }
}
