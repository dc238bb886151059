import Foundation
import HDF5
import Tensors
import Testing

@testable import Behavior

struct ArrayFileTests {
  private func message(_ path: String) -> String {
    do {
      _ = try readArray(at: path)
      return "no error"
    } catch { return "\(error)" }
  }

  private func read(_ name: String, _ text: String) throws -> NumericArray {
    let scratch = try Scratch()
    return try readArray(at: try scratch.write(name, text))
  }

  @Test func npy() throws {
    let array = try readArray(at: data("predictions/dense-l2-1e-5-seed0.npy"))
    #expect(array.shape == [450, 10] && array.dtype == "float32" && !array.isInteger)
    let labels = try readArray(at: data("test-labels.npy"))
    #expect(labels.shape == [450] && labels.dtype == "int64" && labels.isInteger)
    #expect(labels.values.allSatisfy { (0..<10).contains($0) })
  }

  @Test(arguments: [
    "0.25,0.75\n0.5,0.5\n", "0.25;0.75\r\n0.5;0.5\r\n", "0.25\t0.75\n0.5\t0.5", "2.5e-01  7.5e-01\n5e-1 5e-1\n",
    "# a comment\n0.25 , 0.75\n\n\"0.5\",0.5\n", "\u{feff}0.25,0.75\n0.5,0.5\n",
  ])
  func csvInItsDialects(text: String) throws {
    let array = try read("p.csv", text)
    #expect(array.shape == [2, 2] && array.values == [0.25, 0.75, 0.5, 0.5] && array.columnNames == nil)
  }

  @Test func csvWithNames() throws {
    let array = try read("p.csv", ",cat,\"a, dog\"\n0,0.25,0.75\n1,0.5,0.5\n")
    #expect(
      array.columnNames == ["cat", "a, dog"] && array.shape == [2, 2] && array.values == [0.25, 0.75, 0.5, 0.5])
    #expect(array.warnings.count == 1, "the column that counts rows is left out, and that is said")
  }

  @Test func csvOfTexts() throws {
    let array = try read("y.csv", "label\ncat\ndog\n7\n")
    #expect(array.texts == ["label", "cat", "dog", "7"])
    let labels = try Labels(array, count: 3, width: 3, classNames: ["7", "cat", "dog"])
    #expect(labels.classes == [1, 2, 0])
  }

  @Test func csvOfWholeNumbers() throws {
    let array = try read("y.csv", "label\n3\n0\n")
    #expect(array.isInteger && array.shape == [2] && array.values == [3, 0])
  }

  @Test(arguments: [
    ("1,2\n3\n", "line 2 has 1 columns, expected 2"), ("1,2\n3,x\n", "line 2, column 2 is 'x', expected a number"),
    ("1,2\n3,\n", "line 2, column 2 is empty"), ("a,b\n", "holds no rows"), ("1,\"2\n", "has no end"), ("", "is empty"),
  ])
  func csvTrouble(text: String, expected: String) throws {
    let scratch = try Scratch()
    #expect(message(try scratch.write("p.csv", text)).contains(expected))
  }

  @Test func hdf5() throws {
    let scratch = try Scratch()
    let path = scratch.file("p.h5")
    do {
      let file = try HDF5File(creating: path)
      let group = try file.root.createGroup("run")
      try group.createDataset("p", shape: [2, 2], .float32).write([0.25, 0.75, 0.5, 0.5] as [Float])
      try file.close()
    }
    let only = try readArray(at: path)
    #expect(only.shape == [2, 2] && only.values == [0.25, 0.75, 0.5, 0.5] && only.dtype == "float32")
    #expect(try readArray(at: "\(path):run/p").values == only.values)
    #expect(message("\(path):q").contains("has no dataset 'q'; there are run/p"))
  }

  @Test func severalHDF5DatasetsNeedAChoice() throws {
    let scratch = try Scratch()
    let path = scratch.file("p.h5")
    let file = try HDF5File(creating: path)
    try file.root.createDataset("x", shape: [2], .int64).write([1, 2] as [Int64])
    try file.root.createDataset("y", shape: [2], .string).write(["cat", "dog"])
    try file.close()
    #expect(message(path).contains("holds 2 datasets") && message(path).contains("x, y"))
    #expect(try readArray(at: "\(path):/x").isInteger)
    #expect(try readArray(at: "\(path):y").texts == ["cat", "dog"])
  }

  @Test func trouble() throws {
    let scratch = try Scratch()
    #expect(message(scratch.file("none.npy")).contains("none.npy: there is no such file"))
    #expect(message(scratch.path).contains("is a folder"))
    #expect(message(data("dense-l2-1e-5-seed0/saved_model.pb")).contains("is neither an array"))
    #expect(message("\(data("test-labels.npy")):x").contains("has no array 'x'; there are test-labels"))
  }
}

struct ModelInputsTests {
  @Test func storedExamplesAreReadInTheirOwnBytes() throws {
    let inputs = try ModelInputs(at: data("test-inputs.npy"))
    let array = try #require(inputs.arrays[""])
    #expect(inputs.count == 450 && array.shape == [450, 64] && !inputs.isNamed)
    let file = try Data(contentsOf: URL(fileURLWithPath: data("test-inputs.npy")))
    let all = file.suffix(450 * 64 * 4)
    #expect(try array.encoded(3..<5, as: .float32, input: "x") == Array(all.dropFirst(3 * 256).prefix(512)))
    let doubles = try array.encoded(449..<450, as: .float64, input: "x")
    let expected = try readArray(at: data("test-inputs.npy")).values.suffix(64)
    #expect(doubles.withUnsafeBytes { Array($0.bindMemory(to: Double.self)) } == Array(expected))
  }

  @Test func whatTheTypeCantHoldIsSaid() throws {
    let made = NumericArray(
      path: "x.csv", dtype: "text", isInteger: false, shape: [3, 2], values: [1, 0, 1, 0.5, .nan, 300])
    let array = InputArray(made)
    func message(_ range: Range<Int>, _ type: ElementType) -> String {
      do {
        _ = try array.encoded(range, as: type, input: "k")
        return "no error"
      } catch { return "\(error)" }
    }
    #expect(message(0..<1, .bool) == "no error")
    #expect(message(0..<2, .int32) == "x.csv: example 1, value 1 is 0.5, and input 'k' takes Int32 only")
    #expect(message(1..<2, .bool).contains("example 1, value 1 is 0.5"))
    #expect(message(1..<3, .float32).contains("example 2, value 0 is NaN"))
    #expect(message(0..<1, .string).contains("takes string"))
  }

  @Test func bfloat16RoundsToEven() {
    // 1 + 2⁻⁸ lies between two; 1 is even. 1 + 3·2⁻⁸ rounds up.
    #expect(bfloat16(1) == 0x3f80 && bfloat16(1 + 0x1p-8) == 0x3f80 && bfloat16(1 + 0x3p-8) == 0x3f82)
    #expect(bfloat16(-.infinity) == 0xff80 && bfloat16(.nan) & 0x7f80 == 0x7f80 && bfloat16(.nan) & 0x7f != 0)
    #expect(bfloat16(.greatestFiniteMagnitude) == 0x7f80)
  }
}
