import Checkpoints
import Results
import Tensors

/// What to call the vocabularies that a graph holds as constants: after the layer or object that each serves, as the
/// constant's own name says nothing.
struct TableNames {
  /// By the name of the constant's node; those that serve nothing known are left out.
  private(set) var names: [String: String] = [:]

  init(_ structure: JSONValue) {
    guard case .object(let lists)? = structure["text_constants"] else { return }
    var layers: [String: String] = [:]
    if case .array(let listed)? = structure["layers"] {
      for layer in listed { if let path = layer["path"]?.text { layers[path] = layer["name"]?.text } }
    }
    var uses: [String: [String]] = [:]
    for (constant, list) in lists {
      guard let path = list["object"]?.text, !path.isEmpty else { continue }
      let parts = path.split(separator: "/")
      let owner = (1...parts.count).reversed().lazy.map { parts.prefix($0).joined(separator: "/") }.compactMap {
        layers[$0]
      }.first
      uses[owner ?? path, default: []].append(constant)
    }
    for (owner, constants) in uses {
      for constant in constants { names[constant] = constants.count == 1 ? owner : "\(owner).\(constant)" }
    }
  }

  /// The lists under their names.
  func renamed(_ lists: [String: JSONValue]) -> [String: JSONValue] {
    var result: [String: JSONValue] = [:]
    for (constant, var list) in lists {
      list.set("object", nil)
      if let name = names[constant] {
        list.set("constant", .string(constant))
        result[name] = list
      } else {
        result[constant] = list
      }
    }
    return result
  }
}
