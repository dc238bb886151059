import Testing

@testable import Tensors

@Suite struct ShapeTests {
  @Test func countsElements() {
    #expect(elementCount(of: [Int]()) == 1)
    #expect(elementCount(of: [3, 4, 5]) == 60)
    #expect(elementCount(of: [3, 0, 5]) == 0)
    #expect(elementCount(of: [0, Int.max, Int.max]) == 0)
    #expect(elementCount(of: [Int.max, Int.max, 0]) == 0)
  }

  @Test func refusesNegativeAndOverflowing() {
    #expect(elementCount(of: [3, -1]) == nil)
    #expect(elementCount(of: [0, -1]) == nil)
    #expect(elementCount(of: [1 << 32, 1 << 31]) == nil)
    #expect(elementCount(of: [1 << 31, 1 << 31]) == 1 << 62)
  }
}

@Suite struct ElementTypeTests {
  @Test func namesGoBothWays() {
    for type in ElementType.allCases { #expect(ElementType(name: type.name) == type) }
    #expect(ElementType(name: "float8_e4m3b11fnuz") == .float8e4m3b11fnuz)
    #expect(ElementType(name: "double") == nil)
  }

  @Test func widthsAgainstTensorFlow() {
    #expect(ElementType.complex128.byteWidth == 16)
    #expect(ElementType.complex128.componentWidth == 8)
    #expect(ElementType.bfloat16.byteWidth == 2)
    #expect(ElementType.int4.byteWidth == 1)
    for type in ElementType.allCases where type.kind == .opaque || type == .string { #expect(type.byteWidth == nil) }
  }
}

@Suite struct CRC32CTests {
  private func checksum(_ text: String) -> UInt32 {
    Array(text.utf8).withUnsafeBytes { CRC32C.checksum(of: $0) }
  }

  /// The check value of the algorithm's definition, and RFC 3720, B.4.
  @Test func againstPublishedValues() {
    #expect(checksum("123456789") == 0xe306_9283)
    #expect([UInt8](repeating: 0, count: 32).withUnsafeBytes { CRC32C.checksum(of: $0) } == 0x8a91_36aa)
    #expect([UInt8](repeating: 255, count: 32).withUnsafeBytes { CRC32C.checksum(of: $0) } == 0x62a8_ab43)
    #expect([UInt8](0..<32).withUnsafeBytes { CRC32C.checksum(of: $0) } == 0x46dd_794e)
  }

  @Test func maskGoesBothWays() {
    for value in [0, 1, 0xdead_beef, UInt32.max] {
      #expect(CRC32C.unmask(CRC32C.mask(value)) == value)
      #expect(CRC32C.mask(value) != value)
    }
    #expect(CRC32C.mask(0) == 0xa282_ead8)
  }

  @Test func continuesAndCombines() {
    let text = Array("the quick brown fox jumps over the lazy dog".utf8)
    let whole = text.withUnsafeBytes { CRC32C.checksum(of: $0) }
    for cut in 0...text.count {
      let first = text[..<cut].withUnsafeBytes { CRC32C.checksum(of: $0) }
      let second = text[cut...].withUnsafeBytes { CRC32C.checksum(of: $0) }
      #expect(text[cut...].withUnsafeBytes { CRC32C.checksum(of: $0, continuing: first) } == whole)
      #expect(CRC32C.combine(first, second, secondCount: text.count - cut) == whole)
    }
  }
}
