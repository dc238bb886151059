#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

/// The system's, where a type has one of its own.
let systemWrite = write

/// Standard error, and what is known of the terminal.
enum Terminal {
  static var processors: Int { max(1, sysconf(Int32(_SC_NPROCESSORS_ONLN))) }

  static func error(_ message: String) { write("equipoise: \(message)\n") }

  /// The first few; the JSON document has them all.
  static func warnings(_ messages: [String]) {
    let shown = messages.count > 10 ? 8 : messages.count
    for message in messages.prefix(shown) { write("equipoise: warning: \(message)\n") }
    if messages.count > shown {
      write("equipoise: warning: and \(messages.count - shown) more; --format json lists all\n")
    }
  }

  static func write(_ text: String) { _ = put(text, to: STDERR_FILENO) }

  /// Standard output, with the errors that `print` swallows.
  static func output(_ text: String) throws {
    guard put(text, to: STDOUT_FILENO) else {
      throw OutputError("standard output: \(String(cString: strerror(errno)))")
    }
  }

  private static func put(_ text: String, to descriptor: Int32) -> Bool {
    var bytes = Array(text.utf8)[...]
    while !bytes.isEmpty {
      let written = bytes.withUnsafeBytes { systemWrite(descriptor, $0.baseAddress, $0.count) }
      if written < 0, errno == EINTR { continue }
      guard written > 0 else { return false }
      bytes = bytes.dropFirst(written)
    }
    return true
  }

  static func usesColor(_ choice: ColorChoice, toFile: Bool) -> Bool {
    switch choice {
    case .always: true
    case .never: false
    case .auto:
      !toFile && isatty(STDOUT_FILENO) == 1 && (getenv("NO_COLOR").map { $0.pointee == 0 } ?? true)
        && !isDumb
    }
  }

  /// Columns of the terminal that standard output is; `nil` where it is none, whose text never changes.
  static var width: Int? {
    guard isatty(STDOUT_FILENO) == 1 else { return nil }
    var size = winsize()
    guard ioctl(STDOUT_FILENO, UInt(TIOCGWINSZ), &size) == 0, size.ws_col > 0 else { return 80 }
    return max(40, Int(size.ws_col))
  }

  /// Whether someone looks at standard error, on a terminal that can go back in a line.
  static var hasProgress: Bool { isatty(STDERR_FILENO) == 1 && !isDumb }

  private static var isDumb: Bool { getenv("TERM").map { strcmp($0, "dumb") == 0 } ?? false }
}
