import Results

/// What must be known of each layer to tell the units of its tensors, from all weights and state of a model, whatever part of
/// it is looked at.
func layerContexts(of catalogue: Catalogue) -> [String: LayerContext] {
  let weights = catalogue.entries.filter { $0.duplicateOf == nil && ($0.role == .weight || $0.role == .state) }
  let kernels = weights.filter {
    $0.role == .weight && $0.stored.shape.count >= 2 && !$0.part.hasPrefix("embedding") && $0.part != "recurrent_kernel"
      && $0.part != "bias"
  }
  var contexts: [String: LayerContext] = [:]
  for entry in weights {
    contexts[entry.layer, default: LayerContext(name: entry.layer)].shapes[entry.part] = entry.stored.shape
  }
  let shapes = kernels.map {
    KernelShape(
      layer: $0.layer, part: $0.part, shape: $0.stored.shape, path: $0.stored.objectPath,
      context: contexts[$0.layer] ?? LayerContext())
  }
  for layer in lastLayers(shapes) {
    contexts[layer]?.isLast = true
    if let kernel = shapes.first(where: { $0.layer == layer }) {
      contexts[layer]?.lastInputs = lastInputs(kernel, shapes)
    }
  }
  return contexts
}
