import Foundation
import Results
import Testing

@testable import Reports

/// Conditions of `--fail-on` against documents made by hand.
struct ConditionTests {
  private struct Document: Encodable {
    struct Effect: Encodable {
      var name = "norm_ratio"
      var value: Double?

      func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: CodingKeys.self)
        try container.encode(name, forKey: .name)
        try container.encode(value, forKey: .value)
      }
      enum CodingKeys: CodingKey { case name, value }
    }
    struct Layer: Encodable {
      var layer: String
      var pAdjusted: Double?
      var effect: Effect
      var significant = false

      enum CodingKeys: String, CodingKey {
        case layer, effect, significant
        case pAdjusted = "p_adjusted"
      }

      func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: CodingKeys.self)
        try container.encode(layer, forKey: .layer)
        try container.encode(pAdjusted, forKey: .pAdjusted)
        try container.encode(effect, forKey: .effect)
        try container.encode(significant, forKey: .significant)
      }
    }
    struct Test: Encodable {
      var id: String
      var statistic = "s"
      var pValue: Double

      enum CodingKeys: String, CodingKey {
        case id, statistic
        case pValue = "p_value"
      }
    }
    struct Pair: Encodable { var name: String, count: Int, tests: [Test] }
    var verdict = "different"
    var layers: [Layer]
    var pairs: [Pair]
  }

  private let document = Document(
    layers: [
      .init(layer: "first", pAdjusted: 0.001, effect: .init(value: 0.05)),
      .init(layer: "second", pAdjusted: 0.2, effect: .init(value: 0.9)),
      .init(layer: "third", pAdjusted: nil, effect: .init(value: nil)),
    ],
    pairs: [
      .init(
        name: "first/kernel", count: 10, tests: [.init(id: "drift", pValue: 0.001), .init(id: "scale", pValue: 0.5)]),
      .init(name: "second/kernel", count: 99, tests: [.init(id: "drift", pValue: 0.3)]),
    ])

  @Test(arguments: [
    ("layers.p_adjusted < 0.01", ["first"]),
    // Both sides are about one layer, so none fits.
    ("layers.p_adjusted < 0.01 && effect > 0.1", []),
    ("layers.p_adjusted < 0.01 && layers.effect.value < 0.1", ["first"]),
    ("layers.p_adjusted < .01 || layers.effect > 0.1", ["first", "second"]),
    ("layers.p_adjusted < 0.01 || pairs.count > 50", ["first", "second/kernel"]),
    ("verdict == \"different\" && layers.effect >= 0.9", ["second"]),
    ("layers.layer == 'third'", ["third"]), ("layers.p_adjusted == null", ["third"]),
    ("layers.p_adjusted != null && layer != 'first'", ["second"]),
    // Neither less nor not less.
    ("layers.p_adjusted < 1", ["first", "second"]), ("!(layers.p_adjusted < 1)", []),
    ("abs(layers.effect - 1) < 0.2", ["second"]), ("min(layers.effect, p_adjusted) < 0.01", ["first"]),
    ("-layers.effect * 2 + 1 < -0.5", ["second"]), ("log2(layers.effect) > -1", ["second"]),
    ("!layers.significant && p_adjusted > 0.1", ["second"]),
    ("pairs.tests.p_value < 0.01 && id == 'drift' && count == 10", ["first/kernel drift s"]),
    ("pairs.tests.id == 'scale'", ["first/kernel scale s"]), ("layers.effect / 0 > 1", []),
  ])
  func holdsForTheItemsItSays(source: String, matches: [String]) throws {
    let outcome = try Condition(source).evaluate(document)
    #expect(outcome.matches == matches)
    #expect(outcome.holds == !matches.isEmpty)
  }

  @Test(arguments: [("verdict == 'different'", true), ("verdict != 'different'", false), ("1 < 2 && !(2 < 1)", true)])
  func mayBeAboutTheDocument(source: String, holds: Bool) throws {
    let outcome = try Condition(source).evaluate(document)
    #expect(outcome == .init(holds: holds, matches: []))
  }

  @Test(arguments: [
    ("", 0, "empty"), ("layers.p_adjusted <", 19, "expected a name"), ("layers.p_adjusted = 1", 18, "equality is =="),
    ("layers.p < 1 < 2", 13, "can't be chained"), ("(1 < 2", 6, "expected )"), ("1 < 2 3", 6, "expected && or ||"),
    ("1 < 1e", 4, "not a number"), ("verdict == \"x", 11, "has no end"), ("ab(1) < 2", 0, "no function 'ab'"),
    ("abs(1, 2) < 2", 0, "takes 1 argument"), ("layers..p < 1", 0, "dot"), ("1 < 2 & 3 < 4", 6, "and is &&"),
    ("1 < $", 4, "no meaning"), (String(repeating: "!", count: 500), 64, "too deeply"),
  ])
  func mistakesHaveAPlace(source: String, position: Int, message: String) {
    let error = #expect(throws: ConditionError.self) { try Condition(source) }
    #expect(error?.position == position)
    #expect(error?.message.contains(message) == true, "\(error?.message ?? "")")
    let lines = error?.description.split(separator: "\n", omittingEmptySubsequences: false) ?? []
    #expect(lines.count == 3 && lines[2].count == 2 + position + 1)
  }

  @Test(arguments: [
    ("layers.p_ajusted < 1", 0, "did you mean 'layers.p_adjusted'"),
    ("verdikt == 'different'", 0, "did you mean 'verdict'"),
    ("p_adjusted < 1", 0, "did you mean 'layers.p_adjusted'"),
    ("layers.p_adjusted < 1 && pairs.count > 1", 25, "two lists"),
    ("layers.p_adjusted < 1 && provenance == 1", 25, "is an object"),
  ])
  func namesAreCheckedBeforeTheWork(source: String, position: Int, message: String) throws {
    let condition = try Condition(source)
    let error = #expect(throws: ConditionError.self) {
      try condition.check(against: ModelComparison.specimen(isTested: true))
    }
    #expect(error?.position == position)
    #expect(error?.message.contains(message) == true, "\(error?.message ?? "")")
  }

  @Test(arguments: [
    ("layers.layer < 1", "can't be compared"), ("layers.p_adjusted", "is a number"),
    ("layers.layer && 1 < 2", "need true or false"),
    ("layers.layer + 1 < 2", "needs numbers"),
  ])
  func kindsMustFit(source: String, message: String) throws {
    let condition = try Condition(source)
    let error = #expect(throws: ConditionError.self) { try condition.evaluate(document) }
    #expect(error?.message.contains(message) == true, "\(error?.message ?? "")")
  }

  @Test func withoutTestsThereAreNoLayers() throws {
    let condition = try Condition("layers.p_adjusted < 1")
    try condition.check(against: ModelComparison.specimen(isTested: true))
    #expect(throws: ConditionError.self) { try condition.check(against: ModelComparison.specimen(isTested: false)) }
  }
}

struct SpellingTests {
  @Test(arguments: [
    ("dens_1", "dense_1"), ("dnese_1", "dense_1"), ("DENSE_2", "dense_2"), ("ouptut", "output"), ("conv", nil),
    ("x", nil),
  ])
  func nearestName(name: String, expected: String?) {
    #expect(closest(to: name, among: ["dense_1", "dense_2", "output"]) == expected)
  }
}
