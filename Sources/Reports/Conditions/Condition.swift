import Foundation

/// A condition over the names of a JSON document, such as `layers.p_adjusted < 0.01 && effect > 0.1`.
///
/// A name that leads into a list, as `layers.p_adjusted` and `pairs.tests.p_value` do, stands for one item of it; names
/// beside it are looked up in that item, then in what holds it, then in the document. The condition holds if it does for
/// one item. Each side of an `||` at the top is a question of its own; within one, all names that lead into lists have to
/// lead into the same. An object with a `value`, as an effect is, stands for that. What is null is neither less nor more
/// than anything: a comparison with it is unknown, and so is the opposite; `== null` asks for it.
public struct Condition: Sendable {
  public let source: String
  private let alternatives: [ConditionExpression]

  /// Whether a condition holds, and for which items.
  public struct Outcome: Sendable, Equatable {
    public var holds: Bool
    /// Layers, tensors or tests by name; empty where the condition is about the document as a whole.
    public var matches: [String]
  }

  /// - Throws: ``ConditionError`` with the place of the mistake.
  public init(_ source: String) throws(ConditionError) {
    self.source = source
    let tree = try ConditionParser.parse(source)
    var alternatives: [ConditionExpression] = []
    func split(_ expression: ConditionExpression) {
      if case .or(let left, let right) = expression {
        split(left)
        split(right)
      } else {
        alternatives.append(expression)
      }
    }
    split(tree)
    self.alternatives = alternatives
  }

  /// Checks every name against those of a document that has one of everything.
  ///
  /// - Throws: ``ConditionError`` for names that are not there, with one that is like it.
  public func check(against specimen: some Encodable) throws {
    let names = DocumentNames(try tree(of: specimen))
    for alternative in alternatives { _ = try names.list(of: alternative, in: source) }
  }

  /// - Complexity: O(document).
  public func evaluate(_ document: some Encodable, names specimen: (some Encodable)? = nil as Int?) throws -> Outcome {
    let root = try tree(of: document)
    let names = DocumentNames(try specimen.map { try tree(of: $0) } ?? root)
    var outcome = Outcome(holds: false, matches: [])
    for alternative in alternatives {
      let list = try names.list(of: alternative, in: source)
      let scopes = items(of: root, along: list)
      for scope in scopes {
        let evaluation = ConditionEvaluation(source: source, list: list, scope: scope)
        switch try evaluation.value(alternative) {
        case .bool(true):
          outcome.holds = true
          if !list.isEmpty { outcome.matches.append(title(of: scope)) }
        case .bool, .unknown: break
        case let other:
          throw ConditionError(
            message: "the condition is \(other.kind), not true or false", position: 0, source: source)
        }
      }
    }
    var seen: Set<String> = []
    outcome.matches = outcome.matches.filter { seen.insert($0).inserted }
    return outcome
  }

  private func tree(of document: some Encodable) throws -> Any {
    try JSONSerialization.jsonObject(with: JSONEncoder().encode(document), options: [.fragmentsAllowed])
  }

  /// Every item at the end of a list's path, each after what holds it.
  private func items(of root: Any, along list: [String]) -> [[Any]] {
    var scopes: [[Any]] = [[root]]
    for part in list {
      scopes = scopes.flatMap { scope -> [[Any]] in
        guard let object = scope.last as? [String: Any], let next = object[part] else { return [] }
        if let array = next as? [Any] { return array.map { scope + [$0] } }
        return [scope + [next]]
      }
    }
    return scopes
  }

  /// What an item is called, from the outside in: `dense_1/kernel drift mean_shift`.
  private func title(of scope: [Any]) -> String {
    let words = scope.dropFirst().flatMap { item -> [String] in
      guard let object = item as? [String: Any] else { return [] }
      if let id = object["id"] as? String { return [id, object["statistic"] as? String ?? ""] }
      return [object["name"] as? String ?? object["layer"] as? String ?? object["path"] as? String ?? ""]
    }
    let title = words.filter { !$0.isEmpty }.joined(separator: " ")
    return title.isEmpty ? "(top)" : title
  }
}
