import FuzzSupport

@_cdecl("FuzzTensorBundle_main")
public func fuzzMain(_ argc: CInt, _ argv: UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>) -> CInt {
  fuzz("TensorBundle", argc, argv)
}
