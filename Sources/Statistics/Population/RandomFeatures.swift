@preconcurrency import CGSL

/// Random Fourier features of a Gaussian kernel: points to vectors whose inner products estimate the kernel, so that the MMD of many
/// units costs O(U · features) where distances of all pairs would cost O(U²).
///
/// The features are drawn before the data are looked at (but for the width), so a test on them is as exact as one on distances.
///
/// ## Source
/// Rahimi & Recht (2007), Advances in Neural Information Processing Systems 20; Gretton et al. (2012), JMLR 13:723-773
public struct RandomFeatures: Sendable {
  public let dimensions: Int
  public let count: Int
  /// Shape `[count, dimensions]`.
  private let frequencies: [Double]
  private let phases: [Double]

  /// - Parameters:
  ///   - width: σ of exp(−|x − y|²/2σ²), positive; the same unit as the points.
  ///   - count: Features; the kernel's error falls as 1/√count.
  public init(dimensions: Int, width: Double, count: Int, generator: Philox) throws(SampleError) {
    guard width > 0, width.isFinite else { throw .outOfRange(parameter: "width", value: width) }
    guard dimensions >= 1 else { throw .outOfRange(parameter: "dimensions", value: Double(dimensions)) }
    guard count >= 1 else { throw .outOfRange(parameter: "count", value: Double(count)) }
    let random = try GSLPhilox(generator, .pilot, replicate: 1)
    self.dimensions = dimensions
    self.count = count
    frequencies = (0..<count * dimensions).map { _ in random.normal() / width }
    phases = (0..<count).map { _ in 2 * .pi * (Double(random.next()) + 0.5) * 0x1p-32 }
  }

  /// √(2/count) cos(ωx + phase) of one point, shape `[count]`.
  public func callAsFunction(_ point: ArraySlice<Double>) -> [Double] {
    let scale = (2 / Double(count)).squareRoot()
    return (0..<count).map { feature in
      var angle = phases[feature]
      for (k, x) in point.enumerated() { angle += frequencies[feature * dimensions + k] * x }
      return scale * cos(angle)
    }
  }
}
