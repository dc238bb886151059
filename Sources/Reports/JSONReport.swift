import Foundation
import Results

/// The document as JSON: sorted keys, two spaces, a newline at the end.
public func json(_ document: some Encodable) throws -> String {
  let encoder = JSONEncoder()
  encoder.outputFormatting = [.sortedKeys, .prettyPrinted, .withoutEscapingSlashes]
  return String(decoding: try encoder.encode(document), as: UTF8.self) + "\n"
}
