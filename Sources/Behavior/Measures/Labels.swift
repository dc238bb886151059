/// Labels as classes, where they can be that, and as numbers.
struct Labels {
  let path: String
  let shape: [Int]
  /// One for each example; `nil` where a number is no class.
  private(set) var classes: [Int]?
  /// In row-major order; `nil` for texts.
  private(set) var values: [Double]?

  /// - Parameters:
  ///   - count: Examples of the predictions.
  ///   - width: Numbers an example of the predictions.
  ///   - classNames: What texts stand for.
  init(_ labels: NumericArray, count: Int, width: Int, classNames: [String]?) throws(BehaviorError) {
    path = labels.path
    if var texts = labels.texts {
      // A heading was taken for a label.
      if texts.count == count + 1, let first = texts.first, classNames?.contains(first) != true { texts.removeFirst() }
      shape = [texts.count]
      try Self.checkCount(texts.count, count, path)
      classes = try Self.classes(texts, classNames, path)
      return
    }
    shape = labels.shape
    try Self.checkCount(labels.shape.isEmpty ? 1 : labels.count, count, path)
    try labels.checkFinite()
    values = labels.values
    if labels.width == 1 {
      let numbers = labels.values.map { Int(exactly: $0) }
      // Whole numbers stored as such are classes, and so are whole numbers beside one column for each class.
      if labels.isInteger || width > 1 || labels.values.allSatisfy({ $0 == 0 || $0 == 1 }),
        !numbers.contains(where: { $0 == nil })
      {
        classes = numbers.compactMap { $0 }
      }
    } else if labels.width == width, labels.shape.count == 2 {
      classes = Self.oneHot(labels)
    }
  }

  private static func checkCount(_ found: Int, _ expected: Int, _ path: String) throws(BehaviorError) {
    guard found == expected else {
      throw BehaviorError(
        path, "\(found) labels for \(expected) predictions; both must be of the same examples in the same order")
    }
  }

  private static func classes(_ texts: [String], _ names: [String]?, _ path: String) throws(BehaviorError) -> [Int] {
    guard let names else {
      throw BehaviorError(
        path,
        "labels are texts such as '\(texts.first ?? "")'; say which column each stands for by --classes, or by a first "
          + "line of names in the predictions' CSV")
    }
    let numbers = Dictionary(zip(names, names.indices), uniquingKeysWith: { first, _ in first })
    var result: [Int] = []
    for (index, text) in texts.enumerated() {
      guard let number = numbers[text] else {
        throw BehaviorError(path, "example \(index) has the label '\(text)'; the classes are \(listed(names))")
      }
      result.append(number)
    }
    return result
  }

  /// The column of the single 1 in each row; `nil` if a row is anything else.
  private static func oneHot(_ labels: NumericArray) -> [Int]? {
    var result: [Int] = []
    for row in 0..<labels.count {
      let values = labels.values[row * labels.width..<(row + 1) * labels.width]
      guard let place = values.firstIndex(of: 1), values.allSatisfy({ $0 == 0 || $0 == 1 }), values.reduce(0, +) == 1
      else { return nil }
      result.append(place - values.startIndex)
    }
    return result
  }

  /// The classes, each checked to be one that the predictions know.
  func classNumbers(below count: Int) throws(BehaviorError) -> [Int] {
    guard let classes else {
      throw BehaviorError(
        path, "shape \(words(shape)) or numbers that are no classes; classes are whole numbers from 0")
    }
    if let index = classes.firstIndex(where: { $0 < 0 || $0 >= count }) {
      throw BehaviorError(
        path, "example \(index) has the label \(classes[index]); the predictions know classes 0 to \(count - 1)")
    }
    return classes
  }
}
