import Checkpoints
import Results

/// Tensors that several runs share, each run aligned with the first.
struct RunAlignment: Sendable {
  struct Tensor: Sendable {
    /// As the first run has it.
    let entry: Catalogue.Entry
    /// One for each run.
    let stored: [StoredTensor]
  }

  /// In the order of the network as far as names tell.
  private(set) var tensors: [Tensor] = []
  private(set) var unshared: [UnsharedTensor] = []
  private(set) var warnings: [String] = []

  /// - Parameters:
  ///   - runs: Catalogues, the first of which the others are paired with.
  ///   - mapped: Runs to which `map` applies: those of the other group.
  /// - Throws: ``PairingError`` when the map names what is not there.
  init(
    _ runs: [Catalogue], roles: Set<Role>, map: [(a: String, b: String)] = [], mapped: Range<Int> = 0..<0,
    isIncluded: (String) -> Bool
  ) throws(PairingError) {
    guard let first = runs.first else { return }
    let names = runs.map(\.checkpoint.model.path)
    let entries = first.selected(roles).filter { isIncluded($0.name) }
    var partners = entries.map { [$0.stored] }
    var reasons = [[String]](repeating: [], count: entries.count)
    var places: [Int: Int] = [:]
    for (i, entry) in entries.enumerated() { places[entry.stored.index] = i }
    var others: [String: [String]] = [:]
    for (k, run) in runs.enumerated().dropFirst() {
      let pairing = try Pairing(
        first, run, roles: roles, map: mapped.contains(k) ? map : [], isIncluded: isIncluded)
      for pair in pairing.pairs {
        if let place = places[pair.a.stored.index] { partners[place].append(pair.b.stored) }
      }
      for pair in pairing.mismatched {
        guard let place = places[pair.a.stored.index] else { continue }
        reasons[place].append("\(pair.b.stored.shape) in \(names[k]), \(pair.a.stored.shape) in \(names[0])")
      }
      for entry in pairing.unpairedA {
        if let place = places[entry.stored.index] { reasons[place].append("not in \(names[k])") }
      }
      for entry in pairing.unpairedB { others[entry.name, default: []].append(names[k]) }
      warnings += pairing.warnings.map { "\(names[k]): \($0)" }
    }
    for (i, entry) in entries.enumerated() {
      if partners[i].count == runs.count {
        tensors.append(Tensor(entry: entry, stored: partners[i]))
      } else {
        unshared.append(UnsharedTensor(name: entry.name, reason: Self.shortened(reasons[i])))
      }
    }
    tensors.sort {
      naturallyPrecedes(
        $0.entry.stored.objectPath ?? $0.entry.stored.key, $1.entry.stored.objectPath ?? $1.entry.stored.key)
    }
    for (name, places) in others.sorted(by: { naturallyPrecedes($0.key, $1.key) }) {
      unshared.append(UnsharedTensor(name: name, reason: Self.shortened(places.map { "only in \($0)" })))
    }
  }

  private static func shortened(_ reasons: [String]) -> String {
    guard let first = reasons.first else { return "not in every run" }
    return reasons.count > 1 ? "\(first), and so in \(reasons.count - 1) more runs" : first
  }
}
