/// A key of the object graph, taken apart.
///
/// ## Source
/// TensorFlow, `python/checkpoint/trackable_view.py` and `python/trackable/trackable_utils.py`: `.` is written `..`,
/// `/` is written `.S`, and names that begin with a single `.` are TensorFlow's own.
struct ObjectPath {
  /// Names of the children on the way from the root, unescaped.
  var children: [String] = []
  /// Of a slot: the optimizer's path and the slot's name, unescaped.
  var slot: (optimizer: [String], name: String)?
  /// Which of the object's attributes is stored, such as `VARIABLE_VALUE`.
  var attribute: String

  static let slotMarker = ".OPTIMIZER_SLOT"
  private static let attributeMarker = ".ATTRIBUTES"

  /// - Returns: `nil` for a key that comes from no object graph.
  init?(key: String) {
    let parts = key.split(separator: "/", omittingEmptySubsequences: false)
    guard let end = parts.lastIndex(where: { $0 == Self.attributeMarker }), end < parts.count - 1 else { return nil }
    attribute = parts[(end + 1)...].joined(separator: "/")
    let path = parts[..<end]
    guard let marker = path.lastIndex(where: { $0 == Self.slotMarker }), marker < path.endIndex - 1 else {
      children = path.map(Self.unescaped)
      return
    }
    children = path[..<marker].map(Self.unescaped)
    let rest = path[(marker + 1)...].map(Self.unescaped)
    slot = (Array(rest.dropLast()), rest.last ?? "")
  }

  /// The path as it is shown.
  ///
  /// What is no variable's value, such as a table's keys, ends in the attribute, so that each has a path of its own.
  var text: String {
    var parts = children
    if let slot { parts += [Self.slotMarker] + slot.optimizer + [slot.name] }
    if attribute != "VARIABLE_VALUE" { parts.append(attribute) }
    return parts.joined(separator: "/")
  }

  /// The root's child through which the tensor was saved.
  var topLevelChild: String? { slot?.optimizer.first ?? children.first }

  private static func unescaped(_ name: Substring) -> String {
    guard name.contains(".") else { return String(name) }
    var result = ""
    var rest = name
    while let character = rest.popFirst() {
      if character == ".", let next = rest.first, next == "." || next == "S" {
        rest.removeFirst()
        result.append(next == "." ? "." : "/")
      } else {
        result.append(character)
      }
    }
    return result
  }
}
