/// Decompresses Snappy's raw format.
///
/// ## Source
/// Snappy, `format_description.txt`.
enum Snappy {
  /// Why compressed bytes can't be expanded.
  struct Failure: Error, Equatable {
    /// Where in the compressed bytes.
    let offset: Int
    let reason: String
  }

  /// Returns the length that the compressed bytes announce and where the data begin.
  ///
  /// No element of the format makes more than 64 bytes of 3, so a length beyond that is refused before any memory is
  /// taken for it.
  static func announcedLength(of input: UnsafeRawBufferPointer) throws(Failure) -> (length: Int, start: Int) {
    var length = 0
    var position = 0
    while position < input.count, position < 5 {
      let byte = Int(input[position])
      length |= (byte & 0x7f) << (7 * position)
      position += 1
      if byte < 0x80 {
        guard length <= Int(UInt32.max) else { break }
        let most = (input.count - position) / 3 * 64 + 64
        guard length <= most else {
          throw Failure(offset: 0, reason: "announces \(length) bytes, and its \(input.count) can hold \(most) at most")
        }
        return (length, position)
      }
    }
    throw Failure(offset: 0, reason: "the announced length does not end")
  }

  /// Expands `input`, from `start` on, into exactly `output`.
  ///
  /// - Complexity: O(output.count + input.count).
  static func decompress(
    _ input: UnsafeRawBufferPointer, from start: Int, into output: UnsafeMutableRawBufferPointer
  ) throws(Failure) {
    var position = start
    var written = 0
    while position < input.count {
      let tag = Int(input[position])
      let element = position
      position += 1
      var length: Int
      if tag & 3 == 0 {
        length = tag >> 2 + 1
        if length > 60 {
          let extra = length - 60
          length = try number(input, at: position, bytes: extra, element: element) + 1
          position += extra
        }
        guard length <= input.count - position else {
          throw Failure(offset: element, reason: "a literal of \(length) bytes, \(input.count - position) left")
        }
        guard length <= output.count - written else { throw tooLong(element, output.count) }
        UnsafeMutableRawBufferPointer(rebasing: output[written..<written + length])
          .copyMemory(from: UnsafeRawBufferPointer(rebasing: input[position..<position + length]))
        position += length
        written += length
        continue
      }
      let distance: Int
      switch tag & 3 {
      case 1:
        length = (tag >> 2 & 7) + 4
        distance = (tag >> 5) << 8 + (try number(input, at: position, bytes: 1, element: element))
        position += 1
      case 2:
        length = tag >> 2 + 1
        distance = try number(input, at: position, bytes: 2, element: element)
        position += 2
      default:
        length = tag >> 2 + 1
        distance = try number(input, at: position, bytes: 4, element: element)
        position += 4
      }
      guard distance > 0, distance <= written else {
        throw Failure(offset: element, reason: "a copy from \(distance) bytes back, and \(written) are written")
      }
      guard length <= output.count - written else { throw tooLong(element, output.count) }
      // Byte by byte: a copy may overlap itself, and then repeats.
      for _ in 0..<length {
        output[written] = output[written - distance]
        written += 1
      }
    }
    guard written == output.count else {
      throw Failure(offset: input.count, reason: "expands to \(written) bytes, announced \(output.count)")
    }
  }

  private static func number(
    _ input: UnsafeRawBufferPointer, at position: Int, bytes: Int, element: Int
  ) throws(Failure) -> Int {
    guard bytes <= input.count - position else {
      throw Failure(offset: element, reason: "the data end within an element")
    }
    var value = 0
    for index in 0..<bytes { value |= Int(input[position + index]) << (8 * index) }
    return value
  }

  private static func tooLong(_ element: Int, _ announced: Int) -> Failure {
    Failure(offset: element, reason: "expands beyond the \(announced) announced bytes")
  }
}
