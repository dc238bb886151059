import Results

/// The columns of tests, whatever they are of.
func testColumns(_ tests: [TestResult]) throws -> [Table.Column] {
  let effects = tests.map(\.effect)
  var columns: [Table.Column] = [
    .text("id", "test", tests.map(\.id)),
    .text("level", "which randomness the p-value rests on", tests.map(\.level)),
    .text("statistic", "statistic", tests.map(\.statistic)),
    .number("value", "value of the statistic", tests.map(\.value)),
  ]
  columns += pValueColumns(tests.map { ($0.pValue, $0.pAdjusted, $0.pInterval) })
  columns += [
    .text("method", "how the p-value was computed", tests.map { $0.method ?? "" }),
    .text("method_reason", "why so", tests.map { $0.methodReason ?? "" }),
    .text("alternative", "alternative hypothesis; greater: B is greater", tests.map(\.alternative)),
    .number("margin", "margin of equivalence, in the unit of the statistic", tests.map(\.margin)),
    .number("resamples", "resamples behind the p-value", tests.map { $0.resamples.map(Double.init) }),
    .number("exceedances", "resamples at least as extreme", tests.map { $0.exceedances.map(Double.init) }),
    .text("unit", "what one unit is", tests.map(\.unit)),
    .count("unit_count", "number of units", tests.map(\.unitCount)),
    .number("smallest_p_value", "smallest p-value that these data could give", tests.map(\.smallestPValue)),
  ]
  columns += effectColumns(effects)
  columns += try [
    .number(
      "simultaneous_lower", "lower limit that holds together with the layer's others",
      effects.map { $0?.simultaneousInterval?.first }),
    .number("simultaneous_upper", "upper limit likewise", effects.map { $0?.simultaneousInterval?.last }),
    .text("simultaneous_method", "how those limits were computed", effects.map { $0?.simultaneousMethod ?? "" }),
    .number("d_z", "standardised mean of the unit differences", effects.map { $0?.dz }),
    .number(
      "most_influential_unit", "unit that the effect depends on most",
      effects.map { $0?.mostInfluentialUnit.map(Double.init) }),
    .text(
      "details", "further numbers by name as JSON; empty where there are none",
      tests.map { test in
        let details = (test.details ?? [:]).filter(\.value.isFinite)
        return details.isEmpty ? "" : try json(details)
      }),
    .text("warnings", "separated by semicolons", tests.map { joined($0.warnings) }),
    .text("null_hypothesis", "null hypothesis", tests.map(\.nullHypothesis)),
  ]
  return columns
}

func pValueColumns(_ values: [(value: Double?, adjusted: Double?, interval: [Double]?)]) -> [Table.Column] {
  [
    .number("p_value", "p-value", values.map(\.value)),
    .number("p_adjusted", "p-value adjusted for multiple testing", values.map(\.adjusted)),
    .number("p_lower", "lower limit of a Monte Carlo p-value", values.map { $0.interval?.first }),
    .number("p_upper", "upper limit of a Monte Carlo p-value", values.map { $0.interval?.last }),
  ]
}

func effectColumns(_ effects: [Effect?]) -> [Table.Column] {
  [
    .text("effect_name", "effect, with its unit", effects.map { $0?.name ?? "" }),
    .number("effect_value", "estimate of the effect", effects.map { $0?.value }),
    .number("effect_lower", "lower confidence limit of the effect", effects.map { $0?.interval?.first }),
    .number("effect_upper", "upper confidence limit of the effect", effects.map { $0?.interval?.last }),
    .text("interval_method", "how the interval was computed", effects.map { $0?.intervalMethod ?? "" }),
    .number("standard_error", "standard error of the effect", effects.map { $0?.standardError }),
  ]
}

/// `[64, 128]`, which is JSON and Python too; `[]` is a scalar.
func shapeText(_ shape: [Int]) -> String { "\(shape)" }

func joined(_ texts: [String]) -> String { texts.joined(separator: "; ") }
