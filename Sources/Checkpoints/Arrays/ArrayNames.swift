/// Names of arrays as TensorFlow would write them.
enum ArrayNames {
  /// The name with its parts separated by slashes.
  ///
  /// Most writers separate parts by dots (`encoder.layer.0.weight`); a name that has a slash is left as it is. What
  /// follows the colon in TensorFlow's `kernel:0` goes.
  static func fullName(_ name: String) -> String {
    let parts = name.hasSuffix(":0") ? String(name.dropLast(2)) : name
    return parts.contains("/") ? parts : parts.replacing(".", with: "/")
  }
}
