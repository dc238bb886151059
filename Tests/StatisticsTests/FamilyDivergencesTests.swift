import Testing

@testable import Statistics

@Suite struct FamilyDivergencesTests {
  private struct Case: Decodable {
    let p, q: [Value]
    let kl: Double
    enum Value: Decodable {
      case text(String)
      case number(Double)
      init(from decoder: any Decoder) throws {
        let container = try decoder.singleValueContainer()
        if let text = try? container.decode(String.self) {
          self = .text(text)
        } else {
          self = .number(try container.decode(Double.self))
        }
      }
    }
  }

  private func member(_ values: [Case.Value]) throws -> any ContinuousDensity {
    guard case .text(let name) = values[0], case .number(let location) = values[1], case .number(let scale) = values[2],
      case .number(let shape) = values[3]
    else { throw SampleError.outOfRange(parameter: "member", value: 0) }
    return switch name {
    case "normal": NormalFit(mean: location, standardDeviation: scale)
    case "laplace": LaplaceFit(location: location, scale: scale)
    case "logistic": LogisticFit(location: location, scale: scale)
    case "student_t": StudentTFit(location: location, scale: scale, degreesOfFreedom: shape)
    default: GeneralizedNormalFit(location: location, scale: scale, shape: shape)
    }
  }

  @Test func againstMpmath() throws {
    for example in try oracle("family_divergences", as: Case.self) {
      let (p, q) = (try member(example.p), try member(example.q))
      #expect(close(klDivergence(of: p, from: q), example.kl, 1e-7), "\(p) from \(q)")
    }
  }

  /// Reference cases of the catalogue, in nats.
  @Test func referenceCases() {
    let normal = NormalFit(mean: 0, standardDeviation: 1)
    func t(_ nu: Double) -> StudentTFit { StudentTFit(location: 0, scale: 1, degreesOfFreedom: nu) }
    #expect(close(klDivergence(of: t(5), from: normal), 0.124769194, absolute: 5e-10))
    #expect(close(klDivergence(of: normal, from: t(5)), 0.033376682, absolute: 5e-10))
    #expect(close(klDivergence(of: t(3), from: t(5)), 0.017630990, absolute: 5e-10))
    #expect(klDivergence(of: t(2), from: normal) == nil)
    #expect(
      close(
        klDivergence(of: LaplaceFit(location: 0, scale: 1), from: normal), 0.225791353, absolute: 5e-10))
    #expect(
      close(
        klDivergence(
          of: GeneralizedNormalFit(location: 0, scale: 1, shape: 0.7),
          from: GeneralizedNormalFit(location: 0, scale: 1.5, shape: 2)), 2.978145308, absolute: 5e-10))
  }

  private struct Neighbours: Decodable {
    let x, y: [Double]
    let k: Int
    let kl: Double
  }

  @Test func neighboursAgainstNumPy() throws {
    for example in try oracle("neighbours", as: Neighbours.self) {
      #expect(close(neighborDivergence(example.x, example.y, neighbors: example.k), example.kl, 1e-10))
    }
    #expect(neighborDivergence([1, 1, 1, 2], [1, 2, 3], neighbors: 1) == nil, "ties")
    #expect(neighborDivergence([1, 2], [1, 2], neighbors: 2) == nil, "too few")
    #expect(neighborDivergence([1, .nan, 3], [1, 2], neighbors: 1) == nil)
  }

  @Test func plugInBiasAgainstHand() {
    let bias = plugInBias(bins: 11, n: 100, m: 200)
    #expect(close(bias.kullbackLeibler, 0.075) && close(bias.jensenShannon, 0.01875))
    #expect(plugInBias(bins: 1, n: 5, m: 5) == (0, 0))
  }
}
