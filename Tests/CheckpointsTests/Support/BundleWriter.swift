import Tensors

@testable import Checkpoints

/// Writes V2 checkpoints: `files` by name, given `prefix` as the name.
struct BundleWriter {
  struct Tensor {
    var key: String
    var type: ElementType
    var shape: [Int]
    /// In the order of the file.
    var data: [UInt8] = []
    var strings: [[UInt8]] = []
    var shard = 0
    var slices: [(extents: [BundleSlice.Extent], data: [UInt8], shape: [Int])] = []
  }

  var tensors: [Tensor] = []
  var shardCount = 1
  var isBigEndian = false
  var table = TableWriter()
  /// Unused bytes before each tensor.
  var padding = 0
  /// Replaces the header.
  var header: [UInt8]?
  /// Replaces or adds entries of the index.
  var alterEntries: (inout [(key: [UInt8], value: [UInt8])]) -> Void = { _ in }

  mutating func add(_ key: String, _ values: [Float], shape: [Int]? = nil, shard: Int = 0) {
    let data = isBigEndian ? values.flatMap { $0.bitPattern.bigEndianBytes } : bytes(values)
    tensors.append(Tensor(key: key, type: .float32, shape: shape ?? [values.count], data: data, shard: shard))
  }

  mutating func add(_ key: String, strings: [[UInt8]], shape: [Int]? = nil, shard: Int = 0) {
    tensors.append(
      Tensor(key: key, type: .string, shape: shape ?? [strings.count], strings: strings, shard: shard))
  }

  mutating func addObjectGraph(_ graph: [UInt8], shard: Int = 0) {
    add("_CHECKPOINTABLE_OBJECT_GRAPH", strings: [graph], shape: [], shard: shard)
  }

  func files(_ prefix: String) -> [String: [UInt8]] { contents(prefix).files }

  /// The files, and the entries of the index.
  func contents(_ prefix: String) -> (files: [String: [UInt8]], entries: [(key: [UInt8], value: [UInt8])]) {
    var shards = [[UInt8]](repeating: [], count: shardCount)
    var entries: [(key: [UInt8], value: [UInt8])] = []
    for tensor in tensors {
      guard tensor.slices.isEmpty else {
        for slice in tensor.slices {
          let place = Self.append(slice.data, to: &shards[tensor.shard], padding: padding)
          entries.append(
            (
              BundleSlice(extents: slice.extents).key(of: Array(tensor.key.utf8)),
              Self.entry(tensor.type, slice.shape, tensor.shard, place, slice.data.count, checksum(slice.data))
            ))
        }
        entries.append((Array(tensor.key.utf8), Self.slicedEntry(tensor)))
        continue
      }
      let (data, checksum) = tensor.type == .string ? stringData(tensor.strings) : (tensor.data, checksum(tensor.data))
      let place = Self.append(data, to: &shards[tensor.shard], padding: padding)
      entries.append(
        (Array(tensor.key.utf8), Self.entry(tensor.type, tensor.shape, tensor.shard, place, data.count, checksum)))
    }
    entries.append(([], header ?? Self.header(shards: shardCount, isBigEndian: isBigEndian)))
    alterEntries(&entries)
    var files = ["\(prefix).index": table.table(entries)]
    for (number, shard) in shards.enumerated() {
      files["\(prefix).data-0000\(number)-of-0000\(shardCount)"] = shard
    }
    return (files, entries)
  }

  static func header(
    shards: Int, isBigEndian: Bool = false, producer: Int = 1, minimumConsumer: Int = 0, bad: [Int] = []
  ) -> [UInt8] {
    Message {
      if shards != 0 { $0.number(1, shards) }
      if isBigEndian { $0.number(2, 1) }
      $0.message(3) {
        $0.number(1, producer)
        if minimumConsumer != 0 { $0.number(2, minimumConsumer) }
        for version in bad { $0.number(3, version) }
      }
    }.bytes
  }

  static func entry(
    _ type: ElementType, _ shape: [Int], _ shard: Int, _ offset: Int, _ size: Int, _ checksum: UInt32
  ) -> [UInt8] {
    entry(typeNumber: Int(type.rawValue), shape, shard, offset, size, checksum)
  }

  static func entry(
    typeNumber: Int, _ shape: [Int], _ shard: Int, _ offset: Int, _ size: Int, _ checksum: UInt32
  ) -> [UInt8] {
    Message {
      $0.number(1, typeNumber)
      $0.shape(2, shape)
      if shard != 0 { $0.number(3, shard) }
      if offset != 0 { $0.number(4, offset) }
      if size != 0 { $0.number(5, size) }
      $0.fixed32(6, CRC32C.mask(checksum))
    }.bytes
  }

  private static func slicedEntry(_ tensor: Tensor) -> [UInt8] {
    Message {
      $0.number(1, Int(tensor.type.rawValue))
      $0.shape(2, tensor.shape)
      for slice in tensor.slices {
        $0.message(7) { message in
          for extent in slice.extents {
            message.message(1) {
              if extent.start != 0 { $0.number(1, extent.start) }
              if let length = extent.length { $0.number(2, length) }
            }
          }
        }
      }
    }.bytes
  }

  private static func append(_ data: [UInt8], to shard: inout [UInt8], padding: Int) -> Int {
    shard += [UInt8](repeating: 0xee, count: padding)
    defer { shard += data }
    return shard.count
  }

  private func stringData(_ strings: [[UInt8]]) -> ([UInt8], UInt32) {
    var data: [UInt8] = []
    var covered: [UInt8] = []
    for string in strings {
      data += Message.varint(UInt64(string.count))
      let length = UInt32(string.count)
      covered += isBigEndian ? length.bigEndianBytes : littleEndian(length)
    }
    let lengths = CRC32C.mask(checksum(covered))
    let stored = isBigEndian ? lengths.bigEndianBytes : littleEndian(lengths)
    data += stored
    covered += stored
    for string in strings {
      data += string
      covered += string
    }
    return (data, checksum(covered))
  }
}

extension BundleWriter {
  /// A tensor cut along its axes at the given places.
  static func cut(
    _ key: String, _ values: [Float], shape: [Int], at cuts: [[Int]], isBigEndian: Bool = false
  ) -> Tensor {
    var tensor = Tensor(key: key, type: .float32, shape: shape)
    var boxes: [[(Int, Int)]] = [[]]
    for (axis, dimension) in shape.enumerated() {
      let edges = [0] + cuts[axis] + [dimension]
      boxes = boxes.flatMap { box in zip(edges, edges.dropFirst()).map { box + [($0, $1 - $0)] } }
    }
    for box in boxes {
      var data: [UInt8] = []
      for number in 0..<values.count {
        var rest = number
        var isInside = true
        for axis in shape.indices.reversed() {
          let index = rest % shape[axis]
          rest /= shape[axis]
          isInside = isInside && index >= box[axis].0 && index < box[axis].0 + box[axis].1
        }
        if isInside { data += isBigEndian ? values[number].bitPattern.bigEndianBytes : bytes([values[number]]) }
      }
      let extents = zip(box, shape).map { side, dimension in
        BundleSlice.Extent(start: side.1 == dimension ? 0 : side.0, length: side.1 == dimension ? nil : side.1)
      }
      tensor.slices.append((extents, data, box.map(\.1)))
    }
    return tensor
  }
}

func checksum(_ data: [UInt8]) -> UInt32 { data.withUnsafeBytes { CRC32C.checksum(of: $0) } }

extension FixedWidthInteger {
  var bigEndianBytes: [UInt8] { withUnsafeBytes(of: bigEndian) { Array($0) } }
}
