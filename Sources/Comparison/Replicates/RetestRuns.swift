import Results
import Statistics

/// Tests runs again, from the features that were kept of their tensors: no run is needed.
///
/// With the options of the first time the result is that of the first time, p-value by p-value.
/// - Parameters:
///   - earlier: The comparison; what it says of tests is replaced.
///   - options: `include` and `exclude` choose among its tensors, and `roles` where they are given;
///     ``ComparisonOptions/significance`` says how they are tested.
///   - features: What was kept of a tensor, by its place in `earlier`: of each run, those of A first.
/// - Throws: What `features` throws, `SampleError`, `CancellationError`.
/// - Complexity: That of the tests: O(runs² · labellings) a tensor.
package func retestRuns(
  _ earlier: RunComparison, options: ComparisonOptions, roles: Set<Role>?, progress: WorkProgress = .ignored,
  features: (Int) throws -> [RunFeatures]
) throws -> RunComparison {
  let settings = options.significance ?? SignificanceOptions()
  var result = earlier
  result.provenance.retested(options.arguments, settings)
  result.layers = []
  result.tensors = []
  let chosen = earlier.tensors.indices.filter { i in
    options.isIncluded(earlier.tensors[i].name) && roles?.contains(earlier.tensors[i].role) ?? true
  }
  progress.expect(.testing, chosen.count)
  let samples = try chosen.map { i in
    try Task.checkCancellation()
    progress.advance(.testing, by: 1)
    return try RunSample(earlier.tensors[i], features(i))
  }
  let labellings = try result.design(sizeA: earlier.a.runs.count, sizeB: earlier.b.runs.count, settings)
  result.verdict = verdict(samples, damaged: earlier.damaged)
  result.warnings.removeAll { $0.hasPrefix(result.design.floorWarningStart) }
  result.warnings += result.design.floorWarning(alpha: settings.alpha)
  try result.test(samples, labellings, settings)
  return result
}

extension Provenance {
  /// Says of a document that was tested again how that was done; the inputs stay.
  mutating func retested(_ arguments: [String], _ settings: SignificanceOptions) {
    version = equipoiseVersion
    self.arguments = arguments
    seed = settings.seed
    generator = Self.philox
    resamples = settings.resamples
    libraries = ["gsl": gslVersion]
  }
}
