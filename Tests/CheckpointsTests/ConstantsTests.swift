import Foundation
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

  /// What a comparison of graphs shows of a constant: its elements one by one, a run's included.
  @Test(arguments: ["constants/graph.pb", "constants/graph.pbtxt"]) func elementsAgainstTensorFlow(file: String) throws
  {
    let expected = try oracle("constants.json", as: [String: Expected].self)
    let graph = try #require(try openCheckpoint(at: oracle(file)).graph())
    var compared: Set<String> = []
    for (index, node) in graph.nodes.enumerated() where expected[node.name] != nil {
      let wanted = try #require(expected[node.name])
      let value = try #require(try graph.attributes(of: index)["value"])
      guard let elements = value.elements else { continue }
      #expect(elements.count == wanted.shape.reduce(1, *), "\(node.name)")
      if let strings = wanted.strings {
        let texts = strings.map { String(decoding: bytes(hexadecimal: $0), as: UTF8.self) }
        guard texts.allSatisfy({ !$0.contains("\u{fffd}") }) else { continue }
        #expect(elements == texts.map { .string($0) }, "\(node.name)")
      } else {
        guard let numbers = Self.numbers(bytes(hexadecimal: wanted.bytes ?? ""), wanted.dtype) else { continue }
        #expect(elements.map { $0.text ?? "\($0)" } == numbers.map { $0.text ?? "\($0)" }, "\(node.name)")
      }
      compared.insert(wanted.dtype)
    }
    #expect(
      compared == [
        "bool", "bfloat16", "float16", "float32", "float64", "int8", "int16", "int32", "int64", "string", "uint8",
        "uint16", "uint32",
      ])
  }

  private static func numbers(_ bytes: [UInt8], _ type: String) -> [JSONValue]? {
    func all<Value: FixedWidthInteger>(_: Value.Type) -> [Value] {
      stride(from: 0, to: bytes.count, by: MemoryLayout<Value>.size).map { start in
        (0..<MemoryLayout<Value>.size).reduce(0) { $0 | Value(truncatingIfNeeded: bytes[start + $1]) << (8 * $1) }
      }
    }
    // By the definition of IEEE 754's binary16.
    func half(_ bits: UInt16) -> Double {
      let sign = bits & 0x8000 == 0 ? 1.0 : -1.0
      let exponent = Double(bits >> 10 & 31)
      let fraction = Double(bits & 1023) / 1024
      if exponent == 31 { return fraction == 0 ? sign * .infinity : .nan }
      return exponent == 0 ? sign * fraction * 0x1p-14 : sign * (1 + fraction) * exp2(exponent - 15)
    }
    switch type {
    case "bool": return bytes.map { .bool($0 != 0) }
    case "float16": return all(UInt16.self).map { .number(half($0)) }
    case "bfloat16": return all(UInt16.self).map { .number(Double(Float(bitPattern: UInt32($0) << 16))) }
    case "float32": return all(UInt32.self).map { .number(Double(Float(bitPattern: $0))) }
    case "float64": return all(UInt64.self).map { .number(Double(bitPattern: $0)) }
    case "int8": return all(Int8.self).map { .integer(Int($0)) }
    case "uint8": return all(UInt8.self).map { .integer(Int($0)) }
    case "int16": return all(Int16.self).map { .integer(Int($0)) }
    case "uint16": return all(UInt16.self).map { .integer(Int($0)) }
    case "int32": return all(Int32.self).map { .integer(Int($0)) }
    case "uint32": return all(UInt32.self).map { .integer(Int($0)) }
    case "int64": return all(Int64.self).map { .integer(Int($0)) }
    default: return nil
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
