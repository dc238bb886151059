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

  @Test func needsTwoModelsAndAFile() throws {
    #expect(try Program.run(["report", a, "-o", "x.html"]).status == 64)
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
