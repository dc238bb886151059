import Testing

@testable import Statistics

@Suite struct DivergencesTests {
  static let standard = NormalFit(mean: 0, standardDeviation: 1)

  @Test func closedFormsAgainstReferences() {
    let wide = NormalFit(mean: 1, standardDeviation: 2)
    #expect(close(klDivergence(Self.standard, wide), 0.443147181, absolute: 5e-10))
    #expect(close(klDivergence(wide, Self.standard), 1.306852819, absolute: 5e-10))
    let laplace = LaplaceFit(location: 0, scale: 1)
    #expect(close(klDivergence(laplace, LaplaceFit(location: 1, scale: 2)), 0.377086901, absolute: 5e-10))
    #expect(close(klDivergence(laplace, Self.standard), 0.225791353, absolute: 5e-10))
    let peaked = GeneralizedNormalFit(location: 0, scale: 1, shape: 0.7)
    var round = GeneralizedNormalFit(location: 0, scale: 1.5, shape: 2)
    #expect(close(klDivergence(peaked, round), 2.978145308, absolute: 5e-10))
    #expect(close(klDivergence(peaked, quadratureFrom: round), 2.978145308, absolute: 5e-9))
    round.location = 1
    #expect(klDivergence(peaked, round) == nil)
  }

  @Test func quadratureAgainstReferences() {
    let t5 = StudentTFit(location: 0, scale: 1, degreesOfFreedom: 5)
    let t3 = StudentTFit(location: 0, scale: 1, degreesOfFreedom: 3)
    #expect(close(klDivergence(t5, quadratureFrom: Self.standard), 0.124769194, absolute: 5e-10))
    #expect(close(klDivergence(Self.standard, quadratureFrom: t5), 0.033376682, absolute: 5e-10))
    #expect(close(klDivergence(t3, quadratureFrom: t5), 0.017630990, absolute: 5e-10))
    let shifted = NormalFit(mean: 1, standardDeviation: 1)
    #expect(close(jensenShannonDivergence(Self.standard, shifted), 0.111421482, absolute: 5e-10))
    #expect(close(jensenShannonDivergence(Self.standard, shifted, unit: .bits), 0.1607, absolute: 5e-5))
    // No finite divergence: the tail of t with one degree of freedom has no variance.
    let cauchy = StudentTFit(location: 0, scale: 1, degreesOfFreedom: 1)
    #expect(klDivergence(cauchy, quadratureFrom: Self.standard) == nil)
  }

  @Test func fittedAgainstMpmath() throws {
    struct Case: Decodable {
      var p, q: String
      var pLocation, pScale, qLocation, qScale, klPQ, klQP, js: Double
    }
    for item in try oracle("fitted_divergences", as: Case.self) {
      let pNormal = NormalFit(mean: item.pLocation, standardDeviation: item.pScale)
      let qNormal = NormalFit(mean: item.qLocation, standardDeviation: item.qScale)
      let pLaplace = LaplaceFit(location: item.pLocation, scale: item.pScale)
      let qLaplace = LaplaceFit(location: item.qLocation, scale: item.qScale)
      let results: Results
      switch (item.p, item.q) {
      case ("normal", "normal"):
        results = Results(pNormal, qNormal, klDivergence(pNormal, qNormal), klDivergence(qNormal, pNormal))
      case ("laplace", "laplace"):
        results = Results(pLaplace, qLaplace, klDivergence(pLaplace, qLaplace), klDivergence(qLaplace, pLaplace))
      case ("normal", _):
        results = Results(pNormal, qLaplace, klDivergence(pNormal, qLaplace), klDivergence(qLaplace, pNormal))
      default:
        results = Results(pLaplace, qNormal, klDivergence(pLaplace, qNormal), klDivergence(qNormal, pLaplace))
      }
      #expect(close(results.kl, item.klPQ, 1e-9) && close(results.lk, item.klQP, 1e-9), "\(item)")
      #expect(close(results.byQuadrature, item.klPQ, 1e-8), "\(item)")
      #expect(close(results.js, item.js, 1e-8), "\(item)")
    }
  }

  private struct Results {
    var kl, lk, byQuadrature, js: Double?

    init<P: ContinuousDensity, Q: ContinuousDensity>(_ p: P, _ q: Q, _ kl: Double?, _ lk: Double?) {
      (self.kl, self.lk) = (kl, lk)
      byQuadrature = klDivergence(p, quadratureFrom: q)
      js = jensenShannonDivergence(q, p)
    }
  }

