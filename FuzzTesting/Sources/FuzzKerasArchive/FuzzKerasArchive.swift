import FuzzSupport

@_cdecl("FuzzKerasArchive_main")
public func fuzzMain(_ argc: CInt, _ argv: UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>) -> CInt {
  fuzz("KerasArchive", argc, argv)
}
