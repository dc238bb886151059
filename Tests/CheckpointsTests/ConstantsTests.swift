import Testing

@testable import Checkpoints
@testable import Tensors

/// Constants of every type as TensorFlow wrote them.
@Suite struct ConstantsTests {
  struct Expected: Decodable {
    var dtype: String
    var shape: [Int]
    var bytes: String?
    var strings: [String]?
  }

  @Test(arguments: ["constants/graph.pb", "constants/graph.pbtxt"]) func constantsAgainstTensorFlow(file: String) throws
  {
    let expected = try oracle("constants.json", as: [String: Expected].self)
    let model = try openCheckpoint(at: oracle(file))
    #expect(model.tensors.count == expected.count && expected.count == 63)
    for (name, value) in expected {
      let tensor = try model.tensor(name)
      #expect(tensor.elementType.name == value.dtype, "\(name)")
      #expect(tensor.shape == value.shape, "\(name)")
      try model.verify(tensor)
      if let wanted = value.strings {
        #expect(try model.strings(tensor) == wanted.map { bytes(hexadecimal: $0) }, "\(name)")
      } else {
        #expect(try model.contents(tensor, step: 3) == bytes(hexadecimal: value.bytes ?? ""), "\(name)")
      }
    }
  }

  @Test(arguments: ["slices/v1", "slices/v2"]) func slicedStringsAgainstTensorFlow(file: String) throws {
    let expected = try oracle("slices.json", as: [String: [String]].self)
    let model = try openCheckpoint(at: oracle(file))
    #expect(model.tensors.map(\.key) == ["columns", "rows", "whole"])
    for tensor in model.tensors {
      #expect(tensor.shape == [5, 4] && tensor.elementType == .string && tensor.unreadable == nil)
      try model.verify(tensor)
      #expect(try model.strings(tensor) == expected[tensor.key]?.map { bytes(hexadecimal: $0) }, "\(tensor.key)")
    }
  }
}
