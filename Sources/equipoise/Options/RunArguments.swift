import ArgumentParser
import Behavior
import Comparison
import Statistics

/// How models are run, and what of them is exchanged.
struct RunArguments: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      "Examples to run both models on: .npy, .npz (names of inputs), CSV or HDF5.", valueName: "file"),
    completion: .file())
  var inputs: String?

  @Option(help: ArgumentHelp("The signature to run; serving_default unless given.", valueName: "name"))
  var signature: String?

  @Option(help: ArgumentHelp("The output that holds the predictions, where there are several.", valueName: "name"))
  var outputName: String?

  @Option(help: ArgumentHelp("Examples run at a time.", valueName: "n"))
  var batchSize = 256

  @Flag(help: "Give each example's numbers the shape that the model takes, in their order.")
  var reshape = false

  @Option(
    help: ArgumentHelp(
      "TensorFlow's C library, or a virtual environment or python that has the package.", valueName: "path"))
  var tensorflow: String?

  @Flag(help: "Put each layer of B into A, and the reverse: which layer is it?")
  var transplant = false

  @Option(
    help: ArgumentHelp(
      "Walk the straight line between the weights in this many steps: is there a barrier?", valueName: "n"))
  var interpolate: Int?

  func validate() throws {
    guard (1...1_000_000).contains(batchSize) else { throw ValidationError("--batch-size must be 1 to 1000000.") }
    if let interpolate, !(2...1_000).contains(interpolate) {
      throw ValidationError("--interpolate must be 2 to 1000 steps.")
    }
  }

  /// Whether anything is asked that only a run answers.
  var asks: String? {
    if transplant { return "--transplant" }
    if interpolate != nil { return "--interpolate" }
    return signature != nil ? "--signature" : outputName != nil ? "--output-name" : reshape ? "--reshape" : nil
  }

  func options(tag: String?, threads: Int) -> RunOptions {
    var options = RunOptions()
    options.tag = tag
    options.signature = signature
    options.output = outputName
    options.batchSize = batchSize
    options.reshapes = reshape
    options.threads = threads
    return options
  }

  func exchange(_ behavior: BehaviorOptions) -> ExchangeOptions {
    var options = ExchangeOptions()
    options.transplants = transplant
    options.points = interpolate.map { $0 + 1 }
    options.comparison.threads = behavior.threads
    var tests = SignificanceOptions()
    tests.seed = behavior.seed
    tests.resamples = behavior.resamples
    tests.intervalResamples = behavior.intervalResamples
    tests.adjustment = behavior.adjustment
    tests.alpha = behavior.alpha
    tests.confidence = behavior.confidence
    options.comparison.significance = tests
    return options
  }

  var normalized: [String] {
    var result: [String] = []
    if let signature { result += ["--signature", signature] }
    if let outputName { result += ["--output-name", outputName] }
    if batchSize != 256 { result += ["--batch-size", "\(batchSize)"] }
    if reshape { result.append("--reshape") }
    if transplant { result.append("--transplant") }
    if let interpolate { result += ["--interpolate", "\(interpolate)"] }
    return result
  }
}
