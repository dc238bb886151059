extension ElementType {
  /// Finds the type by TensorFlow's name, such as `float32`.
  public init?(name: String) {
    guard let type = ElementType.byName[name] else { return nil }
    self = type
  }

  private static let byName = Dictionary(uniqueKeysWithValues: ElementType.allCases.map { ($0.name, $0) })

  /// Bytes of one number within an element: half of ``byteWidth`` for complex types. What is reversed when the byte
  /// order changes. `nil` where elements have no fixed width.
  public var componentWidth: Int? {
    kind == .complex ? byteWidth.map { $0 / 2 } : byteWidth
  }
}
