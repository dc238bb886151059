import Foundation
import Testing

/// What can be done with an exported file alone.
struct ExportedFileTests {
  private let a = Program.data("dense-l2-1e-5-seed0"), b = Program.data("dense-l2-1e-2-seed0")
  private let few = ["--resamples", "99", "--interval-resamples", "99"]

  private func export(_ folder: Scratch, _ options: [String] = []) throws -> String {
    let path = folder.file("pairs.h5")
    let outcome = try Program.run(["export", a, b, "-o", path] + few + options)
    #expect(outcome.status == 0 && outcome.errors.isEmpty, "\(outcome.errors)")
    return path
  }

  private func bytes(_ path: String) throws -> Data { try Data(contentsOf: URL(fileURLWithPath: path)) }

  @Test func testsAgainToTheLetter() throws {
    let folder = try Scratch()
    let path = try export(folder, ["--no-tensors"])
    for options in [["--format", "json"], ["--explain"], ["--format", "csv", "--adjust", "holm", "--seed", "3"]] {
      let models = try Program.run(["significance", a, b] + few + options)
      let file = try Program.run(["significance", path] + few + options)
      #expect(file.status == 0)
      #expect(file.output == models.output)
    }
    #expect(try Program.run(["significance", path, "--exit-code"] + few).status == 1)
  }

  @Test func whatSumsCannotTellComesFromTheTensors() throws {
    let folder = try Scratch()
    let path = try export(folder)
    let options = few + ["--unit", "input", "--format", "csv"]
    let models = try Program.run(["significance", a, b] + options)
    #expect(try Program.run(["significance", path] + options).output == models.output)
    let without = folder.file("without.h5")
    #expect(try Program.run(["export", a, b, "-o", without, "--no-tensors"] + few).status == 0)
    let refused = try Program.run(["significance", without] + options)
    #expect(refused.status == 2)
    #expect(refused.errors.contains("export again without --no-tensors"))
  }

  @Test func appends() throws {
    let folder = try Scratch()
    let path = try export(folder)
    let before = try bytes(path)
    let other = try Program.run(
      ["export", a, Program.data("dense-l2-1e-2-seed1"), "-o", path, "--append"] + few)
    #expect(other.status == 2)
    #expect(other.errors.contains("holds other models"))
    #expect(try bytes(path) == before)
    let again = try Program.run(["export", a, b, "-o", path, "--append", "--seed", "4"] + few)
    #expect(again.status == 0)
    #expect(again.errors.contains("appended as \(path)/analyses/2"))
    let first = try Program.run(["significance", path, "--format", "json"] + few)
    #expect(first.output == (try Program.run(["significance", a, b, "--format", "json"] + few)).output)
    let second = try Program.run(["significance", path + "/analyses/2", "--seed", "4", "--format", "json"] + few)
    #expect(second.status == 0)
    #expect(try Program.run(["significance", path + "/analyses/9"] + few).status == 2)
    #expect(try FileManager.default.contentsOfDirectory(atPath: folder.path) == ["pairs.h5"])
    #expect(try Program.run(["export", a, b, "-o", folder.file("new.h5"), "--append"] + few).status == 2)
    #expect(try Program.run(["export", a, b, "-o", path, "--append", "--no-tensors"]).status == 64)
  }

  @Test func otherFilesAreRefusedInWords() throws {
    let refused = try Program.run(["significance", Program.data("truth.json")])
    #expect(refused.status == 2)
    #expect(refused.errors.contains("is no HDF5 file"))
    #expect(try Program.run(["significance", a]).errors.contains("give two models"))
    #expect(try Program.run(["significance", "nowhere.h5"]).status == 2)
    #expect(try Program.run(["significance"]).status == 64)
  }

  @Test func nothingToCompareLeavesNoFile() throws {
    let folder = try Scratch()
    let outcome = try Program.run(["export", a, b, "-o", folder.file("x.h5"), "--include", "nothing"])
    #expect(outcome.status == 2)
    #expect(try FileManager.default.contentsOfDirectory(atPath: folder.path).isEmpty)
  }

  /// Bytes of a written file are damaged one place after another: an answer or an error, never a crash.
  @Test func damagedFilesNeverCrash() throws {
    let folder = try Scratch()
    let path = try export(folder, ["--no-tensors", "--include", "output"])
    let whole = try bytes(path)
    for part in 0..<24 {
      var damaged = whole
      let place = whole.count * part / 24 + 7
      for i in place..<min(place + 8, damaged.count) { damaged[i] ^= 0xff }
      try damaged.write(to: URL(fileURLWithPath: path))
      let outcome = try Program.run(["significance", path] + few)
      #expect([0, 2].contains(outcome.status), "at \(place): \(outcome.status) \(outcome.errors)")
    }
    try whole.prefix(whole.count / 2).write(to: URL(fileURLWithPath: path))
    #expect(try Program.run(["significance", path] + few).status == 2)
  }
}
