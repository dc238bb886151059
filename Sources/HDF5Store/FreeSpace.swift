#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#else
  import Darwin
#endif

/// Refuses to begin what can't end well.
///
/// - Parameter path: Of the file to be written, in a folder that is there. Where the system doesn't say, all is well.
/// - Throws: ``ExportError/noSpace(path:needed:free:)``.
func checkSpace(for bytes: Int, at path: String) throws(ExportError) {
  let slash = path.lastIndex(of: "/")
  let folder = slash.map { $0 == path.startIndex ? "/" : String(path[..<$0]) } ?? "."
  var status = statvfs()
  guard statvfs(folder, &status) == 0 else { return }
  let (free, overflow) = UInt64(status.f_bavail).multipliedReportingOverflow(by: UInt64(status.f_frsize))
  guard !overflow, free < UInt64(clamping: bytes) else { return }
  throw .noSpace(path: path, needed: bytes, free: Int(clamping: free))
}
