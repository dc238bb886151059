import Checkpoints
import Foundation
import Results
import Testing

@testable import Comparison

/// One network's weights in every format, as TensorFlow, Keras, NumPy and safetensors wrote them
/// (Oracles/make_same_network.py, which reads each file back by the library that wrote it).
@Suite struct SameNetworkTests {
  private static let folder = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
    .appendingPathComponent("Oracles/same_network").path

  private func compared(_ a: String, _ b: String) async throws -> ModelComparison {
    try await compare(
      openCheckpoint(at: "\(Self.folder)/\(a)"), openCheckpoint(at: "\(Self.folder)/\(b)"),
      options: ComparisonOptions()
    ).result
  }

  @Test(arguments: [
    "keras2.h5", "object/ckpt", "keras3.keras", "keras3.weights.h5", "keras3-export", "arrays.npz",
    "arrays.safetensors", "v1/ckpt", "v2/ckpt", "partitioned/ckpt", "frozen.pb",
  ])
  func sameValuesAgainstTensorFlow(other: String) async throws {
    for (a, b) in [("keras2", other), (other, "keras2")] {
      let result = try await compared(a, b)
      #expect(result.verdict == .identicalValues)
      #expect(result.pairs.count == 6 && result.unpaired.a.isEmpty && result.unpaired.b.isEmpty)
      #expect(result.pairs.allSatisfy { $0.identical && $0.pairedBy == "full_name" })
      #expect(Set(result.pairs.map(\.layer)) == ["hidden_1", "hidden_2", "output"])
    }
  }

  /// What `--verify` can promise: values in formats without checksums may change unseen.
  @Test(arguments: [
    ("keras2", true), ("v1/ckpt", true), ("v2/ckpt", true), ("arrays.npz", true), ("keras3.keras", true),
    ("keras2.h5", false), ("keras3.weights.h5", false), ("arrays.safetensors", false), ("frozen.pb", false),
  ])
  func checksumsOfFormats(path: String, hasChecksums: Bool) throws {
    #expect(try openCheckpoint(at: "\(Self.folder)/\(path)").hasChecksums == hasChecksums)
  }

  @Test func partitionedAgainstPlain() async throws {
    #expect(try await compared("partitioned/ckpt", "v1/ckpt").verdict == .identicalValues)
  }

  /// The same network made first and made fourth in a process: `dense` … `dense_2` and `dense_3` … `dense_5`.
  @Test func renumberedAgainstTensorFlow() async throws {
    let result = try await compared("numbered-low/ckpt", "numbered-high/ckpt")
    #expect(result.verdict == .identicalValues)
    let named = try await compared("keras2", "numbered-high/ckpt")
    #expect(named.verdict == .identicalValues)
    #expect(named.warnings.contains { $0.contains("shape and order alone") })
  }
}
