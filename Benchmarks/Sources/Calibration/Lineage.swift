import Comparison
import Foundation

/// How often `lineage` sees an origin that two models do not share.
struct LineageStudy {
  static let pairs = 2_000
  private let rejections: Rejections

  init(threads: Int) async throws {
    let shape = KernelShape()
    let options = testsOnly(["lineage"])
    rejections = Rejections(
      try await map(Self.pairs, threads: threads) { pair in
        var draws = Draws(study: 2_000, pair: pair)
        // Glorot's uniform initialisation, and units of different size as training makes them.
        func model() -> [Double] {
          let scales = (0..<shape.units).map { _ in exp(0.3 * draws.normal()) }
          let limit = (6 / Double(shape.inputs + shape.units)).squareRoot()
          return (0..<shape.inputs * shape.units).map { scales[$0 % shape.units] * limit * (2 * draws.uniform() - 1) }
        }
        let (a, b) = (model(), model())
        return try await pValues(a, b, shape, options)
      })
  }

  var table: String {
    markdown(
      ["", "p ≤ .01", "p ≤ .05"],
      rejections.names.map { name in [name] + Rejections.levels.map { share(rejections.share(name, $0)) } })
  }
}
