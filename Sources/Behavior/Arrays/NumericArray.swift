import Tensors

/// An array from a file, its numbers as doubles in row-major order: predictions, labels or inputs.
public struct NumericArray: Sendable {
  /// As the user gave it.
  public var path: String
  /// TensorFlow's name of the elements' type; `text` for CSV.
  public var dtype: String
  /// Whether every element is stored as a whole number.
  public var isInteger: Bool
  public var shape: [Int]
  /// Empty where there are ``texts``.
  public var values: [Double]
  /// Of the columns, where the file names them.
  public var columnNames: [String]?
  /// The elements of an array of texts.
  public var texts: [String]?
  public var warnings: [String] = []

  public init(
    path: String, dtype: String, isInteger: Bool, shape: [Int], values: [Double], columnNames: [String]? = nil,
    texts: [String]? = nil
  ) {
    self.path = path
    self.dtype = dtype
    self.isInteger = isInteger
    self.shape = shape
    self.values = values
    self.columnNames = columnNames
    self.texts = texts
  }

  /// Examples: the length of the first axis.
  public var count: Int { shape.first ?? 1 }

  /// Numbers an example.
  public var width: Int { shape.dropFirst().reduce(1, *) }

  /// Where element `index` is, for people who count examples from 0.
  ///
  /// - Parameter first: Number of the array's first example.
  func place(_ index: Int, from first: Int = 0) -> String {
    width == 1 ? "example \(first + index)" : "example \(first + index / width), value \(index % width)"
  }

  /// - Throws: ``BehaviorError`` at the first number that is not finite.
  func checkFinite(from first: Int = 0) throws(BehaviorError) {
    guard let index = values.firstIndex(where: { !$0.isFinite }) else { return }
    let others = values[index...].count { !$0.isFinite } - 1
    throw BehaviorError(
      path,
      "\(place(index, from: first)) is \(values[index].isNaN ? "NaN" : "infinite")"
        + (others > 0 ? ", as are \(others) more" : "") + "; every number must be finite")
  }
}

/// Reads an array from a `.npy`, `.npz`, CSV or HDF5 file.
///
/// - Parameter path: A file; `file:name` chooses one of several arrays in an archive or an HDF5 file.
/// - Throws: ``BehaviorError``, and what the readers of the formats throw.
/// - Complexity: O(bytes) time and memory.
public func readArray(at path: String) throws -> NumericArray {
  let file = arrayFile(of: path)
  let name = file == path ? nil : String(path.dropFirst(file.count + 1))
  let opened: RandomAccessFile
  do { opened = try RandomAccessFile(path: file) } catch { throw BehaviorError(file, error.sentence) }
  guard opened.size > 0 else { throw BehaviorError(file, "is empty") }
  var head = [UInt8](repeating: 0, count: min(8, opened.size))
  try head.withUnsafeMutableBytes { try opened.read(at: 0, into: $0) }
  let lower = file.lowercased()
  if head.starts(with: [0x89, 0x48, 0x44, 0x46]) { return try readHDF5Array(file, name: name, path: path) }
  if head.starts(with: [0x93] + Array("NUMPY".utf8)) || head.starts(with: [0x50, 0x4b]) || lower.hasSuffix(".npy")
    || lower.hasSuffix(".npz")
  {
    return try readNumPyArray(file, name: name, path: path)
  }
  guard name == nil else { throw BehaviorError(file, "holds no arrays with names; ':\(name ?? "")' chooses nothing") }
  return try readCSVArray(opened)
}

/// The file of `file:name`: the whole path where there is one, else what is before the last colon.
public func arrayFile(of path: String) -> String {
  guard FileStatus.find(path) == nil, let colon = path.lastIndex(of: ":"), colon != path.startIndex,
    FileStatus.find(String(path[..<colon])) != nil
  else { return path }
  return String(path[..<colon])
}

extension FileStatus {
  static func find(_ path: String) -> FileStatus? { try? FileStatus(path: path) }
}

extension FileError {
  /// Without the path, which the caller says.
  fileprivate var sentence: String {
    switch self {
    case .notFound: "there is no such file"
    case .isDirectory: "is a folder; expected a .npy, .npz, CSV or HDF5 file"
    default: "can't be read: \(self)"
    }
  }
}
