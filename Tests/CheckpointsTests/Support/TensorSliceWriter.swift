import Tensors

@testable import Checkpoints

/// Writes V1 checkpoints.
struct TensorSliceWriter {
  struct Tensor {
    var name: String
    var type: ElementType
    var shape: [Int]
    /// Extents, and the value's message.
    var slices: [(extents: [BundleSlice.Extent], value: [UInt8])]
  }

  var tensors: [Tensor] = []
  var table = TableWriter()
  /// Changes the stored slices.
  var alter: (inout [(key: [UInt8], value: [UInt8])]) -> Void = { _ in }

  /// A tensor stored whole.
  mutating func add(_ name: String, _ type: ElementType, _ shape: [Int], _ value: (inout Message) -> Void) {
    tensors.append(
      Tensor(name: name, type: type, shape: shape, slices: [(shape.map { _ in .init() }, Message(value).bytes)]))
  }

  var file: [UInt8] { table.table(entries) }

  /// The list of the tensors, and the slices.
  var entries: [(key: [UInt8], value: [UInt8])] {
    var entries: [(key: [UInt8], value: [UInt8])] = []
    for tensor in tensors {
      for (extents, value) in tensor.slices {
        let stored = Message {
          $0.message(2) {
            $0.text(1, tensor.name)
            $0.data(2, Self.slice(extents))
            $0.data(3, value)
          }
        }
        entries.append((BundleSlice(extents: extents).key(of: Array(tensor.name.utf8)), stored.bytes))
      }
    }
    alter(&entries)
    let list = Message {
      $0.message(1) { meta in
        for tensor in tensors {
          meta.message(1) {
            $0.text(1, tensor.name)
            $0.shape(2, tensor.shape)
            $0.number(3, Int(tensor.type.rawValue))
            for slice in tensor.slices { $0.data(4, Self.slice(slice.extents)) }
          }
        }
        meta.message(2) { $0.number(1, 1) }
      }
    }
    return [([], list.bytes)] + entries
  }

  private static func slice(_ extents: [BundleSlice.Extent]) -> [UInt8] {
    Message { message in
      for extent in extents {
        message.message(1) {
          if extent.start != 0 { $0.number(1, extent.start) }
          if let length = extent.length { $0.number(2, length) }
        }
      }
    }.bytes
  }
}
