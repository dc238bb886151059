import Foundation

/// A file or folder that TensorFlow wrote, beside the script that had it do so.
func oracle(_ name: String) -> String {
  URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
    .appendingPathComponent("Oracles/" + name).path
}

func oracle<Value: Decodable>(_ name: String, as type: Value.Type) throws -> Value {
  try JSONDecoder().decode(type, from: Data(contentsOf: URL(fileURLWithPath: oracle(name))))
}

/// Bytes of a text in hexadecimal digits.
func bytes(hexadecimal text: String) -> [UInt8] {
  let digits = Array(text.utf8).map { $0 > 0x60 ? $0 - 0x57 : $0 - 0x30 }
  return stride(from: 0, to: digits.count, by: 2).map { digits[$0] << 4 | digits[$0 + 1] }
}
