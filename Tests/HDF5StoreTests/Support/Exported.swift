import Checkpoints
import Comparison
import Foundation
import HDF5
import Results
import Testing

@testable import HDF5Store

/// The project's folder of bundled models.
let data =
  URL(fileURLWithPath: #filePath).deletingLastPathComponent().appending(path: "../../../data").standardized.path

/// A folder that is removed when it is forgotten.
final class Folder {
  let path: String

  init() throws {
    path = FileManager.default.temporaryDirectory.appending(path: "hdf5store-" + UUID().uuidString).path
    try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
  }

  deinit { try? FileManager.default.removeItem(atPath: path) }

  func file(_ name: String) -> String { path + "/" + name }
}

/// A comparison and what it found of each pair, to be written more than once.
struct Compared: Sendable {
  var models: PairedModels
  var findings: [PairFindings] = []
  var result: ModelComparison { models.result }
  var tensors: [PairedModels.Tensors] { models.tensors }
  var a: any Checkpoint { models.a }
  var b: any Checkpoint { models.b }

  init(_ a: any Checkpoint, _ b: any Checkpoint, _ options: ComparisonOptions) async throws {
    var findings: [PairFindings] = []
    models = try await compare(
      a, b, options: options, progress: .ignored, willRead: { _ in }, found: { findings.append($0) })
    self.findings = findings
  }
}

/// Writes as ``exportHDF5(_:_:comparing:references:to:storing:progress:)`` does, but for comparing.
func writeHDF5(_ compared: Compared, to path: String, options: ExportOptions) async throws {
  let file = try HDF5File(creating: path)
  try begin(in: file.root)
  var findings = FindingsWriter(options, keepsNull: compared.findings.contains { !$0.nulls.isEmpty })
  try findings.begin(in: file.root)
  for found in compared.findings { try findings.write(found, in: file.root) }
  try await finish(compared.models, findings.places, in: file.root, options, .ignored)
  try file.close()
}

/// Options of few resamples, as fast as an unoptimised build can be.
func fewResamples(_ change: (inout SignificanceOptions) -> Void = { _ in }) -> ComparisonOptions {
  var options = ComparisonOptions()
  options.arguments = ["export"]
  var significance = SignificanceOptions()
  significance.resamples = 99
  significance.intervalResamples = 49
  change(&significance)
  options.significance = significance
  return options
}

/// Compares without tests or with few resamples, as fast as an unoptimised build can be.
func compared(
  _ a: any Checkpoint, _ b: any Checkpoint, threads: Int = 2, roles: Set<Role> = [.weight, .state], tests: Bool = false
) async throws -> Compared {
  var options = tests ? fewResamples() : ComparisonOptions()
  options.roles = roles
  options.threads = threads
  options.arguments = ["export"]
  if !tests { options.metrics = Set(Metric.moments) }
  return try await Compared(a, b, options)
}

func bundled(
  _ a: String, _ b: String, threads: Int = 2, roles: Set<Role> = [.weight, .state], tests: Bool = false
) async throws -> Compared {
  try await compared(
    openCheckpoint(at: "\(data)/\(a)"), openCheckpoint(at: "\(data)/\(b)"), threads: threads, roles: roles,
    tests: tests)
}

/// The bundled dense pair with tests, compared once for all.
let densePair = Task { try await bundled("dense-l2-1e-5-seed0", "dense-l2-1e-2-seed0", tests: true) }

func bytes(of path: String) throws -> Data { try Data(contentsOf: URL(fileURLWithPath: path)) }

extension Checkpoint {
  /// All of a tensor's bytes.
  func contents(_ tensor: StoredTensor) throws -> [UInt8] {
    var result = [UInt8](repeating: 0, count: tensor.byteCount)
    try result.withUnsafeMutableBytes { try read(tensor, at: 0, into: $0) }
    return result
  }
}

extension HDF5Dataset {
  /// Elements as the little-endian bytes that they were copied from.
  func contents() throws -> [UInt8] {
    func bytes<Number: HDF5Number>(_: Number.Type) throws -> [UInt8] {
      try read(Number.self).withUnsafeBytes { Array($0) }
    }
    switch datatype {
    case .float32: return try bytes(Float.self)
    case .float64: return try bytes(Double.self)
    case .int8: return try bytes(Int8.self)
    case .uint8: return try bytes(UInt8.self)
    case .int16: return try bytes(Int16.self)
    case .uint16: return try bytes(UInt16.self)
    case .int32: return try bytes(Int32.self)
    case .uint32: return try bytes(UInt32.self)
    case .int64: return try bytes(Int64.self)
    case .uint64: return try bytes(UInt64.self)
    default:
      Issue.record("holds \(datatype)")
      return []
    }
  }
}

extension HDF5Group {
  /// Calls `body` with every dataset below, and the path to it.
  func walk(_ path: String = "", _ body: (String, borrowing HDF5Dataset) throws -> Void) throws {
    for name in try names() {
      if try kind(of: name) == .group {
        try group(name).walk("\(path)/\(name)", body)
      } else {
        try body("\(path)/\(name)", try dataset(name))
      }
    }
  }

  func strings(_ name: String) throws -> [String] { try dataset(name).readStrings() }
  func numbers(_ name: String) throws -> [Double] { try dataset(name).read() }
  func counts(_ name: String) throws -> [Int] { try dataset(name).read() }
  func flags(_ name: String) throws -> [Bool] { try dataset(name).read(Int8.self).map { $0 != 0 } }
}

/// Bit patterns, so that NaN equals NaN.
func bits(_ values: [Double?]) -> [UInt64] { values.map { ($0 ?? .nan).bitPattern } }
