import HDF5
import Tensors

/// How elements of a type lie in an exported file, and the way back to the bytes that they were copied from.
///
/// What tools can't be trusted with was widened on the way in: floats of 16 bits or fewer, integers of fewer than 8.
enum ExportedElements {
  case asTheyAre(width: Int)
  case single(narrow: @Sendable (UInt32) -> UInt32?, width: Int)
  case byte(bits: Int)

  /// - Returns: `nil` for types that are not stored as numbers.
  init?(_ type: ElementType) {
    switch type {
    case .float16: self = .single(narrow: Self.half, width: 2)
    // The upper half of a single.
    case .bfloat16: self = .single(narrow: { $0 & 0xffff == 0 ? $0 >> 16 : nil }, width: 2)
    case .int4: self = .byte(bits: 4)
    case .int2: self = .byte(bits: 2)
    default:
      if let floats = type.byteFloats {
        // Of types with fewer bits than a byte, the byte whose upper bits are 0.
        let bytes = Dictionary(floats.enumerated().map { ($1.bitPattern, UInt32($0)) }) { first, _ in first }
        self = .single(narrow: { bytes[$0] }, width: 1)
      } else {
        guard let width = type.byteWidth else { return nil }
        self = .asTheyAre(width: width)
      }
    }
  }

  /// Bytes of an element in the file.
  var storedWidth: Int {
    switch self {
    case .asTheyAre(let width): width
    case .single: 4
    case .byte: 1
    }
  }

  /// Whether numbers of the given encoding are what elements of `type` are stored as.
  func isStored(as encoding: HDF5Encoding, _ type: ElementType) -> Bool {
    let width = type.componentWidth ?? 0
    switch (self, type.kind) {
    case (.single, _): return encoding == .floatingPoint(bytes: 4, exponentBits: 8)
    case (.byte, _), (_, .boolean): return encoding == .integer(bytes: 1, isSigned: true)
    case (_, .floatingPoint), (_, .complex):
      return encoding == .floatingPoint(bytes: width, exponentBits: width == 4 ? 8 : 11)
    default: return encoding == .integer(bytes: width, isSigned: !type.name.contains("uint"))
    }
  }

  /// Turns elements as they are stored into those of the source.
  ///
  /// - Returns: The place of the first element that the source's type can't hold; `nil` if all are sound.
  func restore(_ stored: UnsafeRawBufferPointer, into target: UnsafeMutableRawBufferPointer) -> Int? {
    switch self {
    case .asTheyAre: target.copyMemory(from: stored)
    case .byte(let bits):
      for (index, byte) in stored.enumerated() {
        guard Int8(bitPattern: byte << (8 - bits)) >> (8 - bits) == Int8(bitPattern: byte) else { return index }
        target[index] = byte & (1 << bits - 1)
      }
    case .single(let narrow, let width):
      for index in 0..<stored.count / 4 {
        guard let bits = stored.littleEndian(UInt32.self, at: 4 * index).flatMap(narrow) else { return index }
        for byte in 0..<width { target[index * width + byte] = UInt8(truncatingIfNeeded: bits >> (8 * UInt32(byte))) }
      }
    }
    return nil
  }

  /// The bits of the half that equals a single; `nil` where none does.
  @Sendable private static func half(_ bits: UInt32) -> UInt32? {
    let sign = bits >> 16 & 0x8000
    let exponent = Int(bits >> 23 & 255)
    let fraction = bits & 0x7f_ffff
    switch exponent {
    case 255: return fraction & 0x1fff == 0 ? sign | 0x7c00 | fraction >> 13 : nil
    case 113...142: return fraction & 0x1fff == 0 ? sign | UInt32(exponent - 112) << 10 | fraction >> 13 : nil
    case 103...112:
      // Below the smallest normal half: the leading bit is written.
      let shift = UInt32(126 - exponent)
      let whole = fraction | 0x80_0000
      return whole & (1 << shift - 1) == 0 ? sign | whole >> shift : nil
    default: return exponent == 0 && fraction == 0 ? sign : nil
    }
  }
}
