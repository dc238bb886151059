import ArgumentParser
import Behavior
import HDF5Store
import Reports
import Results
import TensorFlowRuntime

struct Behavior: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "What the difference does to the predictions on a test set.",
    discussion: """
      From predictions in files:

        equipoise behavior --predictions-a data/predictions/dense-l2-1e-5-seed0.npy \\
          --predictions-b data/predictions/dense-l2-1e-2-seed0.npy --labels data/test-labels.npy

      By running both SavedModels, for which TensorFlow's C library is needed (`pip install tensorflow-cpu`):

        equipoise behavior data/dense-l2-1e-5-seed0 data/dense-l2-1e-5-seed0-reinit \\
          --inputs data/test-inputs.npy --labels data/test-labels.npy --transplant
      """)

  @Argument(help: "The two SavedModels to run; differences are B − A.")
  var models: [String] = []

  @Option(
    help: ArgumentHelp(
      "Predictions of A: .npy, .npz, CSV or HDF5; FILE:NAME chooses one of several arrays.", valueName: "file"))
  var predictionsA: String?

  @Option(help: ArgumentHelp("Predictions of B, of the same examples in the same order.", valueName: "file"))
  var predictionsB: String?

  @Option(help: ArgumentHelp("Classes or targets of the examples.", valueName: "file"))
  var labels: String?

  @OptionGroup(title: "Running models") var running: RunArguments
  @OptionGroup var behavior: BehaviorArguments
  @OptionGroup var storing: BehaviorStorage
  @OptionGroup var output: OutputOptions

  func validate() throws {
    if models.isEmpty {
      guard predictionsA != nil, predictionsB != nil else {
        throw ValidationError(
          "Give --predictions-a and --predictions-b, or two models and --inputs to run them on.")
      }
      if let option = running.asks { throw ValidationError("\(option) goes with two models and --inputs.") }
      guard running.inputs == nil else { throw ValidationError("--inputs goes with two models to run.") }
      return
    }
    guard models.count == 2 else { throw ValidationError("Give two models: equipoise behavior A B --inputs FILE.") }
    guard predictionsA == nil, predictionsB == nil else {
      throw ValidationError("Give either two models and --inputs, or predictions of both.")
    }
    guard running.inputs != nil else { throw ValidationError("Give --inputs, the examples to run both models on.") }
  }

  func run() async throws {
    var options = try behavior.options(threads: output.threads)
    options.arguments += running.normalized
    let (result, examples) = models.isEmpty ? try await fromFiles(options) : try await byRunning(options)
    if let examples { try await storing.write(result, examples, quiet: output.quiet) }
    try await output.write(result, by: behavior.by)
  }

  private typealias Found = (BehaviorComparison, BehaviorExamples?)

  private func fromFiles(_ options: BehaviorOptions) async throws -> Found {
    var examples: BehaviorExamples?
    let result = try await compareBehavior(
      SourcedPredictions(openArray(at: predictionsA ?? "")), SourcedPredictions(openArray(at: predictionsB ?? "")),
      labels: labels.map(openArray), options: options
    ) { examples = $0 }
    return (result, examples)
  }

  private func byRunning(_ options: BehaviorOptions) async throws -> Found {
    let a = try openModel(at: models[0], tag: running.tag)
    let b = try openModel(at: models[1], tag: running.tag)
    let path = running.inputs ?? ""
    if Probe.isNeeded(for: arrayFile(of: path)) { _ = try openArray(at: path) }
    let inputs = try ModelInputs(at: path)
    let truth = try labels.map(openArray)
    let library = try TensorFlowLibrary(path: TensorFlowLocation.find(named: running.tensorflow))
    return try await ProgressLine.follow(quiet: output.quiet) {
      var examples: BehaviorExamples?
      let result = try await runBehavior(
        a, b, library: library, inputs: inputs, labels: truth, run: running.options(threads: output.threads),
        options: options, exchange: running.exchange(options), progress: $0
      ) { examples = $0 }
      return (result, examples)
    }
  }
}
