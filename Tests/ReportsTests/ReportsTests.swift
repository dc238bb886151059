import Results
import Testing

@testable import Reports

struct NumbersTests {
  @Test(arguments: [
    (0.0, "0"), (1.5, "1.50"), (0.84412, "0.844"), (1234.5, "1234"), (1.2e-7, "1.2e-07"), (-0.25, "-0.250"),
    (3.4e9, "3.4e+09"),
  ])
  func threeDigits(value: Double, text: String) { #expect(Numbers.short(value) == text) }

  @Test(arguments: [
    (1.0, "1"), (0.9999, "1"), (0.0001, "0.0001"), (3e-15, "3.0e-15"), (Double.leastNonzeroMagnitude, "4.9e-324"),
  ])
  func probabilityIsNeverZero(value: Double, text: String) { #expect(Numbers.probability(value) == text) }

  @Test(arguments: [(0, "0"), (999, "999"), (1000, "1 000"), (17226, "17 226"), (-1_234_567, "-1 234 567")])
  func groupsOfThree(value: Int, text: String) { #expect(Numbers.count(value) == text) }
}

struct TextTableTests {
  @Test func alignsByTheWidestCell() {
    var table = TextTable([("name", .left), ("n", .right)])
    table.add(["a", "1"])
    table.add(["longer", "1 000"])
    #expect(table.lines(color: false) == ["name        n", "a           1", "longer  1 000"])
  }

  @Test func coloursOnlyWhereAsked() {
    var table = TextTable([("name", .left)])
    table.add(["a"], styles: [0: .init(isBold: true)])
    #expect(table.lines(color: false) == ["name", "a"])
    #expect(table.lines(color: true)[1] == "\u{1b}[1ma\u{1b}[0m   ".trimmingSuffixSpaces())
  }

  @Test func markdownEscapesBars() {
    var table = TextTable([("x", .left), ("y", .right)])
    table.add(["a|b", "1"])
    #expect(table.markdown() == ["| x | y |", "| --- | ---: |", "| a\\|b | 1 |"])
  }
}

extension String {
  fileprivate func trimmingSuffixSpaces() -> String {
    var text = self
    while text.last == " " { text.removeLast() }
    return text
  }
}

struct RowsTests {
  @Test func csvQuotesAsRFC4180() {
    let rows = Rows(columns: ["a", "b"], cells: [["x,y", "say \"hi\""], ["line\nbreak", ""]])
    #expect(rows.csv == "a,b\n\"x,y\",\"say \"\"hi\"\"\"\n\"line\nbreak\",\n")
  }
}

struct JSONTests {
  @Test func missingNumbersAreNullWithAReason() throws {
    let metrics = Metrics(values: [
      .cosineSimilarity: .undefined("a norm is 0"), .normA: Number(0), .ks: Number(.infinity),
    ])
    let text = try json(metrics)
    #expect(text.contains("\"cosine_similarity\" : null"))
    #expect(text.contains("\"cosine_similarity_status\" : \"a norm is 0\""))
    #expect(text.contains("\"ks\" : null") && text.contains("\"ks_status\" : \"infinite\""))
    #expect(text.contains("\"norm_a\" : 0"))
  }

  @Test func smallProbabilitiesSurvive() throws {
    #expect(try json(["p": Double.leastNonzeroMagnitude]).contains("5e-324"))
    #expect(try json(["p": 1.5e-300]).contains("1.5e-300"))
  }
}

struct SignificanceTableTests {
  private func layer(_ name: String, p: Double?, adjusted: Double?) -> LayerResult {
    var layer = LayerResult(layer: name, tensors: ["\(name)/kernel"], weightCount: 10, combination: "standardized_maxT")
    layer.pValue = p
    layer.pAdjusted = adjusted
    layer.significant = (adjusted ?? 1) <= 0.05
    return layer
  }

  @Test func strongestEvidenceFirst() {
    let layers = [
      layer("untested", p: nil, adjusted: nil), layer("weak", p: 0.4, adjusted: 0.4),
      layer("strong", p: 0.0001, adjusted: 0.0002),
      layer("identical", p: 1, adjusted: nil),
    ]
    #expect(byEvidence(layers).map(\.layer) == ["strong", "weak", "identical", "untested"])
  }
}
