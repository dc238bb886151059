import Results
import Statistics

/// What the test `recipe` saw of a layer or tensor.
package struct RunTested: Sendable {
  package let layer: String
  /// `nil` for the layer as a whole.
  package let tensor: String?
  package let distances: RunDistances
  /// Null distributions, where they are kept and the runs differ.
  ///
  /// Shape `[labellings]` each; row 0 is observed, and larger is more extreme.
  package let statistics: [(name: String, values: [Double])]
}

extension RunComparison {
  /// The labellings that are counted, as rows of `statistics` see them.
  ///
  /// - Returns: Shape `[labellings][runs]`: whether a run is called A; row 0 is observed.
  package func labellings() throws(SampleError) -> [[Bool]] {
    let labellings = try Labellings(
      sizeA: design.runsA, sizeB: design.runsB, limit: significance.resamples,
      generator: Philox(seed: significance.seed, stream: 0))
    return (0..<labellings.rows).map { Array(labellings.isA[$0 * labellings.runs..<($0 + 1) * labellings.runs]) }
  }
}
