import Foundation
import Results

/// What one side does on each example.
struct ExampleScores: Sendable {
  /// Predicted classes; empty for regression.
  var predicted: [Int] = []
  /// Probability of the predicted class; empty without probabilities.
  var confidence: [Double] = []
  /// 1 where the class is right; empty without labels and for regression.
  var correct: [Double] = []
  /// By measure, in the order in which they are shown; the first is the loss.
  var losses: [(name: String, values: [Double])] = []
  /// Shape `[count, width]`, or `[count]` for a binary task; empty for bare classes.
  var probabilities: [Double] = []
  /// Examples whose own class has probability 0.
  var clipped = 0

  /// The least probability that the log loss counts with: what is 0 in a file need not be impossible.
  static let smallestProbability = 1e-15

  /// - Parameters:
  ///   - values: Of the side, shape `[count, width]`.
  init(_ data: BehaviorData, _ values: [Double], logits: Bool) {
    switch data.task {
    case .regression:
      probabilities = values
      guard data.hasLabels else { return }
      losses = [("mse", Self.means(values, data) { $0 * $0 }), ("mae", Self.means(values, data) { abs($0) })]
    case .binary: readBinary(data, values, logits: logits)
    case .classification: readClasses(data, values, logits: logits)
    }
    if !data.classes.isEmpty {
      correct = zip(predicted, data.classes).map { $0 == $1 ? 1 : 0 }
    }
  }

  private static func means(_ values: [Double], _ data: BehaviorData, _ f: (Double) -> Double) -> [Double] {
    (0..<data.count).map { example in
      var sum = 0.0
      for i in example * data.width..<(example + 1) * data.width { sum += f(values[i] - data.targets[i]) }
      return sum / Double(data.width)
    }
  }

  private mutating func readBinary(_ data: BehaviorData, _ values: [Double], logits: Bool) {
    probabilities = logits ? values.map { 1 / (1 + exp(-$0)) } : values
    predicted = probabilities.map { $0 > 0.5 ? 1 : 0 }
    confidence = probabilities.map { max($0, 1 - $0) }
    guard !data.classes.isEmpty else { return }
    var log = [Double](repeating: 0, count: data.count)
    var brier = log
    for example in 0..<data.count {
      let isOne = data.classes[example] == 1
      let p = isOne ? probabilities[example] : 1 - probabilities[example]
      if logits {
        let x = isOne ? -values[example] : values[example]
        log[example] = max(x, 0) + log1p(exp(-abs(x)))
      } else {
        log[example] = logLoss(p)
      }
      brier[example] = (1 - p) * (1 - p)
    }
    losses = [("log_loss", log), ("brier", brier)]
  }

  private mutating func readClasses(_ data: BehaviorData, _ values: [Double], logits: Bool) {
    let width = data.width
    guard data.hasScores else {
      predicted = values.map { Int($0) }
      return
    }
    probabilities = values
    predicted = [Int](repeating: 0, count: data.count)
    confidence = [Double](repeating: 0, count: data.count)
    var log = confidence
    var brier = confidence
    for example in 0..<data.count {
      let row = example * width..<(example + 1) * width
      // The first of equals, as NumPy's argmax.
      var best = row.lowerBound
      for i in row where values[i] > values[best] { best = i }
      predicted[example] = best - row.lowerBound
      var sum = 1.0
      if logits {
        sum = row.reduce(0) { $0 + exp(values[$1] - values[best]) }
        for i in row { probabilities[i] = exp(values[i] - values[best]) / sum }
      }
      confidence[example] = probabilities[best]
      guard !data.classes.isEmpty else { continue }
      let own = row.lowerBound + data.classes[example]
      log[example] = logits ? Foundation.log(sum) + values[best] - values[own] : logLoss(values[own])
      brier[example] = row.reduce(0) {
        let d = probabilities[$1] - ($1 == own ? 1 : 0)
        return $0 + d * d
      }
    }
    if !data.classes.isEmpty { losses = [("log_loss", log), ("brier", brier)] }
  }

  private mutating func logLoss(_ p: Double) -> Double {
    if p <= 0 { clipped += 1 }
    return -Foundation.log(max(p, Self.smallestProbability))
  }

  /// The loss of each example: the first; empty for bare classes and without labels.
  var loss: [Double] { losses.first?.values ?? [] }
}

extension ExampleScores {
  /// For those who take the examples on.
  ///
  /// - Parameter predictions: As they were given.
  func side(of predictions: [Double]) -> BehaviorExamples.Side {
    BehaviorExamples.Side(
      predictions: predictions, classes: predicted, confidence: confidence, isCorrect: correct.map { $0 > 0 },
      losses: losses)
  }
}

extension BehaviorData {
  /// Distance of the predictions of each example: total variation between probabilities, mean |b − a| between numbers, and
  /// 0 or 1 between bare classes.
  func distances(_ a: ExampleScores, _ b: ExampleScores) -> [Double] {
    if !hasScores { return zip(a.predicted, b.predicted).map { $0 == $1 ? 0 : 1 } }
    let scale = task == .classification ? 2 : Double(width)
    return (0..<count).map { example in
      var sum = 0.0
      for i in example * width..<(example + 1) * width { sum += abs(b.probabilities[i] - a.probabilities[i]) }
      return sum / scale
    }
  }
}
