import CKernels

extension ElementType {
  /// The values of all 256 bytes, for floating-point types of 8 or 4 bits; `nil` for any other.
  ///
  /// Exact in single precision, and no two sound bytes share a bit pattern, so a byte can be had back from its value.
  /// Of 4-bit types only the low bits count.
  public var byteFloats: [Float]? {
    var bits = [UInt32](repeating: 0, count: 256)
    guard eqp_byte_floats(rawValue, &bits) == 1 else { return nil }
    return bits.map(Float.init(bitPattern:))
  }
}
