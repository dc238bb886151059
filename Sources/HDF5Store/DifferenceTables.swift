import Results
import Tensors

func differenceTable(_ differences: [Difference]) throws -> Table {
  Table(
    of: .text("path", "place of the difference", differences.map(\.path)),
    [
      .text("a", "value in A as JSON; empty where A has none", try differences.map { try $0.a.map(json) ?? "" }),
      .text("b", "value in B as JSON; empty where B has none", try differences.map { try $0.b.map(json) ?? "" }),
    ])
}

func unpairedTable(_ tensors: [(model: String, tensor: Unpaired.Tensor)]) -> Table {
  Table(
    tensors.count, "row", "row",
    [
      .text("model", "model that has the tensor", tensors.map(\.model)),
      .text("name", "name", tensors.map(\.tensor.name)),
      .text("key", "checkpoint key", tensors.map(\.tensor.key)),
      .text("role", "what the tensor is for", tensors.map(\.tensor.role.rawValue)),
      .text("dtype", "element type", tensors.map(\.tensor.dtype)),
      .text("shape", "length of each axis", tensors.map { shapeText($0.tensor.shape) }),
    ])
}

func mismatchTable(_ mismatches: [Mismatch]) -> Table {
  Table(
    mismatches.count, "row", "row",
    [
      .text("name", "name in A", mismatches.map(\.name)),
      .text("role", "what the tensor is for", mismatches.map(\.role.rawValue)),
      .text("key_a", "checkpoint key in A", mismatches.map(\.keyA)),
      .text("key_b", "checkpoint key in B", mismatches.map(\.keyB)),
      .text("shape_a", "length of each axis in A", mismatches.map { shapeText($0.shapeA) }),
      .text("shape_b", "length of each axis in B", mismatches.map { shapeText($0.shapeB) }),
      .text("dtype_a", "element type in A", mismatches.map(\.dtypeA)),
      .text("dtype_b", "element type in B", mismatches.map(\.dtypeB)),
    ])
}

func damageTable(_ damaged: [Damage]) -> Table {
  Table(
    damaged.count, "row", "row",
    [
      .text("name", "name of the pair", damaged.map(\.name)),
      .text("reason", "why it was left out", damaged.map(\.reason)),
      .flag("corrupt", "the bytes contradict the file", damaged.map(\.isCorrupt)),
    ])
}
