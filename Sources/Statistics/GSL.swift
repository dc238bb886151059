@preconcurrency import CGSL

/// GSL's thin boundary: its handler aborts the process by default, so it is switched off before the first call and every
/// returned code is checked instead.
enum GSL {
  private static let handlerIsOff: Bool = {
    _ = gsl_set_error_handler_off()
    return true
  }()

  /// Touch before any GSL call that can fail.
  @inline(__always) static func prepare() { _ = handlerIsOff }

  /// Lends a `gsl_function` that calls a Swift closure.
  static func withFunction<R>(_ f: (Double) -> Double, _ body: (UnsafeMutablePointer<gsl_function>) -> R) -> R {
    withoutActuallyEscaping(f) { escaping in
      var boxed: (Double) -> Double = escaping
      return withUnsafeMutablePointer(to: &boxed) { box in
        var function = gsl_function(
          function: { x, context in
            guard let context else { return .nan }
            return context.assumingMemoryBound(to: ((Double) -> Double).self).pointee(x)
          },
          params: UnsafeMutableRawPointer(box))
        return withUnsafeMutablePointer(to: &function, body)
      }
    }
  }

  /// Returns the root of a continuous function whose signs differ at the ends, by Brent's method; `nil` if they do not.
  ///
  /// - Complexity: About 10 calls of `f`, at most 200.
  static func root(from lower: Double, to upper: Double, relative: Double = 1e-15, _ f: (Double) -> Double) -> Double? {
    prepare()
    let atLower = f(lower)
    let atUpper = f(upper)
    if atLower == 0 { return lower }
    if atUpper == 0 { return upper }
    guard (atLower < 0) != (atUpper < 0), atLower.isFinite, atUpper.isFinite,
      let solver = gsl_root_fsolver_alloc(gsl_root_fsolver_brent)
    else { return nil }
    defer { gsl_root_fsolver_free(solver) }
    return withFunction(f) { function in
      guard gsl_root_fsolver_set(solver, function, lower, upper) == GSL_SUCCESS.status else { return nil }
      for _ in 0..<200 {
        guard gsl_root_fsolver_iterate(solver) == GSL_SUCCESS.status else { return nil }
        let low = gsl_root_fsolver_x_lower(solver)
        let high = gsl_root_fsolver_x_upper(solver)
        let magnitude = min(abs(low), abs(high))
        if high - low <= 4 * .ulpOfOne * max(abs(low), abs(high)) + relative * magnitude { break }
      }
      let found = gsl_root_fsolver_root(solver)
      return found.isFinite ? found : nil
    }
  }

  /// Returns the point where a function of several variables is smallest, by the Nelder-Mead simplex; `nil` on failure.
  static func minimum(
    start: [Double], step: [Double], tolerance: Double = 1e-10, iterations: Int = 2_000,
    _ f: (UnsafePointer<gsl_vector>) -> Double
  ) -> [Double]? {
    prepare()
    let size = start.count
    guard size > 0, step.count == size,
      let point = gsl_vector_alloc(size), let steps = gsl_vector_alloc(size),
      let minimizer = gsl_multimin_fminimizer_alloc(gsl_multimin_fminimizer_nmsimplex2, size)
    else { return nil }
    defer {
      gsl_vector_free(point)
      gsl_vector_free(steps)
      gsl_multimin_fminimizer_free(minimizer)
    }
    for index in 0..<size {
      gsl_vector_set(point, index, start[index])
      gsl_vector_set(steps, index, step[index])
    }
    typealias Objective = (UnsafePointer<gsl_vector>) -> Double
    return withoutActuallyEscaping(f) { escaping -> [Double]? in
      var boxed: Objective = escaping
      return withUnsafeMutablePointer(to: &boxed) { box -> [Double]? in
        var function = gsl_multimin_function(
          f: { x, context in
            guard let x, let context else { return .infinity }
            return context.assumingMemoryBound(to: Objective.self).pointee(x)
          },
          n: size, params: UnsafeMutableRawPointer(box))
        return withUnsafeMutablePointer(to: &function) { function -> [Double]? in
          guard gsl_multimin_fminimizer_set(minimizer, function, point, steps) == GSL_SUCCESS.status else { return nil }
          for _ in 0..<iterations {
            // GSL_ENOPROG: the simplex cannot shrink further, the best point so far is the answer.
            guard gsl_multimin_fminimizer_iterate(minimizer) == GSL_SUCCESS.status else { break }
            if gsl_multimin_fminimizer_size(minimizer) < tolerance { break }
          }
          guard let best = gsl_multimin_fminimizer_x(minimizer) else { return nil }
          let found = (0..<size).map { gsl_vector_get(best, $0) }
          return found.allSatisfy(\.isFinite) ? found : nil
        }
      }
    }
  }
}

extension BinaryInteger {
  /// One of GSL's status codes in the type that its functions return.
  var status: Int32 { Int32(truncatingIfNeeded: self) }
}
