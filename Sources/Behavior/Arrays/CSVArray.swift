import Foundation
import Tensors

/// Reads a table of numbers from text: separated by commas, semicolons, tabs or blanks, with or without a line of names.
///
/// Lines that begin with `#` are passed over. Fields may be quoted as RFC 4180 says. One column may hold texts, for
/// labels. A first column without a name that counts the rows, as pandas writes it, is left out.
/// - Throws: ``BehaviorError`` naming line and column.
/// - Complexity: O(bytes) time and memory.
func readCSVArray(_ file: RandomAccessFile) throws -> NumericArray {
  var bytes = [UInt8](repeating: 0, count: file.size)
  try bytes.withUnsafeMutableBytes { try file.read(at: 0, into: $0) }
  if bytes.starts(with: [0xef, 0xbb, 0xbf]) { bytes.removeFirst(3) }
  guard !bytes.contains(0) else {
    throw BehaviorError(file.path, "is neither an array (.npy, .npz), nor HDF5, nor text; write one of these")
  }
  var parser = CSVParser(bytes: bytes, path: file.path)
  return try parser.array()
}

private struct CSVParser {
  let bytes: [UInt8]
  let path: String
  private var position = 0
  private var line = 1

  init(bytes: [UInt8], path: String) {
    self.bytes = bytes
    self.path = path
  }

  mutating func array() throws(BehaviorError) -> NumericArray {
    let separator = separator()
    var names: [String]?
    var width: Int?
    var values: [Double] = []
    var texts: [String]?
    var rows = 0
    while let (fields, line) = try record(separator) {
      var numbers: [Double?] = []
      for field in fields { numbers.append(number(field)) }
      if width == nil {
        width = fields.count
        if numbers.contains(where: { $0 == nil }) {
          names = fields.map { $0.trimmingCharacters(in: .whitespaces) }
          continue
        }
      }
      guard fields.count == width else {
        throw BehaviorError(path, "line \(line) has \(fields.count) columns, expected \(width ?? 0)")
      }
      if let column = numbers.firstIndex(where: { $0 == nil }) {
        guard width == 1, rows == 0 || texts != nil else {
          let field = fields[column].trimmingCharacters(in: .whitespaces)
          throw BehaviorError(
            path,
            "line \(line), column \(column + 1) is " + (field.isEmpty ? "empty" : "'\(field)'") + ", expected a number")
        }
        // The first line is a text among texts, or their heading; whoever knows the number of examples tells.
        texts = (texts ?? names ?? []) + [fields[column].trimmingCharacters(in: .whitespaces)]
      } else if texts != nil {
        texts?.append(fields[0].trimmingCharacters(in: .whitespaces))
      } else {
        for case .some(let value) in numbers { values.append(value) }
      }
      rows += 1
    }
    if let texts {
      return NumericArray(
        path: path, dtype: "text", isInteger: false, shape: [texts.count], values: [], texts: texts)
    }
    guard rows > 0, var columns = width else { throw BehaviorError(path, "holds no rows of numbers") }
    var warnings: [String] = []
    if names?.first == "", columns > 1, (0..<rows).allSatisfy({ values[$0 * columns] == Double($0) }) {
      values = values.enumerated().filter { $0.offset % columns != 0 }.map(\.element)
      names?.removeFirst()
      columns -= 1
      warnings.append("\(path): the first column has no name and counts the rows; left out")
    }
    var result = NumericArray(
      path: path, dtype: "text", isInteger: values.allSatisfy { $0 == $0.rounded() && abs($0) < 0x1p53 },
      shape: columns == 1 ? [rows] : [rows, columns], values: values, columnNames: names)
    result.warnings = warnings
    return result
  }

  /// The likeliest of `,`, `;`, tab and blanks, by the first line that counts.
  private func separator() -> UInt8 {
    var start = 0
    while start < bytes.count {
      let end = bytes[start...].firstIndex { $0 == 0x0a || $0 == 0x0d } ?? bytes.count
      let text = bytes[start..<end]
      if !text.isEmpty, text.first != UInt8(ascii: "#"), !text.allSatisfy({ $0 == 0x20 }) {
        for candidate in [UInt8(ascii: ","), UInt8(ascii: ";"), 0x09] where text.contains(candidate) {
          return candidate
        }
        return 0x20
      }
      start = end + 1
    }
    return UInt8(ascii: ",")
  }

  /// The fields of the next line that holds any, and its number.
  private mutating func record(_ separator: UInt8) throws(BehaviorError) -> ([String], Int)? {
    while position < bytes.count {
      let start = line
      if bytes[position] == UInt8(ascii: "#") {
        while position < bytes.count, bytes[position] != 0x0a { position += 1 }
      }
      var fields: [String] = []
      var field: [UInt8] = []
      var isQuoted = false
      var ended = false
      while position < bytes.count, !ended {
        let byte = bytes[position]
        position += 1
        if isQuoted {
          if byte == 0x0a { line += 1 }
          if byte != UInt8(ascii: "\"") {
            field.append(byte)
          } else if position < bytes.count, bytes[position] == byte {
            field.append(byte)
            position += 1
          } else {
            isQuoted = false
          }
        } else if byte == UInt8(ascii: "\""), field.allSatisfy({ $0 == 0x20 }) {
          isQuoted = true
          field = []
        } else if byte == 0x0a || byte == 0x0d {
          if byte == 0x0d, position < bytes.count, bytes[position] == 0x0a { position += 1 }
          line += 1
          ended = true
        } else if byte == separator {
          if separator != 0x20 || !field.isEmpty {
            fields.append(String(decoding: field, as: UTF8.self))
            field = []
          }
        } else {
          field.append(byte)
        }
      }
      if isQuoted { throw BehaviorError(path, "line \(start): a quoted text has no end") }
      if separator != 0x20 || !field.isEmpty { fields.append(String(decoding: field, as: UTF8.self)) }
      if fields.count > 1 || fields.contains(where: { !$0.allSatisfy(\.isWhitespace) }) { return (fields, start) }
    }
    return nil
  }

  /// As C reads numbers, NaN and infinities too.
  private func number(_ field: String) -> Double? {
    let text = field.trimmingCharacters(in: .whitespaces)
    return text.isEmpty
      ? nil
      : text.withCString { start in
        var end: UnsafeMutablePointer<CChar>?
        let value = strtod(start, &end)
        return end.map { $0.pointee == 0 && $0 != start } == true ? value : nil
      }
  }
}
