import HDF5
import Results

/// Writes where B lies among further runs of A's recipe: a row a layer, and the distances that it is ranked among.
func writeNoiseFloor(
  _ noise: NoiseFloor, alpha: Double?, in results: borrowing HDF5Group, _ storage: StringStorage
) throws(HDF5Error) {
  let layers = noise.layers
  let attributes: [(String, AttributeValue?)] = [
    ("alpha", alpha.map(AttributeValue.number)), ("smallest_p_value", .number(noise.smallestPValue)),
    ("null_hypothesis", .text(noise.nullHypothesis)), ("statement", .text(noise.statement)),
    ("warnings", noise.warnings.isEmpty ? nil : .texts(noise.warnings)),
  ]
  try Table(
    of: .text("layer", "layer", layers.map(\.layer)),
    [
      .text("tensors", "names of the tensors, separated by semicolons", layers.map { joined($0.tensors) }),
      .number("distance", "distance of B from A on the layer's features", layers.map(\.distance)),
      .number("floor_ratio", "that over the median distance of the references", layers.map(\.effect.value)),
      .number("p_value", "share of B and the references that are as far", layers.map(\.pValue)),
      .number("p_adjusted", "p-value adjusted for multiple testing", layers.map(\.pAdjusted)),
      .number("p_adjusted_max_t", "adjusted by the step-down maximum over layers", layers.map(\.pAdjustedMaxT)),
      .flag("significant", "that at most alpha", layers.map(\.significant)),
      .text("warnings", "separated by semicolons", layers.map { joined($0.warnings) }),
    ]
  ).write("noise_floor", "one row per layer: is B farther from A than A's recipe?", attributes, in: results, storage)
  let distances = layers.flatMap { layer in
    zip(noise.references, layer.referenceDistances).map { (layer.layer, $0.path, $1) }
  }
  try Table(
    distances.count, "row", "row",
    [
      .text("layer", "layer", distances.map(\.0)),
      .text("reference", "path of the reference", distances.map(\.1)),
      .number("distance", "its distance from A on the layer's features", distances.map(\.2)),
    ]
  ).write("references", "one row per layer and reference", in: results, storage)
}
