import Results
import Statistics

/// "Do they share an origin?" Cosines of units at the same place against those of units at different places, under orders of
/// the hidden units drawn at random.
enum LineageTest: PairTest {
  static let id = "lineage"
  /// Units whose cosines are all held in memory.
  private static let limit = 4_096

  static let nullHypothesis =
    "the two models were trained independently by a procedure that treats hidden units alike, so all orders of B's units "
    + "were as likely"

  static func rows(
    _ subject: PairSubject, _ settings: LayerTests.Settings, _ generator: Philox
  ) async throws -> [TestResult] {
    guard let source = subject.sample.source else { return [] }
    let (view, refusal) = view(source)
    func row(_ statistic: String, _ value: Double?, _ effect: Effect?) -> TestResult {
      subject.row(
        id, statistic, level: "relabelling", null: nullHypothesis, value: value, alternative: .greater,
        effect: effect, unit: view.name, units: view.units)
    }
    var first = row("matched_cosine", nil, nil)
    if let refusal {
      first.warnings.append(refusal)
      return [first]
    }
    let chosen = view.units > limit ? randomUnits(limit, of: view.units, generator) : nil
    let matrix = UnitMatrix(source.pass.a, source.pass.b, view: view, chosen: chosen)
    let cosines = try UnitCosines(matrix, progress: source.pass.progress)
    guard cosines.live > 0 else {
      first.warnings.append("no finite weights but zeros")
      return [first]
    }
    let test = try AssignmentTest(cosines.cosines, units: cosines.units)
    first.value = test.matched
    first.effect = Effect(name: "matched_minus_unmatched_cosine", value: test.matched - test.unmatched)
    first.take(
      try await test.pValue(
        resamples: settings.resamples, generator: generator, confidence: settings.confidence, threads: settings.threads)
    )
    first.details = ["matched_cosine": test.matched, "unmatched_cosine": test.unmatched]
    first.warnings.append("the weights were read again")
    if chosen != nil {
      // Orders of a part of the units are orders of all of them, so the test stays exact.
      first.unitCount = limit
      first.warnings.append("\(limit) of \(view.units) units, drawn at random without looking at them")
    }
    var rows = [first]
    if let closed = test.closedPValue() {
      var far = row("standardized_matched_cosine", test.score, first.effect)
      far.take(closed)
      rows.append(far)
    }
    rows.append(moved(cosines, row("units_elsewhere", nil, nil)))
    return rows
  }

  /// Hidden units in another order: no p-value, for the order is what the test conditions on.
  private static func moved(_ cosines: UnitCosines, _ base: TestResult) -> TestResult {
    var row = base
    row.nullHypothesis = "none: a description, for a p-value would rest on the very order that was found"
    let close = cosines.closeMatches(above: 0.95)
    let exact = cosines.elsewhere + cosines.reordered
    row.value = Double(exact) / Double(cosines.live)
    row.effect = Effect(name: "share_of_units", value: row.value)
    row.details = [
      "same_weights_same_place": Double(cosines.inPlace), "same_weights_elsewhere": Double(cosines.elsewhere),
      "same_weights_inputs_reordered": Double(cosines.reordered), "live_units": Double(cosines.live),
      "cosine_above_0.95_same_place": close.inPlace, "cosine_above_0.95_elsewhere": close.elsewhere,
    ]
    if exact > 0 {
      row.warnings.append(
        "\(exact) of \(cosines.live) units of A are in B with exactly the same weights, at another place or with their inputs in "
          + "another order: hidden units were permuted, which changes no output; a test in the order as stored can't see it"
      )
    } else if close.elsewhere >= 0.05 {
      row.warnings.append(
        "\(percent(close.elsewhere)) of A's units have their closest unit of B (cosine above .95) at another place: "
          + "hidden units were permuted; between independent models there are none")
    }
    return row
  }

  private static func randomUnits(_ count: Int, of units: Int, _ generator: Philox) -> [Int] {
    var words = PhiloxSequence(generator, .pilot, replicate: 3)
    var order = Array(0..<units)
    for i in 0..<count { order.swapAt(i, i + words.index(below: UInt32(truncatingIfNeeded: units - i))) }
    return order[..<count].sorted()
  }

  /// The hidden axis of a tensor, along which an order of units is arbitrary.
  static func view(_ source: UnitSource) -> (UnitView, refusal: String?) {
    let shape = source.shape
    let own = UnitView.of(shape: shape, part: source.part, layer: source.layer)
    func refused(_ reason: String) -> (UnitView, String?) { (own, reason) }
    if shape.count < 2 || source.part == "bias" { return refused("a single weight a unit has no direction") }
    if !own.isExchangeable { return refused("no hidden axis: classes are not interchangeable") }
    var view = own
    if source.part.hasPrefix("embedding") || source.part == "lookup_table" || source.part == "pos_embedding" {
      // Rows are words or places, which are named; the dimensions are hidden.
      view = UnitView(units: shape[shape.count - 1], inner: 1, name: "embedding dimension")
    } else if own.name == "head unit", let bias = source.layer.shapes["bias"], bias.count == 2 {
      // Units of a head go with those of other kernels: heads move as blocks.
      view = UnitView(units: bias[0], inner: own.inner * bias[1], name: "head")
    } else if source.layer.isLast {
      switch source.layer.lastInputs {
      case .units: break
      case .channels(let channels) where own.units % channels == 0 && channels > 1:
        let positions = own.units / channels
        // TensorFlow flattens [h, w, channel], PyTorch [channel, h, w].
        view =
          source.layer.isOutputFirst(source.part, shape)
          ? UnitView(units: channels, inner: positions * own.inner, name: "channel")
          : UnitView(units: channels, inner: own.inner, name: "channel")
      case .channels, .unclear:
        return refused("which hidden units feed this layer can't be told from shapes and paths")
      }
    }
    if view.units < 2 { return (view, "a single unit: described, not tested") }
    if shape.reduce(1, *) < 2 * view.units { return (view, "a single weight a unit has no direction") }
    return (view, nil)
  }
}

/// What the inputs of a network's last kernel are.
enum LastInputs: Sendable, Equatable {
  case units
  /// A flattened convolution: so many channels, each with several places.
  case channels(Int)
  case unclear
}

/// Which layer's outputs a last kernel takes: the nearest before it, where paths number the layers; else the only one that
/// fits.
func lastInputs(_ last: KernelShape, _ kernels: [KernelShape]) -> LastInputs {
  let feeding = kernels.filter { $0.mayFeed(last) }
  if feeding.isEmpty { return .units }
  var nearest = feeding
  if !last.position.isEmpty, feeding.allSatisfy({ !$0.position.isEmpty }) {
    let place = feeding.map(\.position).max { $0.lexicographicallyPrecedes($1) }
    nearest = feeding.filter { $0.position == place }
  }
  let outputs = Set(nearest.map(\.outputs))
  guard outputs.count == 1, let count = outputs.first else { return .unclear }
  return count == last.inputs ? .units : .channels(count)
}
