import Checkpoints
import Comparison
import Foundation
import Results
import Tensors

/// Layers whose kernels are compared, by architecture.
let layersOf = ["dense": ["dense_1", "dense_2", "output"], "conv": ["conv_1", "conv_2", "output"]]
let architectures = ["dense", "conv"]
let penalties = ["1e-5", "1e-2"]

/// A layer of an architecture, as tables name it.
func title(_ architecture: String, _ layer: String) -> String {
  layer == "output" ? "output (\(architecture))" : layer
}

/// One pair of trained models: the library's p-values and those of tests on raw weights.
struct ModelPair: Sendable {
  /// A layer's own p, unadjusted.
  var layers: [String: Double] = [:]
  /// Rows by tensor.
  var tensors: [String: PValues] = [:]
  /// Tests on the raw weights of a layer's kernel.
  var raw: [String: PValues] = [:]

  init(_ a: any Checkpoint, _ b: any Checkpoint, architecture: String, options: ComparisonOptions) async throws {
    let result = try await compare(a, b, options: options).result
    for layer in result.layers ?? [] { layers[layer.layer] = layer.pValue }
    for pair in result.pairs { tensors[pair.name] = PValues(rows: pair.tests ?? []) }
    for layer in layersOf[architecture] ?? [] {
      guard let kernel = result.pairs.first(where: { $0.name == "\(layer)/kernel" }) else {
        throw Trouble("\(a.model.path) has no \(layer)/kernel")
      }
      let (x, y) = (try weights(a, kernel.a.key), try weights(b, kernel.b.key))
      var values = PValues()
      for test in WeightTest.allCases { values[test.rawValue] = test.pValue(x, y) }
      raw[layer] = values
    }
  }
}

/// A float32 tensor's weights.
func weights(_ checkpoint: any Checkpoint, _ key: String) throws -> [Double] {
  guard let tensor = checkpoint.tensors.first(where: { $0.key == key }), tensor.elementType == .float32 else {
    throw Trouble("\(checkpoint.model.path): no float32 tensor \(key)")
  }
  var values = [Float](repeating: 0, count: tensor.count)
  try values.withUnsafeMutableBytes { try checkpoint.read(tensor, at: 0, into: $0) }
  return values.map(Double.init)
}

/// Counts of rejections at .05 over pairs of models, layer by layer: the library's beside those on raw weights.
struct LayerRejections {
  let architecture: String
  let pairs: [ModelPair]

  func count(_ p: (ModelPair) -> Double?) -> Int { pairs.count { (p($0) ?? 1) <= 0.05 } }
  func layer(_ layer: String) -> Int { count { $0.layers[layer] } }
  func raw(_ layer: String, _ test: WeightTest) -> Int { count { $0.raw[layer]?[test.rawValue] } }
  func tensor(_ name: String, _ test: String) -> Int { count { $0.tensors[name]?[test] } }
}
