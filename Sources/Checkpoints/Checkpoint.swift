import Tensors

/// A model's tensors and what is written beside them, whatever the format on disk.
///
/// A checkpoint is opened by reading its catalogue only; tensor bytes are read on demand, by
/// position, and never kept. All members may be called from several threads at once.
public protocol Checkpoint: Sendable {
  /// What the model is and what it says of itself.
  var model: ModelDescription { get }

  /// Every tensor that the model stores, in the order of its keys.
  var tensors: [StoredTensor] { get }

  /// Fills `buffer` with the tensor's bytes from byte `offset` on: elements in row-major order,
  /// little-endian, as TensorFlow would hand them to NumPy. Does not check the checksum.
  ///
  /// - Throws: ``CheckpointError`` when the range is outside the tensor, the element type has no
  ///   fixed width, or the file does not hold the bytes.
  /// - Complexity: O(buffer.count), no allocation that grows with the tensor.
  func read(
    _ tensor: StoredTensor, at offset: Int, into buffer: UnsafeMutableRawBufferPointer
  ) throws(CheckpointError)

  /// Where the bytes that ``read(_:at:into:)`` delivers lie one after the other in a file; `nil` where they don't, or the
  /// file does not hold them.
  func place(of tensor: StoredTensor) -> FilePlace?

  /// Hands over each element of a string tensor in row-major order, after checking every checksum.
  func forEachString(
    in tensor: StoredTensor, _ body: (UnsafeRawBufferPointer) throws(CheckpointError) -> Void
  ) throws(CheckpointError)

  /// Whether the format records checksums of the tensors' bytes: without them ``verify(_:)`` shows that a tensor can be
  /// read, not that its values are those that were written.
  var hasChecksums: Bool { get }

  /// Reads all of the tensor's stored bytes and checks every checksum that covers them.
  ///
  /// - Throws: ``CheckpointError`` naming file, offset, expected and found.
  func verify(_ tensor: StoredTensor) throws(CheckpointError)

  /// Checks what covers whole files rather than tensors, such as fingerprints.
  ///
  /// - Returns: One line per check that failed; empty when all is sound or nothing is recorded.
  func verifyFiles() -> FileVerification

  /// Fingerprints that the writer recorded, by the names that it gives them, as hexadecimal digits; empty without any.
  var recordedFingerprints: [String: String] { get }

  /// Reads the graph of operations; `nil` where the model has none.
  ///
  /// - Complexity: O(graph), read anew by each call.
  func graph() throws(CheckpointError) -> ComputationGraph?
}

extension Checkpoint {
  public var recordedFingerprints: [String: String] { [:] }
  public func place(of tensor: StoredTensor) -> FilePlace? { nil }
  public func graph() throws(CheckpointError) -> ComputationGraph? { nil }
}

extension Checkpoint {
  public var hasChecksums: Bool { true }
}

/// A tensor's bytes in a file.
public struct FilePlace: Sendable {
  public let file: RandomAccessFile
  public let offset: Int

  /// Checks that a range of the file that was read where it is mapped was as the file has it.
  public func check(_ range: Range<Int>) throws(CheckpointError) {
    do { try file.checkMapped(range) } catch { throw CheckpointError(error) }
  }
}

/// The outcome of the checks that cover whole files.
public struct FileVerification: Sendable {
  /// Number of files or blocks that were checked.
  public var checked: Int
  public var failures: [CheckpointError]

  public init(checked: Int = 0, failures: [CheckpointError] = []) {
    self.checked = checked
    self.failures = failures
  }
}

