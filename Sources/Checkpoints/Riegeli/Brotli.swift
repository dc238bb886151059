#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#else
  import Darwin
#endif

/// Decompression by the system's Brotli library, which is looked for when it is first needed.
///
/// Nothing else here needs it, and HDF5 mostly brings it along, so the project does not depend on it.
///
/// ## Source
/// RFC 7932; `BrotliDecoderDecompress` in `brotli/decode.h`.
enum Brotli {
  private typealias Decoder =
    @convention(c) (
      Int, UnsafePointer<UInt8>, UnsafeMutablePointer<Int>, UnsafeMutablePointer<UInt8>
    ) -> Int32

  private static let names = ["libbrotlidec.so.1", "libbrotlidec.1.dylib", "/opt/homebrew/lib/libbrotlidec.1.dylib"]

  private static let decoder: Decoder? = {
    for name in names {
      guard let library = dlopen(name, RTLD_NOW | RTLD_LOCAL) else { continue }
      guard let symbol = dlsym(library, "BrotliDecoderDecompress") else { continue }
      return unsafeBitCast(symbol, to: Decoder.self)
    }
    return nil
  }()

  static var isAvailable: Bool { decoder != nil }

  /// What to do where the library is missing.
  static let advice =
    "install Brotli's library (Debian and Ubuntu: apt-get install libbrotli1; Homebrew: brew install brotli)"

  /// Fills `output` with what `input` decompresses to.
  ///
  /// - Returns: Whether the input is sound and yields just as many bytes.
  static func decompress(_ input: UnsafeRawBufferPointer, into output: UnsafeMutableRawBufferPointer) -> Bool {
    guard let decoder else { return false }
    // Neither may be null, and Brotli is not told of a place for nothing.
    var nothing: UInt8 = 0
    var count = output.count
    return withUnsafeMutablePointer(to: &nothing) { nothing in
      let source = input.bindMemory(to: UInt8.self).baseAddress ?? UnsafePointer(nothing)
      let target = output.bindMemory(to: UInt8.self).baseAddress ?? nothing
      return decoder(input.count, source, &count, target) == 1 && count == output.count
    }
  }
}
