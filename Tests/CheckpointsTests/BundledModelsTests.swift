import Foundation
import Testing

@testable import Checkpoints
@testable import Tensors

/// The project's own models against what TensorFlow's reader said of them.
@Suite struct BundledModelsTests {
  private struct Truth: Decodable {
    struct Model: Decodable { var tensors: [String: Tensor] }

    struct Tensor: Decodable {
      var dtype: String
      var shape: [Int]
      var sha256: String
      var name: String?
    }

    var tensorflow: String
    var models: [String: Model]
  }

  private static let data = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
    .deletingLastPathComponent().deletingLastPathComponent().appendingPathComponent("data")

  @Test(.enabled(if: FileManager.default.fileExists(atPath: data.appendingPathComponent("truth.json").path)))
  func againstTensorFlow() throws {
    let truth = try JSONDecoder().decode(
      Truth.self, from: Data(contentsOf: Self.data.appendingPathComponent("truth.json")))
    #expect(!truth.models.isEmpty)
    for (name, expected) in truth.models {
      let model = try openCheckpoint(at: Self.data.appendingPathComponent(name).path)
      #expect(Set(model.tensors.map(\.key)) == Set(expected.tensors.keys), "\(name)")
      #expect(model.model.tensorFlowVersion == truth.tensorflow)
      #expect(model.verifyFiles().failures.isEmpty, "\(name)")
      for tensor in model.tensors {
        guard let known = expected.tensors[tensor.key] else { continue }
        #expect(tensor.elementType.name == known.dtype, "\(name): \(tensor.key)")
        #expect(tensor.shape == known.shape, "\(name): \(tensor.key)")
        if let fullName = known.name { #expect(tensor.fullName == fullName, "\(name): \(tensor.key)") }
        #expect(try sha256(of: tensor, in: model) == known.sha256, "\(name): \(tensor.key)")
      }
    }
  }

  /// Where a tensor is said to lie in a file, the file has what reading delivers.
  @Test func placesHoldTheBytesThatAreRead() throws {
    var count = 0
    for name in try FileManager.default.contentsOfDirectory(atPath: Self.data.path) {
      guard let model = try? openCheckpoint(at: Self.data.appendingPathComponent(name).path) else { continue }
      for tensor in model.tensors {
        guard let place = model.place(of: tensor) else { continue }
        let bytes = UnsafeMutableRawBufferPointer.allocate(byteCount: max(1, tensor.byteCount), alignment: 1)
        defer { bytes.deallocate() }
        let some = UnsafeMutableRawBufferPointer(rebasing: bytes[..<tensor.byteCount])
        try place.file.read(at: place.offset, into: some)
        #expect(try model.contents(tensor) == Array(some), "\(name): \(tensor.key)")
        count += 1
      }
    }
    #expect(count > 100)
  }
}
