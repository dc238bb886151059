import Tensors

extension TensorBundle {
  func read(
    _ tensor: StoredTensor, at offset: Int, into buffer: UnsafeMutableRawBufferPointer
  ) throws(CheckpointError) {
    let (tensor, placement) = try locate(tensor)
    guard let width = tensor.elementType.componentWidth, tensor.unreadable == nil else {
      throw .unsupported(
        file: indexPath,
        reason: "'\(tensor.key)' can't be read as numbers: "
          + (tensor.unreadable ?? "its elements are strings"))
    }
    guard offset >= 0, offset <= tensor.byteCount, buffer.count <= tensor.byteCount - offset else {
      throw .corrupt(
        file: indexPath, offset: 0,
        reason:
          "\(buffer.count) bytes from byte \(offset) on were asked of '\(tensor.key)', which has \(tensor.byteCount)")
    }
    guard buffer.count > 0 else { return }
    guard isBigEndian, width > 1 else {
      try readStored(placement, at: offset, into: buffer)
      return
    }
    if offset % width == 0, buffer.count % width == 0 {
      try readStored(placement, at: offset, into: buffer)
      buffer.reverseBytes(width: width)
    } else {
      try readReversed(placement, at: offset, into: buffer, width: width)
    }
  }

  func place(of tensor: StoredTensor) -> FilePlace? {
    guard let (tensor, placement) = try? locate(tensor), tensor.unreadable == nil,
      let width = tensor.elementType.componentWidth, !isBigEndian || width == 1,
      case .whole(let shard, let start, let size, _) = placement, size == tensor.byteCount,
      let file = try? shards.file(of: shard, holding: size, at: start)
    else { return nil }
    return FilePlace(file: file, offset: start)
  }

  /// Bytes in the order of the file.
  private func readStored(
    _ placement: Placement, at offset: Int, into buffer: UnsafeMutableRawBufferPointer
  ) throws(CheckpointError) {
    switch placement {
    case .whole(let shard, let start, let size, _):
      let file = try shards.file(of: shard, holding: size, at: start)
      try file.fill(buffer, at: start + offset)
    case .sliced(let tensor):
      try tensor.read(at: offset, into: buffer) { (piece, position, part) throws(CheckpointError) in
        let file = try shards.file(of: piece.shard, holding: piece.size, at: piece.offset)
        try file.fill(part, at: piece.offset + position)
      }
    case .damaged(let error): throw error
    }
  }

  /// The reversed bytes of a range that cuts through elements, by way of whole ones.
  private func readReversed(
    _ placement: Placement, at offset: Int, into buffer: UnsafeMutableRawBufferPointer, width: Int
  ) throws(CheckpointError) {
    let scratch = ReadBuffer()
    var done = 0
    while done < buffer.count {
      let lead = (offset + done) % width
      let count = min(scratch.bytes.count - 2 * width, buffer.count - done)
      let whole = (lead + count + width - 1) / width * width
      let read = UnsafeMutableRawBufferPointer(rebasing: scratch.bytes[..<whole])
      try readStored(placement, at: offset + done - lead, into: read)
      read.reverseBytes(width: width)
      UnsafeMutableRawBufferPointer(rebasing: buffer[done..<done + count])
        .copyMemory(from: UnsafeRawBufferPointer(rebasing: read[lead..<lead + count]))
      done += count
    }
  }

  func forEachString(
    in tensor: StoredTensor, _ body: (UnsafeRawBufferPointer) throws(CheckpointError) -> Void
  ) throws(CheckpointError) {
    let (tensor, placement) = try locate(tensor)
    guard tensor.elementType == .string, tensor.unreadable == nil else {
      throw .unsupported(
        file: indexPath,
        reason: "'\(tensor.key)' can't be read as strings: "
          + (tensor.unreadable ?? "its elements are \(tensor.elementType.name)"))
    }
    if case .sliced(let sliced) = placement {
      try SlicedStrings(sliced, key: tensor.key, in: shards, isBigEndian: isBigEndian).forEachString(body)
    } else {
      try StringTensor(tensor, at: placement, in: shards, isBigEndian: isBigEndian, index: indexPath)
        .forEachString(body)
    }
  }

  func verify(_ tensor: StoredTensor) throws(CheckpointError) {
    let (tensor, placement) = try locate(tensor)
    if tensor.elementType == .variant, case .whole = placement, !isBigEndian {
      return try VariantTensor(tensor, at: placement, in: shards, index: indexPath).verify()
    }
    if let reason = tensor.unreadable { throw .unsupported(file: indexPath, reason: "'\(tensor.key)': \(reason)") }
    switch placement {
    case .whole where tensor.elementType == .string:
      try StringTensor(tensor, at: placement, in: shards, isBigEndian: isBigEndian, index: indexPath).verify()
    case .sliced(let sliced) where tensor.elementType == .string:
      try SlicedStrings(sliced, key: tensor.key, in: shards, isBigEndian: isBigEndian).verify()
    case .whole(let shard, let offset, let size, let checksum):
      try verify(tensor.key, shard: shard, offset: offset, size: size, maskedChecksum: checksum)
    case .sliced(let sliced):
      for piece in sliced.pieces {
        try verify(
          tensor.key, shard: piece.shard, offset: piece.offset, size: piece.size, maskedChecksum: piece.maskedChecksum)
      }
    case .damaged(let error): throw error
    }
  }

  private func verify(
    _ key: String, shard: Int, offset: Int, size: Int, maskedChecksum: UInt32
  ) throws(CheckpointError) {
    let expected = CRC32C.unmask(maskedChecksum)
    var found: UInt32 = 0
    var path = shards.path(of: shard)
    if size > 0 {
      let file = try shards.file(of: shard, holding: size, at: offset)
      path = file.path
      let scratch = ReadBuffer()
      var done = 0
      while done < size {
        let part = UnsafeMutableRawBufferPointer(rebasing: scratch.bytes[..<min(scratch.bytes.count, size - done)])
        try file.fill(part, at: offset + done)
        found = CRC32C.checksum(of: UnsafeRawBufferPointer(part), continuing: found)
        done += part.count
      }
    }
    guard found == expected else { throw mismatch(key, path, offset, size, expected: expected, found: found) }
  }

  func verifyFiles() -> FileVerification {
    // The checksum of each block of the index was checked when it was opened, and may have changed since.
    do {
      let table = try Table(file: try RandomAccessFile.opened(indexPath))
      try table.forEachEntry { (_, _, _) throws(CheckpointError) in }
      return FileVerification(checked: 1)
    } catch {
      return FileVerification(checked: 1, failures: [error])
    }
  }
}

/// A checksum that is not the recorded one.
func mismatch(
  _ key: String, _ file: String, _ offset: Int, _ size: Int, expected: UInt32, found: UInt32
) -> CheckpointError {
  .corrupt(
    file: file, offset: offset,
    reason:
      "checksum of the \(size) bytes of '\(key)': expected \(hexadecimal(expected)), found \(hexadecimal(found)); "
      + "fetch the file again")
}

extension UnsafeMutableRawBufferPointer {
  /// Reverses the bytes of each `width` of the buffer.
  func reverseBytes(width: Int) {
    var start = 0
    while start + width <= count {
      for index in 0..<width / 2 { swapAt(start + index, start + width - 1 - index) }
      start += width
    }
  }
}
