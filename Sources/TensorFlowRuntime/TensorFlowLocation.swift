import Foundation

/// Where TensorFlow's C library is.
///
/// In this order: what the caller names; the environment's `EQUIPOISE_TENSORFLOW`; the `tensorflow` or `tensorflow-cpu` wheel of
/// the python on PATH, which is asked where the package is and imports nothing; the system's folders of libraries.
public enum TensorFlowLocation {
  public static let variable = "EQUIPOISE_TENSORFLOW"

  /// Names of the library in a wheel and on its own, the fuller first.
  private static let names = [
    "libtensorflow_cc.so.2", "libtensorflow.so.2", "libtensorflow.so", "libtensorflow_cc.2.dylib",
    "libtensorflow.2.dylib",
    "libtensorflow.dylib",
  ]

  /// Returns the library's absolute path.
  ///
  /// - Parameter named: A library, a virtual environment, a python, the package's folder or one that holds the library.
  /// - Throws: ``TensorFlowError`` `.notFound`; `.unusable` where something was named and holds no library.
  public static func find(named: String? = nil) throws(TensorFlowError) -> String {
    let environment = ProcessInfo.processInfo.environment
    if let named { return try library(named, given: "--tensorflow") }
    if let named = environment[variable], !named.isEmpty { return try library(named, given: variable) }
    var looked: [String] = []
    for python in ["python3", "python"] {
      guard let path = onPath(python, environment["PATH"]) else { continue }
      looked.append("the packages of \(path)")
      if let package = package(of: path), let found = within(package) { return found }
    }
    let folders =
      (environment["LD_LIBRARY_PATH"] ?? "").split(separator: ":").map(String.init) + [
        "/usr/local/lib", "/usr/lib", "/usr/lib/x86_64-linux-gnu", "/usr/lib/aarch64-linux-gnu", "/opt/homebrew/lib",
      ]
    looked += folders.filter { isFolder($0) }
    for folder in folders { if let found = within(folder) { return found } }
    throw .notFound(looked: looked)
  }

  private static func library(_ path: String, given: String) throws(TensorFlowError) -> String {
    let path = absolute(path)
    guard FileManager.default.fileExists(atPath: path) else {
      throw .unusable(path: path, reason: "\(given): there is no such file or folder")
    }
    if isFolder(path) {
      if let found = within(path) ?? within(path + "/tensorflow") ?? within(path + "/lib") { return found }
      for python in ["bin/python3", "bin/python"]
      where FileManager.default.isExecutableFile(atPath: "\(path)/\(python)") {
        if let package = package(of: "\(path)/\(python)"), let found = within(package) { return found }
      }
      throw .unusable(
        path: path,
        reason: "\(given): no TensorFlow in it; expected \(names[0]) or \(names[1]), or a python that has the package")
    }
    if path.contains(".so") || path.hasSuffix(".dylib") { return path }
    if FileManager.default.isExecutableFile(atPath: path) {
      guard let package = package(of: path), let found = within(package) else {
        throw .unusable(
          path: path, reason: "\(given): this python has no package tensorflow; `pip install tensorflow-cpu`")
      }
      return found
    }
    throw .unusable(path: path, reason: "\(given): neither a library (.so, .dylib), nor a folder, nor a python")
  }

  private static func within(_ folder: String) -> String? {
    names.map { "\(folder)/\($0)" }.first { FileManager.default.fileExists(atPath: $0) }.map(absolute)
  }

  /// Folder of the package `tensorflow` of a python.
  private static func package(of python: String) -> String? {
    let process = Process()
    process.executableURL = URL(fileURLWithPath: python)
    process.arguments = [
      "-c",
      "import importlib.util as u; s = u.find_spec('tensorflow'); print((list(s.submodule_search_locations or []) or [''])[0] "
        + "if s else '')",
    ]
    let output = Pipe()
    process.standardOutput = output
    process.standardError = FileHandle.nullDevice
    process.standardInput = FileHandle.nullDevice
    do { try process.run() } catch { return nil }
    let text = String(decoding: output.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
    process.waitUntilExit()
    let folder = text.trimmingCharacters(in: .whitespacesAndNewlines)
    return process.terminationStatus == 0 && folder.hasPrefix("/") ? folder : nil
  }

  private static func onPath(_ name: String, _ path: String?) -> String? {
    (path ?? "").split(separator: ":").map { "\($0)/\(name)" }.first {
      FileManager.default.isExecutableFile(atPath: $0)
    }
  }

  private static func isFolder(_ path: String) -> Bool {
    var isFolder: ObjCBool = false
    return FileManager.default.fileExists(atPath: path, isDirectory: &isFolder) && isFolder.boolValue
  }

  private static func absolute(_ path: String) -> String {
    path.hasPrefix("/") ? path : FileManager.default.currentDirectoryPath + "/" + path
  }
}
