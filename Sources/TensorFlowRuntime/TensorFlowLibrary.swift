#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#else
  import Darwin
#endif

/// TensorFlow's C library, loaded while the program runs: nothing of it is needed to build.
///
/// Structures of C are raw memory here, for a Swift one can't stand in the type of a C function that is found by name.
///
/// ## Source
/// TensorFlow, `c/c_api.h`, `c/tf_tensor.h`, `c/tf_tstring.h`.
public struct TensorFlowLibrary: Sendable {
  typealias Handle = OpaquePointer?

  public let path: String
  /// Such as `2.21.0`.
  public let version: String

  typealias NewStatus = @Sendable @convention(c) () -> Handle
  typealias DeleteStatus = @Sendable @convention(c) (Handle) -> Void
  typealias Code = @Sendable @convention(c) (Handle) -> Int32
  typealias Message = @Sendable @convention(c) (Handle) -> UnsafePointer<CChar>?
  typealias NewGraph = @Sendable @convention(c) () -> Handle
  typealias DeleteGraph = @Sendable @convention(c) (Handle) -> Void
  typealias NewOptions = @Sendable @convention(c) () -> Handle
  typealias DeleteOptions = @Sendable @convention(c) (Handle) -> Void
  typealias SetConfiguration = @Sendable @convention(c) (Handle, UnsafeRawPointer?, Int, Handle) -> Void
  typealias Load =
    @Sendable @convention(c) (
      Handle, UnsafeRawPointer?, UnsafePointer<CChar>?, UnsafePointer<UnsafePointer<CChar>?>?, Int32, Handle,
      UnsafeMutableRawPointer?, Handle
    ) -> Handle
  typealias CloseSession = @Sendable @convention(c) (Handle, Handle) -> Void
  typealias DeleteSession = @Sendable @convention(c) (Handle, Handle) -> Void
  typealias Operation = @Sendable @convention(c) (Handle, UnsafePointer<CChar>?) -> Handle
  typealias Run =
    @Sendable @convention(c) (
      Handle, UnsafeRawPointer?, UnsafeRawPointer?, UnsafePointer<Handle>?, Int32, UnsafeRawPointer?,
      UnsafeMutablePointer<Handle>?, Int32, UnsafePointer<Handle>?, Int32, UnsafeMutableRawPointer?, Handle
    ) -> Void
  typealias AllocateTensor = @Sendable @convention(c) (Int32, UnsafePointer<Int64>?, Int32, Int) -> Handle
  typealias DeleteTensor = @Sendable @convention(c) (Handle) -> Void
  typealias TensorType = @Sendable @convention(c) (Handle) -> Int32
  typealias TensorRank = @Sendable @convention(c) (Handle) -> Int32
  typealias TensorDimension = @Sendable @convention(c) (Handle, Int32) -> Int64
  typealias TensorBytes = @Sendable @convention(c) (Handle) -> Int
  typealias TensorData = @Sendable @convention(c) (Handle) -> UnsafeMutableRawPointer?
  typealias InitializeString = @Sendable @convention(c) (UnsafeMutableRawPointer?) -> Void
  typealias CopyString = @Sendable @convention(c) (UnsafeMutableRawPointer?, UnsafePointer<CChar>?, Int) -> Void
  typealias DestroyString = @Sendable @convention(c) (UnsafeMutableRawPointer?) -> Void

  let newStatus: NewStatus
  let deleteStatus: DeleteStatus
  let code: Code
  let message: Message
  let newGraph: NewGraph
  let deleteGraph: DeleteGraph
  let newOptions: NewOptions
  let deleteOptions: DeleteOptions
  let setConfiguration: SetConfiguration
  let load: Load
  let closeSession: CloseSession
  let deleteSession: DeleteSession
  let operation: Operation
  let run: Run
  let allocateTensor: AllocateTensor
  let deleteTensor: DeleteTensor
  let tensorType: TensorType
  let tensorRank: TensorRank
  let tensorDimension: TensorDimension
  let tensorBytes: TensorBytes
  let tensorData: TensorData
  let initializeString: InitializeString
  let copyString: CopyString
  let destroyString: DestroyString

