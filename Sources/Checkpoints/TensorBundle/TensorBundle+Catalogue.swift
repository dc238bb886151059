import Tensors

extension TensorBundle {
  struct Index {
    var header: BundleHeader
    /// Keys and entries as they are stored, without the header.
    var entries: [(key: [UInt8], entry: BundleEntry, place: Int)] = []
    var fingerprint: String
  }

  /// Reads every block of the index, checks its checksum and decodes its entries.
  static func readIndex(_ path: String) throws(CheckpointError) -> Index {
    let file = try RandomAccessFile.opened(path)
    try GitLFS.refusePointer(file)
    let table = try Table(file: file)
    var header: BundleHeader?
    var entries: [(key: [UInt8], entry: BundleEntry, place: Int)] = []
    try table.forEachEntry { (key, value, place) throws(CheckpointError) in
      guard header != nil else {
        guard key.isEmpty else {
          throw .corrupt(file: path, offset: place, reason: "the first entry is no header: this is no V2 checkpoint")
        }
        let read = try decoding("the header", of: path, at: place) { () throws(WireError) in try BundleHeader(value) }
        try read.check(file: path, at: place)
        header = read
        return
      }
      let entry = try decoding("entry '\(keyText(key))'", of: path, at: place) { () throws(WireError) in
        try BundleEntry(value)
      }
      entries.append((Array(key), entry, place))
    }
    guard let header else {
      throw .corrupt(file: path, offset: 0, reason: "the index is empty: it has no header")
    }
    for position in entries.indices {
      try entries[position].entry.check(
        entries[position].key, header: header, file: path, at: entries[position].place)
    }
    return Index(header: header, entries: entries, fingerprint: hexadecimalDigits(try Fingerprint64.of(file)))
  }

  /// Lists the tensors, each sliced one once and its slices not at all.
  static func catalogue(_ index: Index, file: String) -> (tensors: [StoredTensor], placements: [Placement]) {
    // Slices have keys that begin with a zero byte; only these need to be found by key.
    var slices: [[UInt8]: Int] = [:]
    for position in index.entries.indices where index.entries[position].key.first == 0 {
      slices[index.entries[position].key] = position
    }
    var hidden = Set<Int>()
    for position in index.entries.indices {
      for slice in index.entries[position].entry.slices where !slice.isFull {
        if let part = slices[slice.key(of: index.entries[position].key)] { hidden.insert(part) }
      }
    }
    var tensors: [StoredTensor] = []
    var placements: [Placement] = []
    tensors.reserveCapacity(index.entries.count)
    placements.reserveCapacity(index.entries.count)
    for (position, (key, entry, place)) in index.entries.enumerated() where !hidden.contains(position) {
      let placement = placement(of: entry, key: key, place: place, in: index, slices: slices, file: file)
      var byteCount = entry.size
      var checksum: UInt32?
      switch placement {
      case .whole:
        if !index.header.isBigEndian || entry.elementType.componentWidth == 1, entry.elementType.byteWidth != nil {
          checksum = CRC32C.unmask(entry.maskedChecksum)
        }
      case .sliced(let tensor):
        byteCount = entry.elementType == .string ? tensor.pieces.reduce(0) { $0 + $1.size } : tensor.byteCount
      case .damaged:
        byteCount = entry.count * (entry.elementType.byteWidth ?? 0)
      }
      tensors.append(
        StoredTensor(
          index: tensors.count, key: keyText(key), elementType: entry.elementType, shape: entry.shape,
          count: entry.count, byteCount: byteCount, checksum: checksum,
          unreadable: unreadable(entry)))
      placements.append(placement)
    }
    return (tensors, placements)
  }

  private static func placement(
    of entry: BundleEntry, key: [UInt8], place: Int, in index: Index, slices: [[UInt8]: Int], file: String
  ) -> Placement {
    let whole = Placement.whole(
      shard: entry.shard, offset: entry.offset, size: entry.size, maskedChecksum: entry.maskedChecksum)
    // One slice that is everything: the entry itself holds the bytes.
    if entry.slices.allSatisfy(\.isFull) { return whole }
    var parts: [SlicedTensor.Part] = []
    for slice in entry.slices {
      guard let position = slices[slice.key(of: key)] else {
        return .damaged(
          .corrupt(
            file: file, offset: place,
            reason: "slice \(parts.count + 1) of \(entry.slices.count) of '\(keyText(key))' is not in the index"))
      }
      parts.append(SlicedTensor.Part(slice: slice, entry: index.entries[position].entry))
    }
    do {
      return .sliced(try SlicedTensor(parts, of: entry, key: keyText(key), file: file, at: place))
    } catch {
      return .damaged(error)
    }
  }

  /// Why a value can't be read, as a sentence.
  private static func unreadable(_ entry: BundleEntry) -> String? {
    switch entry.elementType {
    case .unknown: "Element type number \(entry.typeNumber) is not known to this version."
    case .variant: "A variant holds an object of TensorFlow's own, not numbers."
    case .resource: "A resource is a handle that means something only inside the program that wrote it."
    default: nil
    }
  }

  /// A key as text; bytes of one that is not UTF-8 are percent-encoded.
  static func keyText(_ key: some Collection<UInt8>) -> String {
    if let text = String(validating: key, as: UTF8.self) { return text }
    var result = ""
    for byte in key {
      if byte < 0x80, byte != UInt8(ascii: "%") {
        result.unicodeScalars.append(Unicode.Scalar(byte))
      } else {
        result += "%" + (byte < 16 ? "0" : "") + String(byte, radix: 16, uppercase: true)
      }
    }
    return result
  }
}
