import FuzzSupport

@_cdecl("FuzzNumPy_main")
public func fuzzMain(_ argc: CInt, _ argv: UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>) -> CInt {
  fuzz("NumPy", argc, argv)
}
