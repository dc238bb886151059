import HDF5
import Results

#if canImport(FoundationEssentials)
  import FoundationEssentials
#else
  import Foundation
#endif

/// Name of the dataset that holds the results as the command line's JSON.
let documentName = "document"

/// Writes `/document`: the tables' content in the form in which other programs of the project take it.
func writeDocument(
  _ result: some Encodable, schema: String, in group: borrowing HDF5Group, _ storage: StringStorage
) throws {
  var text = try json(result)
  // Octave takes ASCII alone.
  if storage == .fixed { text = escapedToASCII(text) }
  let dataset = try group.createDataset(documentName, shape: [], storage.datatype(of: [text]))
  try dataset.write([text])
  try dataset.describe(
    [
      ("long_name", .text("the results as JSON")), ("schema", .text(schema)),
      ("media_type", .text("application/json")),
    ], storage)
}

/// JSON in which what is not ASCII, which can only be within strings, is written as `\u` and four digits.
private func escapedToASCII(_ json: String) -> String {
  guard !json.utf8.allSatisfy({ $0 < 128 }) else { return json }
  var result = ""
  for unit in json.utf16 {
    if unit < 128, let scalar = Unicode.Scalar(unit) {
      result.unicodeScalars.append(scalar)
    } else {
      let digits = String(unit, radix: 16)
      result += "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
    }
  }
  return result
}

/// Reads what ``writeDocument(_:schema:in:_:)`` wrote.
func readDocument<Document: Decodable>(_: Document.Type, in group: borrowing HDF5Group) throws -> Document {
  let texts = try group.dataset(documentName).readStrings()
  return try JSONDecoder().decode(Document.self, from: Data((texts.first ?? "").utf8))
}
