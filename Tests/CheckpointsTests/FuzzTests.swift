import Foundation
import Testing

@testable import Checkpoints
@testable import Tensors

/// What the fuzz targets do, with inputs that are known.
@Suite struct FuzzTests {
  private static let regressions = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
    .appendingPathComponent("../../FuzzTesting/Regressions").standardizedFileURL

  private func read(
    _ target: FuzzTarget, _ input: [UInt8], _ folder: TemporaryFolder,
    _ body: (StoredTensor, [[UInt8]]) throws -> Void = { _, _ in }
  ) throws {
    let files = target.files(from: input)
    try folder.write(files.content)
    try readEverything(at: folder.file(files.path), body)
  }

  /// Inputs that once made a reader fail.
  @Test(arguments: FuzzTarget.allCases) func regressions(_ target: FuzzTarget) throws {
    let folder = Self.regressions.appendingPathComponent(target.rawValue)
    let names = (try? FileManager.default.contentsOfDirectory(atPath: folder.path)) ?? []
    for name in names.sorted() where !name.hasPrefix(".") {
      let input = Array(try Data(contentsOf: folder.appendingPathComponent(name)))
      do { try read(target, input, TemporaryFolder()) } catch { Issue.record("\(target.rawValue)/\(name): \(error)") }
    }
  }

  /// The inputs that fuzzing begins with are sound: most of their tensors can be read.
  @Test(arguments: FuzzTarget.allCases) func seedsAreSound(_ target: FuzzTarget) throws {
    for (number, seed) in try target.seeds().enumerated() {
      var readable = 0
      try read(target, seed, TemporaryFolder()) { _, _ in readable += 1 }
      let hasTensors = target != .numPy && !(target == .savedModel && Parcel(seed)[4].isEmpty)
      #expect(readable > 0 || !hasTensors, "seed \(number)")
    }
  }

  /// Whether a checksum covers every value in files made of `seed`.
  private static func isChecksummed(_ target: FuzzTarget, _ seed: Parcel) -> Bool {
    switch target {
    case .tensorBundle, .tensorSlices: !seed.has(0) && !seed.has(1)
    case .savedModel: true
    case .numPy: seed.has(3)
    default: false
    }
  }

  /// Whatever happens to files of any format: no crash, and where checksums are, no value but the original one. Damage
  /// that HDF5 itself parses is left to a process of its own, in CommandLineTests.
  @Test(.timeLimit(.minutes(5)), arguments: FuzzTarget.allCases.filter { !$0.usesHDF5 })
  func damagedFilesNeverMislead(_ target: FuzzTarget) throws {
    var random = SplitMix64(state: 7)
    let seeds = try target.seeds()
    for (number, seed) in seeds.enumerated() {
      let sound = Parcel(seed)
      let folder = try TemporaryFolder()
      var originals: [String: (tensor: StoredTensor, value: [[UInt8]])] = [:]
      try read(target, seed, folder) { originals[$0.key] = ($0, $1) }
      for round in 0..<600 / seeds.count {
        var damaged = sound
        let part = Int.random(in: 1..<sound.parts.count, using: &random)
        for _ in 0..<Int.random(in: 1...3, using: &random) { Mutation.apply(to: &damaged.parts[part], &random) }
        try read(target, damaged.bytes, folder) { tensor, value in
          guard Self.isChecksummed(target, sound), let original = originals[tensor.key],
            original.tensor.shape == tensor.shape, original.tensor.elementType == tensor.elementType
          else { return }
          #expect(value == original.value, "seed \(number), round \(round): '\(tensor.key)'")
        }
      }
    }
  }
}
