import Foundation
import HDF5

@testable import Checkpoints
@testable import Tensors

extension FuzzTarget {
  private static let configuration = #"""
    {"class_name": "Functional", "config": {"name": "net", "layers": [
      {"class_name": "InputLayer", "config": {"name": "in"}, "shared_object_id": 7},
      {"class_name": "Dense", "config": {"name": "mix", "use_bias": true}},
      {"class_name": "Mine>Odd", "config": {"name": "odd", "trainable": false, "layers": []}}]},
     "compile_config": {"optimizer": {"class_name": "Adam", "config":
       {"learning_rate": 0.1, "amsgrad": false, "use_ema": false}}, "loss": "mse"}}
    """#

  /// Files of Keras 3's weights, of Keras 2's models, and of every encoding that is told apart.
  static func weights() throws -> [[UInt8]] {
    var modern = WeightsWriter()
    modern.add("layers/dense/vars/0", [3, 4])
    modern.add("layers/dense/vars/1", [4])
    modern.add("layers/odd/vars/0", [5])
    modern.add("optimizer/vars/1", [])
    for (number, shape) in [[3, 4], [4]].enumerated() {
      modern.add("optimizer/vars/\(2 + 2 * number)", shape)
      modern.add("optimizer/vars/\(3 + 2 * number)", shape)
    }
    modern.counters = ["optimizer/vars/0": 12]
    modern.objectNames = ["": "net", "layers/dense": "mix", "optimizer": "adam_7"]

    var legacy = WeightsWriter()
    legacy.add("model_weights/dense/dense/kernel:0", [2, 3])
    legacy.add("optimizer_weights/Adam/m/dense/kernel:0", [2, 3])
    legacy.counters = ["optimizer_weights/iteration:0": 4]
    legacy.attributes = ["": ["keras_version": "2.1.0", "backend": "tensorflow", "model_config": configuration]]

    var other = WeightsWriter()
    other.also = { (root) throws(HDF5Error) in
      try WeightsWriter.write([1, 2, 3, 4], as: .opaque, to: "brain", in: root)
      try WeightsWriter.write([0, 0x3c, 0, 0x40], as: .half, to: "half", in: root)
      try WeightsWriter.write([0, 1, 1], as: .boolean, to: "mask", in: root)
      try WeightsWriter.write([0x3f, 0x80, 0, 0], as: .bigEndian, to: "big", in: root)
      try root.dataset("brain").writeAttribute("dtype", "bfloat16")
      try root.createDataset("words", shape: [2], .string).write(["alpha", ""])
      try root.createDataset("chunks", shape: [40], .float32, layout: .chunked(shape: [16], deflate: 1))
        .write([Float](repeating: 1, count: 40))
      try WeightsWriter.link("again", softlyTo: "/half", in: root)
    }
    return try [modern, legacy, other].map { writer in
      let folder = try TemporaryFolder()
      try writer.write(to: folder.file("weights.h5"))
      return Array(try Data(contentsOf: URL(fileURLWithPath: folder.file("weights.h5"))))
    }
  }

  static func kerasArchiveSeeds() throws -> [[UInt8]] {
    let weights = try weights()[0]
    let parts = [Array(configuration.utf8), Array(#"{"keras_version": "3.9.9"}"#.utf8), weights]
    var archive = ZipWriter()
    for (name, part) in [("metadata.json", 1), ("config.json", 0), ("model.weights.h5", 2)] {
      archive.add(name, parts[part], deflated: true)
    }
    return [
      Parcel([[0]] + parts).bytes, Parcel([[2]] + parts).bytes, Parcel([[1], archive.bytes]).bytes,
    ]
  }
}
