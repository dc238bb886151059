import Tensors

#if canImport(FoundationEssentials)
  import FoundationEssentials
#else
  import Foundation
#endif

/// A checkpoint in which some tensors of another take the place of a model's own, or values of the caller's.
///
/// Only an index is written, and the new values; the bytes of both checkpoints are linked to where they are. A tensor that
/// the donor stores in slices, or in another byte order, is written anew as well.
///
/// ## Source
/// TensorFlow, `core/util/tensor_bundle/tensor_bundle.cc`; `core/protobuf/tensor_bundle.proto`.
public struct HybridCheckpoint: Sendable {
  private struct Bundle: Sendable {
    var bundle: TensorBundle
    var shards: ShardFiles { bundle.shards }
    var isBigEndian: Bool { bundle.isBigEndian }
    /// Entries as stored, by key, without the header.
    var entries: [[UInt8]: [UInt8]]
  }

  private let base: Bundle
  private let donor: Bundle

  /// - Parameters:
  ///   - base: Prefix of the checkpoint whose keys the hybrid has.
  ///   - donor: Prefix of the one that gives tensors.
  /// - Throws: ``CheckpointError`` when an index can't be read.
  /// - Complexity: O(index).
  public init(base: String, donor: String) throws(CheckpointError) {
    self.base = try Self.read(base)
    self.donor = try Self.read(donor)
  }

  private static func read(_ prefix: String) throws(CheckpointError) -> Bundle {
    let path = prefix + ".index"
    var entries: [[UInt8]: [UInt8]] = [:]
    try Table(file: try RandomAccessFile.opened(path)).forEachEntry { (key, value, _) throws(CheckpointError) in
      if !key.isEmpty { entries[Array(key)] = Array(value) }
    }
    return Bundle(bundle: try TensorBundle(prefix: prefix, path: prefix), entries: entries)
  }

  /// Writes the hybrid's files, replacing what was there of an earlier one.
  ///
  /// - Parameters:
  ///   - folder: Where to; it must be there.
  ///   - replaced: The base's keys, and the donor's that take their place. Types and shapes are the caller's to check.
  ///   - values: The base's keys, and the little-endian bytes that take their place.
  /// - Returns: The prefix of the hybrid.
  /// - Throws: ``CheckpointError`` for a key that is not there, or a tensor that can't be read.
  /// - Complexity: O(index + values).
  public func write(
    to folder: String, replaced: [String: String] = [:], values: [String: [UInt8]] = [:]
  ) throws(CheckpointError) -> String {
    let prefix = Paths.join(folder, "hybrid")
    let count = base.shards.count + donor.shards.count + 1
    var data: [UInt8] = []
    var entries = base.entries
    var written = values
    for (key, donated) in replaced {
      _ = try entry(key, of: base)
      let entry = try entry(donated, of: donor)
      if try isSliced(entry, donated) || base.isBigEndian != donor.isBigEndian {
        written[key] = try value(of: donated)
      } else {
        entries[Array(key.utf8)] = try moved(entry, by: base.shards.count)
      }
    }
    // By name, so that the same hybrid has the same bytes.
    for (key, bytes) in written.sorted(by: { $0.key < $1.key }) {
      let entry = try entry(key, of: base)
      let stored = base.isBigEndian ? try reversed(bytes, key) : bytes
      // A whole tensor takes the place of slices: what reads a slice cuts it from the whole.
      entries[Array(key.utf8)] = try placed(entry, shard: count - 1, offset: data.count, stored)
      data += stored
    }
    // TensorFlow's own header: number of shards, byte order, version 1.
    let header =
      [0x08] + WireWriter.varint(UInt64(count)) + (base.isBigEndian ? [0x10, 0x01] : []) + [0x1a, 0x02, 0x08, 0x01]
    let sorted = [([], header)] + entries.sorted { $0.key.lexicographicallyPrecedes($1.key) }.map { ($0.key, $0.value) }
    let hybrid = ShardFiles(prefix: prefix, count: count)
    do {
      for number in 0..<count - 1 {
        let source =
          number < base.shards.count ? base.shards.path(of: number) : donor.shards.path(of: number - base.shards.count)
        let link = hybrid.path(of: number)
        try? FileManager.default.removeItem(atPath: link)
        try FileManager.default.createSymbolicLink(atPath: link, withDestinationPath: Self.absolute(source))
      }
      try Data(data).write(to: URL(fileURLWithPath: hybrid.path(of: count - 1)))
      try Data(TableFile.bytes(sorted)).write(to: URL(fileURLWithPath: prefix + ".index"))
    } catch {
      throw .io(file: prefix, operation: "write", reason: "\(error)")
    }
    return prefix
  }

