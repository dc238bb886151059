import ArgumentParser
import Behavior
import Comparison
import Results
import TensorFlowRuntime

extension BehaviorTask: ExpressibleByArgument {}

/// Where predictions of two models come from, and what they are.
struct PredictionArguments: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      "Predictions of A: .npy, .npz, CSV or HDF5; FILE:NAME chooses one of several arrays.", valueName: "file"),
    completion: .file())
  var predictionsA: String?

  @Option(
    help: ArgumentHelp("Predictions of B, of the same examples in the same order.", valueName: "file"),
    completion: .file())
  var predictionsB: String?

  @Option(help: ArgumentHelp("Classes or targets of the examples.", valueName: "file"), completion: .file())
  var labels: String?

  @Option(help: ArgumentHelp("What is predicted; told by the arrays unless given.", valueName: "task"))
  var task: BehaviorTask?

  @Flag(help: "The predictions are logits.")
  var logits = false

  @Option(
    help: ArgumentHelp("Comma-separated names of the classes, in the order of the columns.", valueName: "list"))
  var classes: String?

  @Option(help: ArgumentHelp("Bins of equal width behind the calibration error.", valueName: "n"))
  var bins = 15

  @Option(help: ArgumentHelp("Examples shown where the models differ most.", valueName: "n"))
  var examples = 10

  func validate() throws {
    guard (1...1_000).contains(bins) else { throw ValidationError("--bins must be 1 to 1000.") }
    guard (0...100_000).contains(examples) else { throw ValidationError("--examples must be 0 to 100000.") }
  }

  /// The first option of these that was given.
  var asks: String? {
    for (name, value) in [
      ("--predictions-a", predictionsA), ("--predictions-b", predictionsB), ("--labels", labels),
      ("--task", task?.rawValue), ("--classes", classes),
    ] where value != nil { return name }
    return logits ? "--logits" : bins != 15 ? "--bins" : examples != 10 ? "--examples" : nil
  }

  func apply(to options: inout BehaviorOptions) {
    options.task = task
    options.logits = logits
    options.classNames = classes.map(items)
    options.bins = bins
    options.examples = examples
  }

  var normalized: [String] {
    let standard = BehaviorOptions()
    var result: [String] = []
    if let task { result += ["--task", task.rawValue] }
    if logits { result.append("--logits") }
    if let classes { result += ["--classes", items(classes).joined(separator: ",")] }
    if bins != standard.bins { result += ["--bins", "\(bins)"] }
    if examples != standard.examples { result += ["--examples", "\(examples)"] }
    return result
  }
}

extension PredictionArguments {
  typealias Found = (result: BehaviorComparison, examples: BehaviorExamples?)

  /// Compares the predictions of the files.
  func compareFiles(_ options: BehaviorOptions) async throws -> Found {
    var examples: BehaviorExamples?
    let result = try await compareBehavior(
      SourcedPredictions(openArray(at: predictionsA ?? "")), SourcedPredictions(openArray(at: predictionsB ?? "")),
      labels: labels.map(openArray), options: options
    ) { examples = $0 }
    return (result, examples)
  }

  /// Runs both models and compares what they predict.
  func run(
    _ models: [String], tag: String?, _ running: RunArguments, _ options: BehaviorOptions, progress: WorkProgress
  ) async throws -> Found {
    let (a, b) = try await openModels(models[0], models[1], tag: tag)
    let path = running.inputs ?? ""
    if Probe.isNeeded(for: arrayFile(of: path)) { _ = try openArray(at: path) }
    let inputs = try ModelInputs(at: path)
    let truth = try labels.map(openArray)
    let library = try TensorFlowLibrary(path: TensorFlowLocation.find(named: running.tensorflow))
    var examples: BehaviorExamples?
    let result = try await runBehavior(
      a, b, library: library, inputs: inputs, labels: truth, run: running.options(tag: tag, threads: options.threads),
      options: options, exchange: running.exchange(options), progress: progress
    ) { examples = $0 }
    return (result, examples)
  }
}
