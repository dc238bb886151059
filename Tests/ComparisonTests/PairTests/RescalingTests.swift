import Checkpoints
import Foundation
import Results
import Testing

@testable import Comparison

/// With ReLU a unit's norm is not identified: what the report says of it.
@Suite struct RescalingTests {
  private let inputs = 12, units = 16, outputs = 5

  private func model(_ kernel: [Double], _ next: [Double]) -> MemoryCheckpoint {
    MemoryCheckpoint([
      .float64("a/kernel", [inputs, units], kernel), .float64("b/kernel", [units, outputs], next),
      .float64("c/kernel", [outputs, 1], Array(repeating: 0.5, count: outputs)),
    ])
  }

  private func pair(scaledBack: Bool) -> (MemoryCheckpoint, MemoryCheckpoint) {
    var random = Simulation(seed: 91)
    let kernel = random.normals(inputs * units)
    let next = random.normals(units * outputs)
    let factors = (0..<units).map { _ in 0.4 + 0.3 * random.uniform() }
    let scaled = kernel.enumerated().map { $1 * factors[$0 % units] }
    let back = next.enumerated().map { scaledBack ? $1 / factors[$0 / outputs] : $1 }
    return (model(kernel, next), model(scaled, back))
  }

  @Test func aRescaledCopyIsSaid() async throws {
    let (a, b) = pair(scaledBack: true)
    let result = try await compare(a, b, options: testing()).result
    let row = try result.pair("a/kernel").row("scale", "in_out_norm_product")
    #expect(close(row.value, 1, 1e-9) && row.pValue == nil)
    #expect(close(row.details?["smallest"], 1, 1e-9) && close(row.details?["largest"], 1, 1e-9))
    #expect(row.warnings.contains { $0.contains("rescaled copy") })
    #expect(try result.layer("a").warnings.contains { $0.contains("rescaled copy") })
    #expect(result.warnings.contains { $0.contains("computes the same") })
    // The tests themselves react, which is why it has to be said.
    #expect(try #require(try result.pair("a/kernel").row("scale", "mean_norm_difference").pValue) < 0.01)
  }

  @Test func aShrunkLayerIsNot() async throws {
    let (a, b) = pair(scaledBack: false)
    let result = try await compare(a, b, options: testing()).result
    let row = try result.pair("a/kernel").row("scale", "in_out_norm_product")
    #expect(try #require(row.value) < 0.8)
    #expect(!result.warnings.contains { $0.contains("rescaled copy") })
    // Whatever else is compared.
    let alone = try await compare(a, b, options: testing { $0.include = ["a"] }).result
    #expect(try alone.pair("a/kernel").row("scale", "in_out_norm_product").value == row.value)
  }

  @Test func bundledModelsAreNoRescaledCopies() async throws {
    let result = try await compare(
      openCheckpoint(at: bundled("conv-l2-1e-5-seed0")), openCheckpoint(at: bundled("conv-l2-1e-2-seed0")),
      options: testing()
    ).result
    // conv_2's channels leave through the flattened rows of the output.
    #expect(try result.pair("conv_2/kernel").row("scale", "in_out_norm_product").unitCount == 32)
    #expect(!result.warnings.contains { $0.contains("rescaled") })
  }
}
