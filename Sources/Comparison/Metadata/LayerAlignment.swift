import Checkpoints
import Results
import Tensors

/// Which layer of B is which of A, where Keras numbered or somebody named them otherwise.
struct LayerAlignment {
  struct Layer: Equatable {
    var name: String
    var className: String
    var inputs: [String]?
  }

  let a: [Layer]
  let b: [Layer]
  /// A's name by B's, for layers that have a partner.
  private(set) var nameInA: [String: String] = [:]

  /// Aligns by name; then those whose tensors were paired; then, where as many of a class are left on either side, by
  /// their order.
  ///
  /// - Parameter paired: A's layer name by B's, from pairs of tensors.
  init(_ a: JSONValue?, _ b: JSONValue?, paired: [String: String] = [:]) {
    self.a = Self.layers(a)
    self.b = Self.layers(b)
    let classesA = Dictionary(self.a.map { ($0.name, $0.className) }, uniquingKeysWith: { first, _ in first })
    var free = self.b
    var taken: Set<String> = []
    func join(_ layer: Layer, _ name: String?) -> Bool {
      guard let name, classesA[name] == layer.className, !taken.contains(name) else { return false }
      taken.insert(name)
      nameInA[layer.name] = name
      return true
    }
    // Tensors first: automatic numbers that were shifted would align the wrong layers by name.
    free.removeAll { join($0, paired[$0.name]) }
    free.removeAll { join($0, $0.name) }
    for className in Set(free.map(\.className)) {
      let left = self.a.filter { $0.className == className && !taken.contains($0.name) }
      let right = free.filter { $0.className == className }
      guard left.count == right.count else { continue }
      for (x, y) in zip(left, right) { nameInA[y.name] = x.name }
    }
  }

  private static func layers(_ value: JSONValue?) -> [Layer] {
    guard case .array(let values)? = value else { return [] }
    return values.compactMap { value in
      guard let name = value["name"]?.text else { return nil }
      var inputs: [String]?
      if case .array(let names)? = value["inputs"] { inputs = names.compactMap(\.text) }
      return Layer(name: name, className: value["class_name"]?.text ?? "", inputs: inputs)
    }
  }

  /// Renames the members of an object of layers in B as A calls them.
  func renamed(_ layers: JSONValue?) -> JSONValue? {
    guard case .object(let members)? = layers else { return layers }
    var result: [String: JSONValue] = [:]
    for (name, value) in members {
      // Those without a partner may have the name that a partner of A's layer has.
      let wanted = nameInA[name] ?? (nameInA.values.contains(name) ? "\(name) (B)" : name)
      result[wanted] = value
    }
    return .object(result)
  }

  /// Layers added, removed, in another order, or with other inputs.
  var differences: [Difference] {
    guard !a.isEmpty, !b.isEmpty else { return [] }
    var result: [Difference] = []
    let partners = Set(nameInA.values)
    for layer in a where !partners.contains(layer.name) {
      result.append(Difference(path: "layers.\(layer.name)", a: .string(layer.className), b: nil))
    }
    for layer in b where nameInA[layer.name] == nil {
      result.append(Difference(path: "layers.\(layer.name)", a: nil, b: .string(layer.className)))
    }
    let orderA = a.map(\.name).filter(partners.contains)
    let orderB = b.compactMap { nameInA[$0.name] }
    if orderA != orderB {
      result.append(
        Difference(
          path: "layers.order", a: .array(orderA.map { .string($0) }), b: .array(orderB.map { .string($0) })))
    }
    let inputsOfA = Dictionary(a.map { ($0.name, $0.inputs) }, uniquingKeysWith: { first, _ in first })
    for layer in b {
      guard let name = nameInA[layer.name], let x = inputsOfA[name] ?? nil, let inputs = layer.inputs else { continue }
      let y = inputs.map { nameInA[$0] ?? $0 }
      if x != y {
        result.append(
          Difference(
            path: "layers.\(name).inputs", a: .array(x.map { .string($0) }), b: .array(y.map { .string($0) })))
      }
    }
    return result
  }
}

/// Whether a name is one that Keras gives by itself: the class in small letters, perhaps with a number.
///
/// ## Source
/// Keras 2, `backend.unique_object_name`; Keras 3, `utils/naming.py`.
func isAutomaticName(_ name: String, of className: String) -> Bool {
  var stem = Substring(name)
  if let underscore = stem.lastIndex(of: "_"), Int(stem[stem.index(after: underscore)...]) != nil {
    stem = stem[..<underscore]
  }
  let plain = className.split(separator: ">").last.map(String.init) ?? className
  return stem.lowercased().filter { $0 != "_" } == plain.lowercased().filter { $0 != "_" }
}
