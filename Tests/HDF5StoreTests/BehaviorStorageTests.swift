import Behavior
import Foundation
import HDF5
import Results
import Testing

@testable import HDF5Store

/// Predictions and what was found of them, in a file of their own and beside the weights.
struct BehaviorStorageTests {
  private let folder: Folder

  init() throws { folder = try Folder() }

  private func compared() async throws -> (result: BehaviorComparison, examples: BehaviorExamples) {
    var options = BehaviorOptions()
    options.resamples = 199
    options.intervalResamples = 199
    var examples: BehaviorExamples?
    let result = try await compareBehavior(
      SourcedPredictions(readArray(at: "\(data)/predictions/dense-l2-1e-5-seed0.npy")),
      SourcedPredictions(readArray(at: "\(data)/predictions/dense-l2-1e-2-seed0.npy")),
      labels: readArray(at: "\(data)/test-labels.npy"), options: options
    ) { examples = $0 }
    return (result, try #require(examples))
  }

  @Test(arguments: StringStorage.allCases) func everyExampleIsThere(strings: StringStorage) async throws {
    let (result, examples) = try await compared()
    let path = folder.file("behavior.h5")
    try writeBehaviorHDF5(result, examples, to: path, strings: strings)
    let group = try HDF5File(reading: path).root.group("behavior")
    #expect(try group.numbers("predictions/a") == readArray(at: "\(data)/predictions/dense-l2-1e-5-seed0.npy").values)
    #expect(try group.counts("predictions/label") == examples.labels)
    // What the measures are made of gives them again.
    let accuracy = try #require(result.measures.first { $0.name == "accuracy" })
    let correct = try group.flags("examples/correct_b")
    #expect(Double(correct.count { $0 }) / 450 == accuracy.b)
    let loss = try #require(result.measures.first { $0.name == "log_loss" })
    let mean = try group.numbers("examples/log_loss_a").reduce(0, +) / 450
    #expect(abs(mean - loss.a) < 1e-12)
    #expect(try group.strings("measures/measure") == result.measures.map(\.name))
    let onlyA = zip(try group.flags("examples/correct_a"), correct).count { $0 && !$1 }
    #expect(try group.numbers("agreement/only_a_correct") == [Double(onlyA)])
    #expect(throws: ExportError.self) { try readResults(from: path) }
  }

  @Test func predictionsGoBesideTheWeights() async throws {
    let (result, examples) = try await compared()
    let pair = folder.file("pairs.h5")
    try await writeHDF5(try await densePair.value, to: pair, options: ExportOptions())
    let added = folder.file("both.h5")
    #expect(try appendBehaviorHDF5(result, examples, after: pair, to: added) == "behavior")
    let again = folder.file("thrice.h5")
    #expect(try appendBehaviorHDF5(result, examples, after: added, to: again) == "behavior_2")
    #expect(try await json(readResults(from: again)) == json(densePair.value.result))
    #expect(try HDF5File(reading: again).root.group("behavior_2").numbers("examples/distance") == examples.distances)
  }

  @Test func sameBytes() async throws {
    let (result, examples) = try await compared()
    try writeBehaviorHDF5(result, examples, to: folder.file("1.h5"))
    try writeBehaviorHDF5(result, examples, to: folder.file("2.h5"))
    #expect(try bytes(of: folder.file("1.h5")) == bytes(of: folder.file("2.h5")))
  }
}
