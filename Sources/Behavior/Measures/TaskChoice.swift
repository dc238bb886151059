import Results

/// What two arrays of predictions and their labels are, after every check of shapes and values.
struct BehaviorData: Sendable {
  var task: BehaviorTask
  var count: Int
  /// Numbers an example: classes, outputs, or 1.
  var width: Int
  /// Probabilities, logits or values, shape `[count, width]`; class numbers where ``hasScores`` is false.
  var a: [Double]
  var b: [Double]
  var hasScores: Bool
  /// Class numbers; empty without labels and for regression.
  var classes: [Int]
  /// Targets, shape `[count, width]`; empty without labels and for classes.
  var targets: [Double]
  var classNames: [String]?
  var hasLabels: Bool
  var warnings: [String] = []

  /// How far a row of probabilities may be from 1: they may come from half precision, or from rounded text.
  static let tolerance = 0.01

  /// - Throws: ``BehaviorError`` that names the file, what was expected, and what was found.
  init(
    _ left: NumericArray, _ right: NumericArray, labels: NumericArray?, options: BehaviorOptions
  ) throws(BehaviorError) {
    let (a, b) = (left.squeezed, right.squeezed)
    for array in [a, b] where array.texts != nil {
      throw BehaviorError(array.path, "holds texts; predictions are numbers")
    }
    guard a.count == b.count else {
      throw BehaviorError(
        b.path,
        "\(b.count) predictions, and \(a.path) has \(a.count); both must be of the same examples in the same order")
    }
    guard a.shape == b.shape else {
      throw BehaviorError(b.path, "predictions of shape \(words(b.shape)), and \(a.path) has \(words(a.shape))")
    }
    guard a.count > 0 else { throw BehaviorError(a.path, "holds no predictions") }
    try a.checkFinite()
    try b.checkFinite()
    count = a.count
    width = a.width
    self.a = a.values
    self.b = b.values
    hasScores = true
    classes = []
    targets = []
    hasLabels = labels != nil
    warnings = a.warnings + b.warnings + (labels?.warnings ?? [])
    let names = options.classNames ?? a.columnNames
    let truth = try labels.map { (labels) throws(BehaviorError) in
      try Labels(labels, count: a.count, width: a.width, classNames: names)
    }
    task = options.task ?? Self.task(a, b, truth, logits: options.logits)
    switch task {
    case .regression: try readRegression(a, truth, options)
    case .binary: try readBinary(a, b, truth, options)
    case .classification: try readClasses(a, b, truth, options)
    }
  }

  private static func task(_ a: NumericArray, _ b: NumericArray, _ truth: Labels?, logits: Bool) -> BehaviorTask {
    if a.width > 1 {
      guard a.shape.count == 2 else { return .regression }
      guard let truth else { return logits || (a.isDistribution && b.isDistribution) ? .classification : .regression }
      return truth.classes != nil ? .classification : .regression
    }
    guard truth == nil || truth?.classes != nil else { return .regression }
    if a.isInteger, b.isInteger { return truth == nil ? .regression : .classification }
    guard let classes = truth?.classes, classes.allSatisfy({ $0 == 0 || $0 == 1 }) else { return .regression }
    return logits || (a.isProbability && b.isProbability) ? .binary : .regression
  }

  private mutating func readRegression(_ a: NumericArray, _ truth: Labels?, _ options: BehaviorOptions)
    throws(BehaviorError)
  {
    if options.logits { throw BehaviorError("", "--logits goes with classes, and these are predictions of numbers") }
    guard let truth else { return }
    guard let values = truth.values, values.count == count * width else {
      throw BehaviorError(
        truth.path, "labels of shape \(words(truth.shape)), and the predictions have \(words(a.shape))")
    }
    targets = values
  }