  @Test func equalFitsDoNotDiverge() {
    let near = NormalFit(mean: 0, standardDeviation: 1 + 1e-9)
    #expect(klDivergence(Self.standard, Self.standard) == 0)
    #expect(close(klDivergence(Self.standard, near), 1e-18, 1e-3))
    #expect(close(jensenShannonDivergence(Self.standard, Self.standard), 0, absolute: 1e-15))
  }

  @Test func improperFitsGiveNothing() {
    let flat = NormalFit(mean: 0, standardDeviation: 0)
    #expect(klDivergence(flat, Self.standard) == nil && klDivergence(Self.standard, flat) == nil)
    #expect(jensenShannonDivergence(flat, Self.standard) == nil)
    #expect(klDivergence(LaplaceFit(location: .nan, scale: 1), Self.standard) == nil)
  }

  @Test func histogramsAgainstSciPy() throws {
    struct Case: Decodable { var a, b, edges: [Double], kl, js, ks, w1: Double }
    for item in try oracle("histograms", as: Case.self) {
      #expect(close(klDivergence(item.a, item.b), item.kl, 1e-12))
      #expect(close(jensenShannonDivergence(item.a, item.b), item.js, 1e-10))
      #expect(close(jensenShannonDivergence(item.a, item.b, unit: .nats), item.js * 0.6931471805599453, 1e-10))
      #expect(close(kolmogorovSmirnovStatistic(item.a, item.b), item.ks, 1e-12))
      #expect(close(wassersteinDistance(item.a, item.b, edges: item.edges), item.w1, 1e-12))
      #expect(jensenShannonDivergence(item.a, item.b) == jensenShannonDivergence(item.b, item.a))
    }
  }

  /// The series and the logarithms of the Jensen-Shannon term meet at d = 1/8, and small divergences keep their digits:
  /// d²/8 nats between (1 ± d)/2 and ½.
  @Test func smallDivergencesKeepTheirDigits() {
    func js(_ d: Double) -> Double? { jensenShannonDivergence([1 + d, 1 - d], [1, 1], unit: .nats) }
    let below = js(0.2857)
    let above = js(0.2858)
    #expect((above ?? 0) > (below ?? 1) && close(above, below ?? 0, 1e-3))
    #expect(close(js(1e-6), 1.25e-13, 1e-9))
    #expect(close(js(0x1p-40), 0x1p-83, 1e-9))
    #expect(close(js(0.1), 0.00125366206831312, 1e-12))
  }

  /// 180 bins of .05: the distance of the values themselves within 10⁻³, the KS statistic within the content of a bin.
  @Test func histogramsAgainstTheSample() throws {
    struct Case: Decodable { var a, b, edges: [Double], w1, ks: Double }
    for item in try oracle("wasserstein", as: Case.self) {
      #expect(close(wassersteinDistance(item.a, item.b, edges: item.edges), item.w1, absolute: 1e-3))
      let ks = try #require(kolmogorovSmirnovStatistic(item.a, item.b))
      #expect(ks <= item.ks + 1e-12 && ks > item.ks - 0.02)
    }
  }

  @Test func degenerateHistogramsAreDefined() {
    let full: [Double] = [1, 2, 3]
    for other in [[0, 0, 0], [1, 2], [.nan, 1, 1], [.infinity, 1, 1]] as [[Double]] {
      #expect(klDivergence(full, other) == nil && klDivergence(other, full) == nil)
      #expect(jensenShannonDivergence(full, other) == nil)
      #expect(kolmogorovSmirnovStatistic(other, full) == nil)
      #expect(wassersteinDistance(full, other, edges: [0, 1]) == nil)
    }
    #expect(wassersteinDistance(full, full, edges: [0]) == nil)
    #expect(klDivergence(full, [0, 2, 3], smoothing: 0) == .infinity)
    #expect(jensenShannonDivergence([1, 0, 0], [0, 1, 0]) == 1)
    #expect(jensenShannonDivergence(full, [2, 4, 6]) == 0)
    #expect(kolmogorovSmirnovStatistic([1, 0, 0], [0, 0, 1]) == 1)
    #expect(wassersteinDistance([1, 0, 0], [0, 0, 1], edges: [2, 5]) == 3)
    // Below 0 by rounding only.
    #expect(jensenShannonDivergence([1, -1e-20], [1, 0]) == 0)
    #expect(klDivergence([] as [Double], []) == nil)
  }
}
