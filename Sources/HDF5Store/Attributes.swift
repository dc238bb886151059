import HDF5

/// What an attribute holds.
enum AttributeValue {
  case text(String)
  case texts([String])
  case integer(Int)
  case integers([Int])
  case unsigned(UInt64)
  case number(Double)
  /// A `_FillValue`, which must be of the dataset's own type.
  case single(Float)
}

extension HDF5Object where Self: ~Copyable {
  /// Writes attributes in their order, less those that have no value.
  func describe(_ attributes: [(String, AttributeValue?)], _ storage: StringStorage) throws(HDF5Error) {
    for (name, value) in attributes {
      switch value {
      case .text(let text):
        let text = storable(text)
        try writeAttribute(name, text, as: storage.datatype(of: [text]))
      case .texts(let texts):
        let texts = texts.map(storable)
        try writeAttribute(name, texts, as: storage.datatype(of: texts))
      case .integer(let value): try writeAttribute(name, value)
      case .integers(let values): try writeAttribute(name, values)
      case .unsigned(let value): try writeAttribute(name, value)
      case .number(let value): try writeAttribute(name, value)
      case .single(let value): try writeAttribute(name, value)
      case nil: break
      }
    }
  }
}

extension StringStorage {
  /// No strings at all are of fixed length too: R's hdf5r can't read an empty column of the other kind.
  func datatype(of strings: [String]) -> HDF5Datatype {
    self == .fixed || strings.isEmpty ? .fixedString(fitting: strings) : .string
  }
}

/// HDF5's strings end at a NUL: one in a name or message is shown by its symbol.
func storable(_ text: String) -> String {
  text.utf8.contains(0) ? text.replacing("\0", with: "\u{2400}") : text
}
