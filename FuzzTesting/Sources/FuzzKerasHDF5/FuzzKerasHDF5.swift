import FuzzSupport

@_cdecl("FuzzKerasHDF5_main")
public func fuzzMain(_ argc: CInt, _ argv: UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>) -> CInt {
  fuzz("KerasHDF5", argc, argv)
}
