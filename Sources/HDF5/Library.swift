@preconcurrency import CHDF5
import Threads

// The floor of this target: the lock is taken here, around one C call each, and nowhere else. What runs under it owns
// no handle, so a `deinit` that closes one never meets a lock that its own thread holds.

#if _endian(big)
  #error("memory types are declared little-endian")
#endif

/// The HDF5 library that the process is linked with.
public enum HDF5Library {
  /// The version at run time, such as `1.10.8`.
  public static var version: String {
    var (major, minor, release): (UInt32, UInt32, UInt32) = (0, 0, 0)
    lock.withLock { _ in
      // Before any other call: see there.
      _ = isOpen
      _ = H5get_libversion(&major, &minor, &release)
    }
    return "\(major).\(minor).\(release)"
  }
}

/// HDF5 is one global state: one lock for the process, as its high-level library is not safe among threads at all.
private let lock = Locked<Void>(())

/// Evaluated once, under the lock. HDF5 must not clean up at exit: once a file could not be written, on a full disk
/// say, it would try again there, with what it has freed already, and crash. Files are closed by their owners anyway.
private let isOpen: Bool = {
  H5dont_atexit()
  return H5open() >= 0
}()

/// Returns what one C call returns.
///
/// - Throws: ``HDF5Error`` with both ends of HDF5's error stack if the call returns a negative number.
func call<Value: SignedInteger & Sendable>(
  _ function: StaticString, at location: HDF5Location, _ body: () -> Value
) throws(HDF5Error) -> Value {
  let (value, failure) = lock.withLock { _ -> (Value, ErrorStack?) in
    guard isOpen, h5x_silence() >= 0 else { return (-1, ErrorStack()) }
    let value = body()
    return (value, value < 0 ? ErrorStack.current() : nil)
  }
  if let failure { throw HDF5Error(failure.code, "\(function)", failure.message, at: location) }
  return value
}

/// An identifier of HDF5 that closes itself, unless it is shared.
struct Identifier: ~Copyable, Sendable {
  let raw: hid_t
  private let isShared: Bool

  /// Takes over the identifier that a C call returns.
  init(_ function: StaticString, at location: HDF5Location, _ body: () -> hid_t) throws(HDF5Error) {
    raw = try call(function, at: location, body)
    isShared = false
  }

  /// Takes over an identifier.
  init(owning raw: hid_t) {
    self.raw = raw
    isShared = false
  }

  /// Lends an identifier that stays as long as the process.
  init(shared raw: hid_t) {
    self.raw = raw
    isShared = true
  }

  deinit { if !isShared { release(raw) } }

  /// Leaves the identifier open for good.
  consuming func keep() -> hid_t {
    let raw = self.raw
    discard self
    return raw
  }

  /// Closes the identifier and says if that fails, as it may where bytes are still to be written.
  consuming func close(at location: HDF5Location) throws(HDF5Error) {
    let (raw, isShared) = (self.raw, self.isShared)
    discard self
    if isShared { return }
    _ = try call("H5Idec_ref", at: location) { H5Idec_ref(raw) }
  }
}

private func release(_ raw: hid_t) {
  lock.withLock { _ in
    _ = h5x_silence()
    _ = H5Idec_ref(raw)
  }
}

/// Both ends of HDF5's error stack.
private struct ErrorStack: Sendable {
  var outermost: String?
  var innermost: String?
  var minors: [hid_t] = []

  /// Reads the calling thread's stack, from the API function inwards; the lock is held.
  static func current() -> ErrorStack {
    var stack = ErrorStack()
    withUnsafeMutablePointer(to: &stack) { stack in
      _ = H5Ewalk2(
        hid_t(H5E_DEFAULT), H5E_WALK_DOWNWARD,
        { _, entry, client in
          guard let entry = entry?.pointee, let client else { return 0 }
          let stack = client.assumingMemoryBound(to: ErrorStack.self)
          let text = entry.desc.map { String(cString: $0) } ?? ""
          if stack.pointee.outermost == nil { stack.pointee.outermost = text }
          stack.pointee.innermost = text
          stack.pointee.minors.append(entry.min_num)
          return 0
        }, stack)
    }
    stack.code = stack.classify()
    return stack
  }

  private(set) var code = HDF5Error.Code.failed

  /// The first of these that any entry carries decides: HDF5 wraps a precise cause into vaguer ones.
  private func classify() -> HDF5Error.Code {
    let codes: [(hid_t, HDF5Error.Code)] = [
      (h5x_e_nothdf5(), .notHDF5), (h5x_e_truncated(), .truncated), (h5x_e_exists(), .exists),
      (h5x_e_notfound(), .notFound), (h5x_e_badtype(), .wrongType), (h5x_e_cantopenfile(), .io),
      (h5x_e_readerror(), .io), (h5x_e_writeerror(), .io),
    ]
    return codes.first { minors.contains($0.0) }?.1 ?? .failed
  }

  var message: String {
    guard let outermost, let innermost else { return "failed without a word" }
    let cause = Self.systemMessage(innermost) ?? innermost
    return outermost == cause ? outermost : "\(outermost) (\(cause))"
  }

  /// The operating system's message, which HDF5 wraps into addresses, sizes and the time of day.
  private static func systemMessage(_ text: String) -> String? {
    let opening = "error message = '"
    guard let start = text.firstRange(of: opening)?.upperBound, let end = text[start...].firstIndex(of: "'") else {
      return nil
    }
    return String(text[start..<end])
  }
}
