import Results

#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

/// A sentence for every pattern that fits no tensor and no layer: most likely it is mistyped.
///
/// - Parameter option: What the patterns came by, such as `--include`.
/// - Complexity: O(patterns · names).
func unmatchedPatterns(_ patterns: [String], option: String, in catalogues: [Catalogue]) -> [String] {
  if patterns.isEmpty { return [] }
  let entries = catalogues.flatMap(\.entries)
  let names = Set(entries.flatMap { [$0.name, $0.layer] }).subtracting([""]).sorted()
  return patterns.filter { pattern in !names.contains { fnmatch(pattern, $0, 0) == 0 } }.map { pattern in
    let bare = pattern.filter { !"*?[]".contains($0) }
    let similar =
      closest(to: bare, among: names) ?? names.first { $0.lowercased().contains(bare.lowercased()) && !bare.isEmpty }
    return "\(option) '\(pattern)' fits no tensor and no layer"
      + (similar.map { "; did you mean '\($0)'?" } ?? "; `equipoise inspect` lists the names")
  }
}
