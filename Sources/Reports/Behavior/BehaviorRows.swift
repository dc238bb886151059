import Results

/// What one row of `behavior` stands for in CSV and Markdown.
public enum BehaviorRowKind: String, Sendable, CaseIterable {
  case measure, test, `class`, example, bin, layer, position
}

/// One row a measure, test, class, example, calibration bin, layer or position, with the names of the JSON document.
public func csv(_ result: BehaviorComparison, by kind: BehaviorRowKind = .measure) -> String {
  rows(result, by: kind).csv
}

/// The same rows as a Markdown table.
public func markdown(_ result: BehaviorComparison, by kind: BehaviorRowKind = .measure) -> String {
  rows(result, by: kind).markdown
}

private func rows(_ result: BehaviorComparison, by kind: BehaviorRowKind) -> Rows {
  switch kind {
  case .measure: measureRows(result)
  case .test: testRows(result.tests)
  case .class: classRows(result.classes ?? [])
  case .example: exampleRows(result.disagreements)
  case .bin: binRows(result.calibration?.bins ?? [])
  case .layer: layerRows(result.transplant?.layers ?? [])
  case .position:
    Rows(
      columns: ["position", "loss", "accuracy"],
      cells: (result.interpolation?.points ?? []).map {
        [Numbers.exact($0.position), Numbers.exact($0.loss), Numbers.exact($0.accuracy)]
      })
  }
}

private func limits(_ interval: [Double]?) -> [String] {
  [Numbers.exact(interval?.first), Numbers.exact(interval?.last)]
}

private func measureRows(_ result: BehaviorComparison) -> Rows {
  Rows(
    columns: [
      "name", "a", "a_lower", "a_upper", "b", "b_lower", "b_upper", "difference", "difference_lower",
      "difference_upper",
      "interval_method", "higher_is_better",
    ],
    cells: result.measures.map { measure in
      [measure.name, Numbers.exact(measure.a)] + limits(measure.intervalA) + [Numbers.exact(measure.b)]
        + limits(measure.intervalB) + [Numbers.exact(measure.difference.value)] + limits(measure.difference.interval)
        + [measure.difference.intervalMethod ?? "", "\(measure.higherIsBetter)"]
    })
}

private func testRows(_ tests: [TestResult]) -> Rows {
  Rows(
    columns: [
      "id", "statistic", "value", "p_value", "method", "alternative", "unit", "unit_count", "effect", "effect_value",
      "effect_lower", "effect_upper",
    ],
    cells: tests.map { test in
      [
        test.id, test.statistic, Numbers.exact(test.value), Numbers.exact(test.pValue), test.method ?? "",
        test.alternative, test.unit, "\(test.unitCount)", test.effect?.name ?? "", Numbers.exact(test.effect?.value),
      ] + limits(test.effect?.interval)
    })
}

private func classRows(_ classes: [ClassBehavior]) -> Rows {
  Rows(
    columns: [
      "name", "count", "predicted_a", "predicted_b", "recall_a", "recall_b", "precision_a", "precision_b",
      "only_a_correct", "only_b_correct", "p_value", "p_adjusted",
    ],
    cells: classes.map { row in
      [
        row.name, "\(row.count)", "\(row.predictedA)", "\(row.predictedB)", Numbers.exact(row.recallA),
        Numbers.exact(row.recallB), Numbers.exact(row.precisionA), Numbers.exact(row.precisionB),
        "\(row.onlyACorrect)", "\(row.onlyBCorrect)", Numbers.exact(row.pValue), Numbers.exact(row.pAdjusted),
      ]
    })
}

private func exampleRows(_ examples: [ExampleBehavior]) -> Rows {
  Rows(
    columns: [
      "index", "label", "predicted_a", "predicted_b", "confidence_a", "confidence_b", "loss_a", "loss_b", "distance",
    ],
    cells: examples.map { row in
      [
        "\(row.index)", row.label ?? "", row.predictedA ?? "", row.predictedB ?? "", Numbers.exact(row.confidenceA),
        Numbers.exact(row.confidenceB), Numbers.exact(row.lossA), Numbers.exact(row.lossB), Numbers.exact(row.distance),
      ]
    })
}

private func binRows(_ bins: [Calibration.Bin]) -> Rows {
  Rows(
    columns: [
      "lower", "upper", "count_a", "count_b", "confidence_a", "confidence_b", "accuracy_a", "accuracy_b",
    ],
    cells: bins.map { bin in
      [
        Numbers.exact(bin.lower), Numbers.exact(bin.upper), "\(bin.countA)", "\(bin.countB)",
        Numbers.exact(bin.confidenceA), Numbers.exact(bin.confidenceB), Numbers.exact(bin.accuracyA),
        Numbers.exact(bin.accuracyB),
      ]
    })
}

private func layerRows(_ layers: [LayerTransplant.Layer]) -> Rows {
  func outcome(_ outcome: LayerTransplant.Outcome?) -> [String] {
    [Numbers.exact(outcome?.loss), Numbers.exact(outcome?.lossChange.value)] + limits(outcome?.lossChange.interval) + [
      Numbers.exact(outcome?.accuracy), Numbers.exact(outcome?.changedShare), Numbers.exact(outcome?.meanDistance),
      Numbers.exact(outcome?.distanceToDonor),
    ]
  }
  let names = [
    "loss", "loss_change", "loss_change_lower", "loss_change_upper", "accuracy", "changed_share", "mean_distance",
    "distance_to_donor",
  ]
  return Rows(
    columns: ["layer", "relative_l2", "p_value", "p_adjusted"] + names.map { "a_with_b.\($0)" } + ["share_of_gap"]
      + names.map { "b_with_a.\($0)" } + ["recovery", "reason"],
    cells: layers.map { layer in
      [layer.layer, Numbers.exact(layer.relativeL2), Numbers.exact(layer.pValue), Numbers.exact(layer.pAdjusted)]
        + outcome(layer.aWithB) + [Numbers.exact(layer.shareOfGap)] + outcome(layer.bWithA)
        + [Numbers.exact(layer.recovery), layer.reason ?? ""]
    })
}
