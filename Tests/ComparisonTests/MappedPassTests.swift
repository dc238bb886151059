import CKernels
import Checkpoints
import Foundation
import Tensors
import Testing

@testable import Comparison

#if os(Linux)
  /// Tensors whose file is mapped, against the same bytes that are read.
  @Suite struct MappedPassTests {
    /// A file of one tensor of 1,000 columns that begins at an odd place.
    private func withModel(
      _ tensor: MemoryCheckpoint.Tensor, dtype: String, _ body: (any Checkpoint, String) async throws -> Void
    ) async throws {
      let header =
        #"{"x":{"dtype":"\#(dtype)","shape":\#(tensor.shape),"data_offsets":[0,\#(tensor.bytes.count)]}}"#
      let text = Array(header.utf8) + [UInt8](repeating: 0x20, count: header.utf8.count % 2 == 0 ? 1 : 0)
      let path = FileManager.default.temporaryDirectory
        .appendingPathComponent("mapped-\(UUID().uuidString).safetensors").path
      defer { try? FileManager.default.removeItem(atPath: path) }
      let length = (0..<8).map { UInt8(truncatingIfNeeded: text.count >> (8 * $0)) }
      try Data(length + text + tensor.bytes).write(to: URL(fileURLWithPath: path))
      #expect(RandomAccessFile.allowMapping())
      try await body(try openCheckpoint(at: path), path)
    }

    private static let shape = [3_000, 1_000]

    private func tensor(_ type: ElementType, seed: UInt64) -> MemoryCheckpoint.Tensor {
      var random = Simulation(seed: seed)
      let count = Self.shape.reduce(1, *)
      switch type {
      case .int8:
        return MemoryCheckpoint.Tensor(
          "x", type, Self.shape, raw: (0..<count).map { _ in Int8(random.below(200) - 100) })
      case .float64:
        return .float64("x", Self.shape, (0..<count).map { _ in Double(random.below(2_000_001) - 1_000_000) * 1e-7 })
      default:
        return .float32("x", Self.shape, (0..<count).map { _ in Double(random.below(2_000_001) - 1_000_000) * 1e-7 })
      }
    }

    private func pass(_ a: any Checkpoint, _ b: any Checkpoint) throws -> PairPass {
      try PairPass(
        a: TensorSource(a, a.tensors[0]), b: TensorSource(b, b.tensors[0]),
        view: UnitView(units: 1_000, inner: 1, name: "output column"), histograms: [.units, .fine], verifies: false)
    }

    @Test(arguments: [("F32", ElementType.float32), ("F64", .float64), ("I8", .int8)])
    func sumsAreThoseOfTheBytesThatAreRead(dtype: String, type: ElementType) async throws {
      let a = tensor(type, seed: 1)
      let b = tensor(type, seed: 2)
      try await withModel(a, dtype: dtype) { modelA, _ in
        try await withModel(b, dtype: dtype) { modelB, _ in
          let place = try #require(modelA.place(of: modelA.tensors[0]))
          #expect(place.offset % 2 == 1 && place.file.mapped() != nil)
          let mapped = try pass(modelA, modelB)
          let read = try pass(MemoryCheckpoint([a]), MemoryCheckpoint([b]))
          for width in [1, 2] {
            let found = try await mapped.run(width: width)
            let expected = try await read.run(width: width)
            #expect(found.sums.fields == expected.sums.fields)
            #expect(found.sums.histogramA == expected.sums.histogramA)
            #expect(found.sums.histogramB == expected.sums.histogramB)
            #expect(found.fineA == expected.fineA && found.fineB == expected.fineB)
            let distance = try await KolmogorovSmirnov.distance(of: found, pass: mapped, width: width)
            #expect(try await distance == KolmogorovSmirnov.distance(of: expected, pass: read, width: width))
          }
        }
      }
    }

    @Test(arguments: [1 << 20, 11_999_990])
    func aFileThatShrinksIsTruncated(size: Int) async throws {
      let a = tensor(.float32, seed: 1)
      try await withModel(a, dtype: "F32") { model, path in
        let pass = try pass(model, MemoryCheckpoint([tensor(.float32, seed: 2)]))
        let offset = try #require(model.place(of: model.tensors[0])).offset
        truncate(path, off_t(offset + size))
        let error = await #expect(throws: CheckpointError.self) { try await pass.run(width: 2) }
        guard case .truncated(let file, _, _, _) = error else {
          Issue.record("\(String(describing: error))")
          return
        }
        #expect(file == path)
      }
    }
  }
#endif
