import Foundation

/// Measures how often the tests reject and the intervals cover, and writes the figures into the documentation.
///
///     Calibration [--root DIR] [--seeds DIR] [--details] [STUDY …]
///
/// Studies: size, equivalence, lineage, power, coverage, bundled, recipe, seeds; without a name all but `seeds`.
/// The figures stand between marks in the documents, so each study replaces its own. `weights` prints p-values that a script
/// holds against SciPy. `--seeds` is the folder that `Calibration/train_seeds.py` filled.
@main
struct Calibration {
  static func main() async {
    do {
      try await run(Array(CommandLine.arguments.dropFirst()))
    } catch {
      FileHandle.standardError.write(Data("calibration: \(error)\n".utf8))
      exit(2)
    }
  }

  private static let simulations = ["size", "equivalence", "lineage", "power", "coverage", "bundled", "recipe"]

  private static func run(_ arguments: [String]) async throws {
    var root = "."
    var seeds: String?
    var details = false
    var studies: [String] = []
    var rest = arguments[...]
    while let argument = rest.popFirst() {
      switch argument {
      case "--root": root = rest.popFirst() ?? root
      case "--seeds": seeds = rest.popFirst()
      case "--details": details = true
      case "seeds", "weights": studies.append(argument)
      case _ where simulations.contains(argument): studies.append(argument)
      default: throw Trouble("unknown argument \(argument)")
      }
    }
    if studies.isEmpty { studies = simulations }
    let threads = max(1, ProcessInfo.processInfo.activeProcessorCount)
    let documents = Documents(
      paths: ["docs/calibration.md", "docs/Equipoise.docc/Calibration.md", "README.md"].map { "\(root)/\($0)" })
    var outside: [String] = []
    for study in studies {
      let start = Date()
      switch study {
      case "size":
        let size = try await SizeStudy(threads: threads)
        try documents.fill("size", "\(size.boundsSentence)\n\n\(size.unitTable)")
        try documents.fill("weights", size.weightTable)
        try documents.fill("run", size.runTable)
        outside += size.failures
      case "equivalence":
        try documents.fill("equivalence", try await EquivalenceStudy(threads: threads).table)
      case "lineage":
        let lineage = try await LineageStudy(data: "\(root)/data", threads: threads)
        try documents.fill("lineage", "\(lineage.table)\n\n\(lineage.trainedTable)")
        outside += lineage.failures
      case "power":
        let power = try await PowerStudy(threads: threads)
        let recipe = try await RecipePowerStudy(threads: threads)
        try documents.fill("power", "\(power.tables)\n\n\(recipe.table)")
        try chart(power.chartPanels + [recipe.panel], label: "share of p ≤ .05").write(
          toFile: "\(root)/docs/Equipoise.docc/Resources/power.svg", atomically: true, encoding: .utf8)
      case "coverage":
        try documents.fill("coverage", try await CoverageStudy(threads: threads).table)
      case "weights":
        print(try await weightAnswers(data: "\(root)/data"))
        continue
      case "recipe":
        let recipe = try await RecipeStudy(data: "\(root)/data", seeds: seeds, threads: threads)
        try documents.fill("recipe", recipe.bundledTable)
        if seeds != nil { try documents.fill("splits", recipe.splitTable) }
      case "bundled":
        try documents.fill("bundled", try await BundledStudy(data: "\(root)/data", threads: threads).table)
      default:
        guard let seeds else { throw Trouble("seeds needs --seeds DIR, which Calibration/train_seeds.py fills") }
        let study = try await SeedsStudy(folder: seeds, threads: threads)
        if details { print(study.details) }
        try documents.fill("seeds", "\(study.sameTable)\n\n\(study.differentTable)")
        try documents.fill("norms", study.normTable)
        if let table = study.continuedTable { try documents.fill("continued", table) }
      }
      print("\(study): \(String(format: "%.1f", Date().timeIntervalSince(start))) s")
    }
    if !outside.isEmpty { throw Trouble("outside their bounds: \(outside.joined(separator: "; "))") }
  }
}
