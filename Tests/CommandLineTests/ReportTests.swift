import Foundation
import Testing

/// The page as the program writes it; `make test-page` opens it in a browser.
struct ReportTests {
  let a = Program.data("dense-l2-1e-5-seed0"), b = Program.data("dense-l2-1e-2-seed0")

  @Test func sameBytesWhateverTheThreads() throws {
    let folder = try Scratch()
    for threads in ["1", "3"] {
      let outcome = try Program.run(
        [
          "report", a, b, "-o", folder.file("\(threads).html"), "--resamples", "199", "--interval-resamples", "99",
          "--threads", threads,
        ])
      #expect(outcome.status == 0 && outcome.output.isEmpty, "\(outcome.errors)")
    }
    let page = try String(contentsOfFile: folder.file("1.html"), encoding: .utf8)
    #expect(try String(contentsOfFile: folder.file("3.html"), encoding: .utf8) == page)
    #expect(page.contains("3 of 3 layers differ") && page.contains("kernel_regularizer.l2"))
    #expect(page.contains("--interval-resamples 99 --resamples 199 -o report.html"), "the command to repeat it")
    #expect(try FileManager.default.contentsOfDirectory(atPath: folder.path).sorted() == ["1.html", "3.html"])
  }

  @Test func identicalModelsHaveAPageToo() throws {
    let folder = try Scratch()
    #expect(try Program.run(["report", a, "\(a)-resaved", "-o", folder.file("same.html")]).status == 0)
    #expect(
      try String(contentsOfFile: folder.file("same.html"), encoding: .utf8).contains(
        "The two models have identical values"))
  }

  @Test func runsOfTwoRecipesHaveTheirOwnPage() throws {
    let folder = try Scratch()
    let runs = { (penalty: String) in (0..<3).map { Program.data("dense-l2-\(penalty)-seed\($0)") } }
    let outcome = try Program.run(
      ["report", "-o", folder.file("runs.html"), "--group-a"] + runs("1e-5") + ["--group-b"] + runs("1e-2"))
    #expect(outcome.status == 0, "\(outcome.errors)")
    let page = try String(contentsOfFile: folder.file("runs.html"), encoding: .utf8)
    #expect(page.contains("comparison of two recipes") && page.contains("The effect, run by run"))
    #expect(page.components(separatedBy: "class=\"run-a\"").count > 9, "every run is a point")
    #expect(page.contains("equipoise report --group-a ") && !page.contains("{{"))
    #expect(try Program.run(["report", "-o", "x.html", "--group-a", "x", "--group-b", "y", "z"]).status == 64)
  }

  private let few = ["--resamples", "199", "--interval-resamples", "99"]

  private func page(_ arguments: [String], in folder: Scratch, _ name: String = "page.html") throws -> String {
    let outcome = try Program.run(["report", "-o", folder.file(name)] + arguments)
    #expect(outcome.status == 0 && outcome.output.isEmpty, "\(outcome.errors)")
    return try String(contentsOfFile: folder.file(name), encoding: .utf8)
  }

  /// A page without what says how it came to be: the section, and the same in the data.
  private func withoutProvenance(_ page: String) throws -> String {
    let section = try Regex(#"<section id="provenance".*?</section>"#).dotMatchesNewlines()
    let arguments = try Regex(#"\[-1,"(report|export)"[^\]]*\]"#)
    let rest = page.replacing(section, with: "")
    #expect(rest.count < page.count && rest.contains(arguments))
    return rest.replacing(arguments, with: "")
  }

  @Test(arguments: [("dense-l2-1e-2-seed0", [String]()), ("dense-l2-1e-5-seed0-reinit", ["--no-tensors"])])
  func isTheSameFromTheExportedFileAlone(b: String, options: [String]) throws {
    let folder = try Scratch()
    let file = folder.file("pairs.h5")
    let b = Program.data(b)
    #expect(try Program.run(["export", a, b, "-o", file] + few + options).status == 0)
    let ofFile = try page([file], in: folder)
    let ofModels = try page([a, b] + few, in: folder)
    #expect(try withoutProvenance(ofFile) == withoutProvenance(ofModels))
    #expect(
      ofFile.contains("equipoise export \(a) \(b) --interval-resamples 99 --resamples 199 -o pairs.h5")
        && ofFile.contains("<code>equipoise report pairs.h5 -o report.html</code>"), "both commands that give it again")
    // Tested again, it is that page to the byte.
    let again = few + ["--alpha", "0.01", "--seed", "3", "--adjust", "holm", "--include", "dense*"]
    #expect(try page([file] + again, in: folder) == page([a, b] + again, in: folder))
    // The standard of an option, if asked for, is not what the file has.
    #expect(try page([file, "--resamples", "9999"], in: folder).contains("<dt>resamples</dt><dd>9 999</dd>"))
  }

  @Test func theFilesTensorsTellWhatItsSumsDoNot() throws {
    let folder = try Scratch()
    #expect(try Program.run(["export", a, b, "-o", folder.file("pairs.h5")] + few).status == 0)
    let options = few + ["--unit", "input"]
    let ofFile = try page([folder.file("pairs.h5")] + options, in: folder)
    #expect(ofFile.contains("3 of 3 layers differ") && ofFile.contains("--unit input"))
    #expect(try Program.run(["export", a, b, "-o", folder.file("no.h5"), "--no-tensors"] + few).status == 0)
    let refused = try Program.run(["report", folder.file("no.h5"), "-o", folder.file("x.html")] + options)
    #expect(refused.status == 2 && refused.errors.contains("export again without --no-tensors"))
    #expect(try Program.run(["report", Program.data("truth.json"), "-o", folder.file("x.html")]).status == 2)
  }

  @Test func predictionsHaveTheirSection() throws {
    let folder = try Scratch()
    let predictions = { (penalty: String) in Program.data("predictions/dense-l2-\(penalty)-seed0.npy") }
    let options = [
      "--predictions-a", predictions("1e-5"), "--predictions-b", predictions("1e-2"), "--labels",
      Program.data("test-labels.npy"),
    ]
    let text = try page([a, b] + few + options, in: folder)
    for words in [
      "Do they predict the same?", "Accuracy 0.982 → 0.949", "21 discordant examples", "only A on 18, only B on 3",
      "Recall by class", "Reliability diagram", "Where they differ most", "data-download=\"classes\"",
      "--predictions-a \(predictions("1e-5")) --predictions-b \(predictions("1e-2")) --labels",
    ] { #expect(text.contains(words), "\(words)") }
    #expect(!text.contains("Which layer makes the difference?"), "nothing was exchanged")
    // The numbers are those of the command.
    let document = try Program.json(["behavior", "--interval-resamples", "99"] + options)
    let measures = try #require(document["measures"] as? [[String: Any]])
    for measure in measures {
      let value = try #require(measure["a"] as? Double)
      #expect(text.contains(">\(String(format: "%.4f", value))"), "\(measure)")
    }
    // From the file alone as well.
    #expect(try Program.run(["export", a, b, "-o", folder.file("pairs.h5")] + few).status == 0)
    #expect(
      try page([folder.file("pairs.h5")] + options, in: folder).contains(
        "equipoise report pairs.h5 -o report.html --predictions-a \(predictions("1e-5"))"))
  }

  @Test func referencesHaveTheirSection() throws {
    let folder = try Scratch()
    let references = (1..<5).map { Program.data("dense-l2-1e-5-seed\($0)") }
    let text = try page([a, b] + few + ["--quiet", "--reference"] + references, in: folder)
    for words in [
      "Farther than seed noise?", "no p can be below 0.2000", "<svg id=\"floor\"",
      "4 references can&#39;t reach p = 0.05",
      "--reference \(references[0]) ",
    ] { #expect(text.contains(words), "\(words)") }
    #expect(text.components(separatedBy: "class=\"run-a\"").count == 13, "a mark a reference and layer")
  }

  @Test(arguments: [
    ["--margin", "0.1"], ["--tail", "gpd"], ["--simultaneous"], ["--divergence-by", "knn"], ["--reference", "r"],
    ["--labels", "y.npy"], ["--predictions-a", "p.npy", "--predictions-b", "q.npy"], ["--inputs", "x.npy"],
    ["--transplant"], ["--alternative", "less"],
  ])
  func groupsRefuseWhatIsOfTwoModels(options: [String]) throws {
    let outcome = try Program.run(["report", "-o", "x.html", "--group-a", "a", "b", "--group-b", "c", "d"] + options)
    #expect(outcome.status == 64 && outcome.errors.contains(options[0]), "\(outcome.errors)")
  }

  @Test(arguments: [
    ["--predictions-a", "p.npy"], ["--labels", "y.npy"], ["--transplant"], ["--task", "binary"], ["--bins", "0"],
    ["--inputs", "x.npy", "--predictions-a", "p.npy", "--predictions-b", "q.npy"],
  ])
  func predictionsAreGivenWholeOrNotAtAll(options: [String]) throws {
    #expect(try Program.run(["report", a, b, "-o", "x.html"] + options).status == 64)
    #expect(try Program.run(["report", a, "-o", "x.html", "--inputs", "x.npy"]).status == 64)
  }

  @Test func needsModelsAndAFile() throws {
    #expect(try Program.run(["report", "-o", "x.html"]).status == 64)
    #expect(try Program.run(["report", a, "-o", "x.html"]).errors.contains("give two models"))
    #expect(try Program.run(["report", a, b]).status == 64)
    #expect(try Program.run(["report", a, b, "-o", "/nonexistent/x.html"]).status == 2)
  }
}

struct ManualTests {
  @Test func hasEveryCommandAndOption() throws {
    let page = try Program.run(["manual"]).output
    #expect(page.hasPrefix(".TH EQUIPOISE 1"))
    for words in [
      "EQUIPOISE SIGNIFICANCE", "EQUIPOISE REPORT", "\\-\\-fail\\-on", "\\-\\-resamples", "equipoise.json", "NO_COLOR",
    ] {
      #expect(page.contains(words), "\(words)")
    }
    #expect(!page.contains("probe") && !page.contains("Not in this version"))
    for line in page.split(separator: "\n") where line.hasPrefix("'") || line.hasPrefix(".") {
      #expect([".TH", ".SH", ".TP", ".B ", ".br", ".PP", ".nf", ".fi"].contains { line.hasPrefix($0) }, "\(line)")
    }
  }

  @Test(arguments: ["bash", "zsh", "fish"]) func completionsKnowTheOptions(shell: String) throws {
    let script = try Program.run(["--generate-completion-script", shell])
    #expect(script.status == 0 && script.output.contains("resamples") && script.output.contains("significance"))
  }
}