  private static func absolute(_ path: String) -> String {
    path.hasPrefix("/") ? path : FileManager.default.currentDirectoryPath + "/" + path
  }

  private func entry(_ key: String, of bundle: Bundle) throws(CheckpointError) -> [UInt8] {
    guard let entry = bundle.entries[Array(key.utf8)] else {
      throw .notFound(file: bundle.bundle.indexPath, reason: "no tensor '\(key)'")
    }
    return entry
  }

  private func isSliced(_ entry: [UInt8], _ key: String) throws(CheckpointError) -> Bool {
    let file = donor.bundle.indexPath
    return try OwnedBytes(entry, file: file).withBytes { (bytes) throws(CheckpointError) in
      try decoding("entry '\(key)'", of: file) { () throws(WireError) in
        try BundleEntry(bytes).slices.contains { !$0.isFull }
      }
    }
  }

  /// The donor's tensor, assembled and in little-endian order.
  private func value(of key: String) throws(CheckpointError) -> [UInt8] {
    guard let tensor = donor.bundle.tensors.first(where: { $0.key == key }) else {
      throw .notFound(file: donor.bundle.indexPath, reason: "no tensor '\(key)'")
    }
    var bytes = [UInt8](repeating: 0, count: tensor.byteCount)
    var failure: CheckpointError?
    bytes.withUnsafeMutableBytes { buffer in
      do throws(CheckpointError) { try donor.bundle.read(tensor, at: 0, into: buffer) } catch { failure = error }
    }
    if let failure { throw failure }
    return bytes
  }

  /// Bytes in the order that a big-endian base has.
  private func reversed(_ bytes: [UInt8], _ key: String) throws(CheckpointError) -> [UInt8] {
    guard let tensor = base.bundle.tensors.first(where: { $0.key == key }),
      let width = tensor.elementType.componentWidth, bytes.count % width == 0
    else { throw .unsupported(file: base.bundle.indexPath, reason: "'\(key)' has no numbers to exchange") }
    var result = bytes
    result.withUnsafeMutableBytes { $0.reverseBytes(width: width) }
    return result
  }

  /// An entry whose shard has another number.
  private func moved(_ entry: [UInt8], by shards: Int) throws(CheckpointError) -> [UInt8] {
    var shard = 0
    var result = try fields(of: entry) { number, value in
      if number == 3 { shard = value ?? 0 }
      return number != 3
    }
    result += [0x18] + WireWriter.varint(UInt64(shard + shards))
    return result
  }

  private func placed(_ entry: [UInt8], shard: Int, offset: Int, _ bytes: [UInt8]) throws(CheckpointError) -> [UInt8] {
    let checksum = CRC32C.mask(bytes.withUnsafeBytes { CRC32C.checksum(of: $0) })
    var result = try fields(of: entry) { number, _ in number <= 2 }
    result += [0x18] + WireWriter.varint(UInt64(shard)) + [0x20] + WireWriter.varint(UInt64(offset))
    result += [0x28] + WireWriter.varint(UInt64(bytes.count)) + [0x35]
    result += withUnsafeBytes(of: checksum.littleEndian) { Array($0) }
    return result
  }

  /// The fields of a message that are kept, as they are stored.
  private func fields(
    of entry: [UInt8], keeping: (_ number: Int, _ value: Int?) -> Bool
  ) throws(CheckpointError) -> [UInt8] {
    let file = base.shards.prefix + ".index"
    return try OwnedBytes(entry, file: file).withBytes { (bytes) throws(CheckpointError) in
      try decoding("an entry", of: file) { () throws(WireError) in
        var result: [UInt8] = []
        var reader = WireReader(bytes)
        while let field = try reader.next() {
          if keeping(field.number, field.int) { result += bytes[field.offset..<reader.position] }
        }
        return result
      }
    }
  }
}
