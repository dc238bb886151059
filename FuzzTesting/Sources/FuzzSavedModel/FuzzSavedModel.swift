import FuzzSupport

@_cdecl("FuzzSavedModel_main")
public func fuzzMain(_ argc: CInt, _ argv: UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>) -> CInt {
  fuzz("SavedModel", argc, argv)
}
