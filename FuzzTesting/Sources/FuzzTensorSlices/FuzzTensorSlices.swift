import FuzzSupport

@_cdecl("FuzzTensorSlices_main")
public func fuzzMain(_ argc: CInt, _ argv: UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>) -> CInt {
  fuzz("TensorSlices", argc, argv)
}
