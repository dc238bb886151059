import Results
import Testing

@testable import Reports

/// Tables at the width of a terminal, and what goes into a pipe.
struct TerminalTests {
  private let document = {
    var document = Made.document(layers: 2, tensors: 1) { $0 == 0 ? "encoder/block_11/attention/query" : "head" }
    document.layers?[1] = Made.layer("head", ["head/kernel"], p: 0.4, adjusted: 0.4, ratio: nil)
    return document
  }()

  @Test func eightyColumns() {
    let lines = table(document, width: 80).split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
    #expect(
      Array(lines.prefix(8)) == [
        "A  models/it's a   SavedModel · TensorFlow 2.21.0 · 2 tensors, 16 640 weights",
        "B  models/b        same tensors",
        "",
        "layer                         weights  rel. L2    norm B/A [95 %]  adj. p  d·s·s",
        "encoder/blo…/attention/query    8 320    0.800  0.50 [0.45, 0.55]  0.0370  ▂██",
        "head                            8 320    0.800                  –  0.4000  ▂██",
        "",
        "1 of 2 layers differs (Benjamini-Hochberg, α = 0.05; 9 999 swaps of units, seed",
      ])
  }

  @Test(arguments: [40, 60, 80, 100, 120, 200])
  func noLineIsWiderThanTheTerminal(width: Int) {
    for line in table(document, width: width).split(separator: "\n") { #expect(line.count <= width, "\(line)") }
    var untested = document
    untested.layers = nil
    for line in table(untested, width: width).split(separator: "\n") { #expect(line.count <= width, "\(line)") }
  }

  @Test func aPipeHasEveryColumnAndNoBreaks() {
    let piped = table(document)
    #expect(
      piped.contains("W1/SD") && piped.contains("drift·scale·shape")
        && piped.contains("encoder/block_11/attention/query"))
    #expect(table(document, width: 400) == piped)
    #expect(!piped.contains("\u{1b}"))
  }

  @Test(arguments: [
    ([0, 1, 0, 0, 0, 0, 0, 0, 0, 0, 8, 0], "▁        █"), ([5, 8, 8, 8, 8, 8, 8, 8, 8, 8, 8, 5], "██████████"),
    ([0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0], "–"), ([], "–"),
  ])
  func sparklines(counts: [Int], text: String) { #expect(sparkline(counts) == text) }

  @Test func sameWeightsInOtherPlacesAreSaid() {
    var document = Made.document(layers: 1, tensors: 1) { _ in "dense" }
    document.pairs[0].metrics.values[.ks] = Number(0)
    #expect(table(document).contains("The same weights in other places (KS distance 0): \(document.pairs[0].name)."))
    document.pairs[0].metrics.values[.changedCount] = Number(0)
    #expect(!table(document).contains("in other places"))
  }

  @Test func wordsAreWrappedBetweenWords() {
    #expect(wrapped(["  one two three four"], 12, indent: 4) == ["  one two", "    three", "    four"])
    #expect(wrapped(["unbreakable-word-that-is-long"], 10) == ["unbreakable-word-that-is-long"])
    #expect(wrapped(["as it is"], nil) == ["as it is"])
  }
}

struct MarkdownSummaryTests {
  @Test func saysWhetherTheConditionHolds() throws {
    let document = Made.document(layers: 3)
    let condition = try Condition("layers.p_adjusted < 0.1")
    let text = markdownSummary(
      document, by: .layer, condition: CheckedCondition(condition, outcome: try condition.evaluate(document)))
    #expect(text.hasPrefix("## 1 of 3 layers differs\n"))
    #expect(text.contains(":x: `layers.p_adjusted < 0.1` holds for `layer_0`."))
    #expect(
      text.contains("| **layer_0** | differs |")
        && text.contains("<details><summary>Every column</summary>\n\n| layer |"))
    let other = try Condition("layers.p_adjusted < 0.001")
    #expect(
      markdownSummary(document, by: .layer, condition: CheckedCondition(other, outcome: try other.evaluate(document)))
        .contains(":white_check_mark: `layers.p_adjusted < 0.001` does not hold."))
  }
}