/// One entry of a checkpoint's catalogue.
public struct StoredTensor: Sendable, Hashable {
  /// Position in ``Checkpoint/tensors``.
  public let index: Int
  /// The exact key in the file, as text (bytes that are not UTF-8 are percent-encoded).
  public let key: String
  public let elementType: ElementType
  public let shape: [Int]
  /// Product of `shape`; checked against overflow when the catalogue was read.
  public let count: Int
  /// Bytes that the tensor occupies in the file.
  public let byteCount: Int
  /// Path in the object graph, such as `layer_with_weights-0/kernel`; unescaped; `nil` without one.
  public var objectPath: String?
  /// The variable's own name, such as `dense_1/kernel`, without `:0`; `nil` where none is recorded.
  public var fullName: String?
  /// The slot's name (`m`, `v`, `accumulator`) where the tensor is optimizer state of another
  /// variable, as the object graph says.
  public var slotName: String?
  /// Key of the variable whose optimizer state this is; `nil` for anything but a slot.
  public var slotOf: String?
  /// Name of the root object's child through which the tensor was saved, such as `optimizer` or
  /// `layer_with_weights-0`; for a slot the optimizer's. `nil` without an object graph.
  public var topLevelChild: String?
  /// What the tensor is for, where the file says so in the words of this project; `nil` where it is told by its name.
  public var recordedRole: String?
  /// Whether the model trains the variable; `nil` where it does not say.
  public var trainable: Bool?
  /// CRC-32C, unmasked, of all the bytes that ``Checkpoint/read(_:at:into:)`` delivers, so that
  /// whoever reads the whole tensor can check it without reading twice. `nil` where the recorded
  /// checksum covers other bytes or none is recorded: then ``Checkpoint/verify(_:)`` is the check.
  public var checksum: UInt32?
  /// Why the value can't be read although the tensor is listed; `nil` when it can.
  public var unreadable: String?

  public init(
    index: Int, key: String, elementType: ElementType, shape: [Int], count: Int, byteCount: Int,
    objectPath: String? = nil, fullName: String? = nil, slotName: String? = nil, checksum: UInt32? = nil,
    unreadable: String? = nil, slotOf: String? = nil, topLevelChild: String? = nil, trainable: Bool? = nil,
    recordedRole: String? = nil
  ) {
    self.index = index
    self.key = key
    self.elementType = elementType
    self.shape = shape
    self.count = count
    self.byteCount = byteCount
    self.objectPath = objectPath
    self.fullName = fullName
    self.slotName = slotName
    self.checksum = checksum
    self.unreadable = unreadable
    self.slotOf = slotOf
    self.topLevelChild = topLevelChild
    self.trainable = trainable
    self.recordedRole = recordedRole
  }
}

/// What a model is and what it says of itself.
public struct ModelDescription: Sendable {
  /// The path as the user gave it.
  public var path: String
  /// For people: `SavedModel`, `V2 checkpoint`.
  public var format: String
  public var tags: [String]
  public var tensorFlowVersion: String?
  public var kerasVersion: String?
  /// The folder that the paths of ``files`` are relative to.
  public var folder = ""
  /// Size in bytes of every file that belongs to the model, by path relative to ``folder``.
  public var files: [String: Int]
  /// FarmHash Fingerprint64 of the catalogue file as 16 hexadecimal digits, for provenance.
  public var fingerprint: String?
  /// Layers' configurations, training configuration and so on; an object.
  public var metadata: JSONValue
  /// Signatures, graph and layer structure; an object.
  public var structure: JSONValue
  /// What a person should know about the reading, in words.
  public var warnings: [String]

  public init(
    path: String, format: String, tags: [String] = [], tensorFlowVersion: String? = nil, kerasVersion: String? = nil,
    files: [String: Int] = [:], fingerprint: String? = nil, metadata: JSONValue = .object([:]),
    structure: JSONValue = .object([:]), warnings: [String] = []
  ) {
    self.path = path
    self.format = format
    self.tags = tags
    self.tensorFlowVersion = tensorFlowVersion
    self.kerasVersion = kerasVersion
    self.files = files
    self.fingerprint = fingerprint
    self.metadata = metadata
    self.structure = structure
    self.warnings = warnings
  }
}
