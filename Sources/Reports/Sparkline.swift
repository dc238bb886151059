import Results

/// A histogram in a few characters: of either side of a pair, over the same range.
func sparklines(_ profile: PairProfile?) -> [String] {
  guard let profile else { return ["–", "–"] }
  return [sparkline(profile.countsA), sparkline(profile.countsB)]
}

/// The inner bins taken together to `width` bars, the highest full.
func sparkline(_ counts: [Int], width: Int = 10) -> String {
  let inner = counts.dropFirst().dropLast()
  guard inner.count >= width, counts.contains(where: { $0 > 0 }) else { return "–" }
  var sums = [Int](repeating: 0, count: width)
  for (i, count) in inner.enumerated() { sums[i * width / inner.count] += count }
  let most = max(1, sums.max() ?? 1)
  let heights = Array(" ▁▂▃▄▅▆▇█")
  // One element shows, however many others there are.
  return String(sums.map { $0 == 0 ? heights[0] : heights[max(1, min(8, ($0 * 8 + most / 2) / most))] })
}
