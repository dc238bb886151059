/// Why a call of HDF5 failed: what kind of failure, in which call, on what object of which file, and what HDF5 says.
public struct HDF5Error: Error, Sendable, Hashable {
  /// The kind of failure, for a caller that wants to act on it.
  public enum Code: Sendable, Hashable {
    /// The file isn't an HDF5 file.
    case notHDF5
    /// The file is shorter than it says.
    case truncated
    /// No object, attribute or dimension of that name.
    case notFound
    /// An object or attribute of that name is there already.
    case exists
    /// Elements, or the object itself, are of another type than asked for.
    case wrongType
    /// A shape, range, axis or level that the object or the library can't have.
    case outOfRange
    /// A name or string that HDF5 can't store as given.
    case invalidText
    /// More bytes are claimed than the file can back.
    case implausibleSize
    /// The operating system refused to open, read or write.
    case io
    /// Anything else; `message` tells.
    case failed
  }

  public let code: Code
  /// The C function that failed or, for what is refused beforehand, that would have been called.
  public let function: String
  /// HDF5's own words: the outermost entry of its error stack and, in brackets, the innermost, which holds the cause.
  public let message: String
  public let file: String
  /// The object's path within the file.
  public let object: String

  init(_ code: Code, _ function: String, _ message: String, at location: HDF5Location) {
    self.code = code
    self.function = function
    self.message = message
    self.file = location.file
    self.object = location.path
  }
}

extension HDF5Error: CustomStringConvertible {
  public var description: String {
    object == "/" ? "\(file): \(message) [\(function)]" : "\(file): \(object): \(message) [\(function)]"
  }
}