  private mutating func readBinary(
    _ a: NumericArray, _ b: NumericArray, _ truth: Labels?, _ options: BehaviorOptions
  ) throws(BehaviorError) {
    guard width == 1 else {
      throw BehaviorError(a.path, "\(width) columns; a binary task has one, the probability of class 1")
    }
    if !options.logits {
      for array in [a, b] {
        if let index = array.values.firstIndex(where: { $0 < 0 || $0 > 1 }) {
          throw BehaviorError(
            array.path,
            "example \(index) is \(array.values[index]), no probability; --logits if these are logits, --task regression "
              + "if they are other numbers")
        }
      }
    }
    classNames = options.classNames ?? ["0", "1"]
    guard classNames?.count == 2 else {
      throw BehaviorError("", "--classes names \(classNames?.count ?? 0) classes, and a binary task has 2")
    }
    if let truth { classes = try truth.classNumbers(below: 2) }
  }

  private mutating func readClasses(
    _ a: NumericArray, _ b: NumericArray, _ truth: Labels?, _ options: BehaviorOptions
  ) throws(BehaviorError) {
    guard width > 1 else { return try readBareClasses(a, b, truth, options) }
    guard a.shape.count == 2 else {
      throw BehaviorError(
        a.path, "shape \(words(a.shape)); classes need [examples, classes]. --task regression compares any numbers")
    }
    if !options.logits {
      for array in [a, b] {
        guard let row = array.firstImproperRow else { continue }
        let values = array.values[row * width..<(row + 1) * width]
        let least = values.min() ?? 0
        throw BehaviorError(
          array.path,
          "example \(row) " + (least < 0 ? "holds \(least)" : "sums to \(values.reduce(0, +)), expected 1 ± 0.01")
            + ": no probabilities; --logits if these are logits, --task regression if they are other numbers")
      }
    }
    let names = options.classNames ?? a.columnNames ?? (0..<width).map(String.init)
    guard names.count == width else {
      throw BehaviorError("", "--classes names \(names.count) classes, and the predictions have \(width) columns")
    }
    classNames = names
    if let truth { classes = try truth.classNumbers(below: width) }
  }

  /// Predictions that are the classes themselves: nothing is known of how sure the models were.
  private mutating func readBareClasses(
    _ a: NumericArray, _ b: NumericArray, _ truth: Labels?, _ options: BehaviorOptions
  ) throws(BehaviorError) {
    if options.logits {
      throw BehaviorError(a.path, "one column of class numbers; --logits needs a column for each class")
    }
    hasScores = false
    var largest = 0
    for array in [a, b] {
      if let index = array.values.firstIndex(where: { $0 < 0 || $0 != $0.rounded() || $0 > 1e6 }) {
        throw BehaviorError(
          array.path,
          "example \(index) is \(array.values[index]), no class number; classes are whole numbers from 0")
      }
      largest = max(largest, Int(array.values.max() ?? 0))
    }
    let known = truth?.classes?.max() ?? 0
    let names = options.classNames ?? (0...max(largest, known)).map(String.init)
    if largest >= names.count {
      throw BehaviorError(a.path, "class \(largest) is predicted, and there are names for \(names.count) classes")
    }
    classNames = names
    if let truth { classes = try truth.classNumbers(below: names.count) }
    warnings.append("The predictions are classes without probabilities: accuracy and agreement only.")
  }
}

extension NumericArray {
  /// Without axes of length 1 behind the first.
  fileprivate var squeezed: NumericArray {
    var result = self
    result.shape = shape.isEmpty ? [1] : [shape[0]] + shape.dropFirst().filter { $0 != 1 }
    return result
  }

  fileprivate var isProbability: Bool { values.allSatisfy { $0 >= 0 && $0 <= 1 } }

  /// The first row that holds a negative number or does not sum to 1.
  fileprivate var firstImproperRow: Int? {
    (0..<count).first { row in
      let row = values[row * width..<(row + 1) * width]
      return abs(row.reduce(0, +) - 1) > BehaviorData.tolerance || row.contains { $0 < -1e-6 }
    }
  }

  fileprivate var isDistribution: Bool { firstImproperRow == nil }
}
