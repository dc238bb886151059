import FuzzSupport

@_cdecl("FuzzFrozenGraph_main")
public func fuzzMain(_ argc: CInt, _ argv: UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>) -> CInt {
  fuzz("FrozenGraph", argc, argv)
}
