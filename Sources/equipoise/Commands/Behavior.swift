import ArgumentParser
import Behavior
import HDF5Store
import Reports
import Results

struct Behavior: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "behavior", abstract: "What the difference does to the predictions on a test set.",
    discussion: """
      From predictions in files:

        equipoise behavior --labels data/test-labels.npy \\
          --predictions-a data/predictions/dense-l2-1e-5-seed0.npy \\
          --predictions-b data/predictions/dense-l2-1e-2-seed0.npy

      By running both SavedModels, for which TensorFlow's C library is needed (`pip install tensorflow-cpu`):

        equipoise behavior data/dense-l2-1e-5-seed0 data/dense-l2-1e-5-seed0-reinit \\
          --inputs data/test-inputs.npy --labels data/test-labels.npy --transplant
      """)

  @Argument(help: "The two SavedModels to run; differences are B − A.")
  var models: [String] = []

  @Option(help: ArgumentHelp("Tags of the graph in a SavedModel, comma-separated.", valueName: "tags"))
  var tag: String?

  @OptionGroup var predictions: PredictionArguments
  @OptionGroup(title: "Running models") var running: RunArguments
  @OptionGroup var behavior: BehaviorArguments
  @OptionGroup var storing: BehaviorStorage
  @OptionGroup var output: OutputOptions

  func validate() throws {
    if models.isEmpty {
      guard predictions.predictionsA != nil, predictions.predictionsB != nil else {
        throw ValidationError(
          "Give --predictions-a and --predictions-b, or two models and --inputs to run them on.")
      }
      if let option = running.asks { throw ValidationError("\(option) goes with two models and --inputs.") }
      guard running.inputs == nil else { throw ValidationError("--inputs goes with two models to run.") }
      return
    }
    guard models.count == 2 else { throw ValidationError("Give two models: equipoise behavior A B --inputs FILE.") }
    guard predictions.predictionsA == nil, predictions.predictionsB == nil else {
      throw ValidationError("Give either two models and --inputs, or predictions of both.")
    }
    guard running.inputs != nil else { throw ValidationError("Give --inputs, the examples to run both models on.") }
  }

  func run() async throws {
    var options = try behavior.options(threads: output.threads)
    predictions.apply(to: &options)
    options.arguments =
      ["behavior"] + predictions.normalized + behavior.normalized + running.normalized
      + (tag.map { ["--tag", $0] } ?? [])
    let (result, examples) =
      models.isEmpty
      ? try await predictions.compareFiles(options)
      : try await ProgressLine.follow(quiet: output.quiet) { [options] in
        try await predictions.run(models, tag: tag, running, options, progress: $0)
      }
    try await storing.write(result, examples, quiet: output.quiet)
    try await output.write(result, by: behavior.by)
  }
}
