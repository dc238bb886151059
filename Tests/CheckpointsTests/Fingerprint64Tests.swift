import Testing

@testable import Checkpoints
@testable import Tensors

@Suite struct Fingerprint64Tests {
  /// By number of bytes, of the text whose byte i is "a" + 7 i mod 26; computed with FarmHash.
  static let known: [(count: Int, fingerprint: UInt64)] = [
    (0, 0x9ae1_6a3b_2f90_404f), (1, 0xb345_4265_b6df_75e3), (3, 0x2d5b_0cbc_c48f_dc6b), (4, 0x7b80_3bc7_5cee_3292),
    (7, 0xed26_8688_6900_3b0a), (8, 0x93b5_2af6_d9b9_2820), (11, 0xc145_e99d_4d25_7f88), (16, 0xf496_a369_6582_095e),
    (17, 0x1f0c_6481_4df2_3a1a), (24, 0xd8b7_341e_21f9_156c), (32, 0x9636_decc_e0f1_19bc), (33, 0x6fa5_de3a_3dd8_1cac),
    (50, 0x6bf1_794a_19b6_a785), (64, 0xe01e_9a6d_5635_769e), (65, 0x266a_2649_1da9_530d), (127, 0x44d8_6f1d_c468_d399),
    (128, 0x9174_72f7_f980_118d), (129, 0x0eb7_d4a2_cddb_5078), (200, 0xd137_238f_e25c_be34),
    (300, 0x6d8c_60e9_557b_dd86),
  ]

  private func text(_ count: Int) -> [UInt8] { (0..<count).map { UInt8(97 + $0 * 7 % 26) } }

  @Test func againstFarmHash() {
    for (count, fingerprint) in Self.known {
      #expect(text(count).withUnsafeBytes(Fingerprint64.of) == fingerprint, "\(count) bytes")
    }
  }

  @Test func filesAgainstFarmHash() throws {
    let folder = try TemporaryFolder()
    for (count, fingerprint) in Self.known {
      let path = try folder.write("text", text(count))
      #expect(try Fingerprint64.of(RandomAccessFile(path: path)) == fingerprint, "\(count) bytes")
    }
    // More than one read.
    let long = text(700_001)
    let file = try RandomAccessFile(path: folder.write("long", long))
    #expect(try Fingerprint64.of(file) == long.withUnsafeBytes(Fingerprint64.of))
  }

  /// The values that Google's documentation of FARM_FINGERPRINT gives.
  @Test func againstDocumentation() {
    let known: [(String, Int64)] = [
      ("1footrue", -1_541_654_101_129_638_711), ("2applefalse", 2_794_438_866_806_483_259),
      ("3true", -4_880_158_226_897_771_312),
    ]
    for (text, value) in known {
      #expect(Array(text.utf8).withUnsafeBytes(Fingerprint64.of) == UInt64(bitPattern: value))
    }
  }
}