  /// Loads the library; it stays until the program ends.
  ///
  /// - Parameter path: Absolute.
  /// - Throws: ``TensorFlowError`` `.unusable`.
  public init(path: String) throws(TensorFlowError) {
    // Before anything of it runs: its messages, which are errors here, and sums in another order than everywhere else.
    setenv("TF_CPP_MIN_LOG_LEVEL", "3", 0)
    setenv("TF_ENABLE_ONEDNN_OPTS", "0", 0)
    guard let handle = Self.open(path) else {
      throw .unusable(
        path: path, reason: "can't be loaded: \(dlerror().map { String(cString: $0) } ?? "no reason given")")
    }
    func symbol<Function>(_ name: String, as type: Function.Type) throws(TensorFlowError) -> Function {
      guard let address = dlsym(handle, name) else {
        throw .unusable(path: path, reason: "has no function \(name): no C library of TensorFlow 2")
      }
      return unsafeBitCast(address, to: type)
    }
    self.path = path
    let versionOf = try symbol("TF_Version", as: (@convention(c) () -> UnsafePointer<CChar>?).self)
    version = versionOf().map { String(cString: $0) } ?? "unknown"
    newStatus = try symbol("TF_NewStatus", as: NewStatus.self)
    deleteStatus = try symbol("TF_DeleteStatus", as: DeleteStatus.self)
    code = try symbol("TF_GetCode", as: Code.self)
    message = try symbol("TF_Message", as: Message.self)
    newGraph = try symbol("TF_NewGraph", as: NewGraph.self)
    deleteGraph = try symbol("TF_DeleteGraph", as: DeleteGraph.self)
    newOptions = try symbol("TF_NewSessionOptions", as: NewOptions.self)
    deleteOptions = try symbol("TF_DeleteSessionOptions", as: DeleteOptions.self)
    setConfiguration = try symbol("TF_SetConfig", as: SetConfiguration.self)
    load = try symbol("TF_LoadSessionFromSavedModel", as: Load.self)
    closeSession = try symbol("TF_CloseSession", as: CloseSession.self)
    deleteSession = try symbol("TF_DeleteSession", as: DeleteSession.self)
    operation = try symbol("TF_GraphOperationByName", as: Operation.self)
    run = try symbol("TF_SessionRun", as: Run.self)
    allocateTensor = try symbol("TF_AllocateTensor", as: AllocateTensor.self)
    deleteTensor = try symbol("TF_DeleteTensor", as: DeleteTensor.self)
    tensorType = try symbol("TF_TensorType", as: TensorType.self)
    tensorRank = try symbol("TF_NumDims", as: TensorRank.self)
    tensorDimension = try symbol("TF_Dim", as: TensorDimension.self)
    tensorBytes = try symbol("TF_TensorByteSize", as: TensorBytes.self)
    tensorData = try symbol("TF_TensorData", as: TensorData.self)
    initializeString = try symbol("TF_StringInit", as: InitializeString.self)
    copyString = try symbol("TF_StringCopy", as: CopyString.self)
    destroyString = try symbol("TF_StringDealloc", as: DestroyString.self)
  }

  /// Opens the library with its own dependencies before those that are loaded already (HDF5 may bring another libcrypto, curl
  /// and zlib), and without the lines that it writes to standard error on its way in.
  private static func open(_ path: String) -> UnsafeMutableRawPointer? {
    let kept = dup(STDERR_FILENO)
    let nowhere = openForWriting("/dev/null")
    if kept >= 0, nowhere >= 0 { dup2(nowhere, STDERR_FILENO) }
    defer {
      if kept >= 0 {
        dup2(kept, STDERR_FILENO)
        close(kept)
      }
      if nowhere >= 0 { close(nowhere) }
    }
    #if canImport(Glibc)
      return dlopen(path, RTLD_NOW | RTLD_LOCAL | RTLD_DEEPBIND)
    #else
      return dlopen(path, RTLD_NOW | RTLD_LOCAL)
    #endif
  }
}

private func openForWriting(_ path: String) -> Int32 { open(path, O_WRONLY | O_CLOEXEC) }
