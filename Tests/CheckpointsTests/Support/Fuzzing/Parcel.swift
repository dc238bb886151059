/// Several byte strings in one: what a fuzz target gets when a model is more than one file.
///
/// Each part is its length in 4 bytes, little-endian, and its bytes. A last part that is cut holds what is there, so
/// that any input means something.
struct Parcel {
  var parts: [[UInt8]]

  init(_ parts: [[UInt8]]) { self.parts = parts }

  init(_ input: [UInt8]) {
    parts = []
    var position = 0
    while input.count - position >= 4 {
      let length = input[position..<position + 4].reversed().reduce(0) { $0 << 8 | Int($1) }
      position += 4
      let end = position + min(length, input.count - position)
      parts.append(Array(input[position..<end]))
      position = end
    }
  }

  var bytes: [UInt8] { parts.flatMap { littleEndian(UInt32($0.count)) + $0 } }

  /// The part at `index`; empty where there is none.
  subscript(index: Int) -> [UInt8] { parts.indices.contains(index) ? parts[index] : [] }

  /// The first part's first byte: how a target is to take the others.
  var flags: UInt8 { self[0].first ?? 0 }

  func has(_ bit: UInt8) -> Bool { flags & 1 << bit != 0 }
}
