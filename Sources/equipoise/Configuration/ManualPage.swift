import ArgumentParser

/// The man page, from the same descriptions as the help.
struct Manual: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "manual", abstract: "Prints the man page.", shouldDisplay: false)

  func run() throws {
    guard let root = CommandDescription.root else {
      throw Unsupported("the man page can't be made from this program's help")
    }
    try Terminal.output(manualPage(root))
  }
}

/// The page in man's own macros.
func manualPage(_ root: CommandDescription) -> String {
  var page = [
    ".TH EQUIPOISE 1 \"\" \"\(roff(versionText))\" \"User Commands\"", ".SH NAME",
    "equipoise \\- \(roff(lowercasedStart(root.abstract ?? "")))", ".SH SYNOPSIS",
  ]
  for command in root.visibleCommands where command.commandName != "help" {
    page += [".br", ".B equipoise \(roff(command.commandName))", synopsis(command)]
  }
  page.append(".SH DESCRIPTION")
  page += paragraphs(root.discussion)
  for command in root.visibleCommands where command.commandName != "help" {
    page.append(".SH \"EQUIPOISE \(roff(command.commandName.uppercased()))\"")
    page += [roff(command.abstract ?? "")] + paragraphs(command.discussion)
    for argument in command.arguments ?? [] where argument.shouldDisplay { page += entry(argument) }
  }
  page += [
    ".SH EXIT STATUS", ".TP", ".B 0", "Done.", ".TP", ".B 1",
    "Only with \\-\\-exit\\-code or \\-\\-fail\\-on: the models differ so.",
    ".TP", ".B 2", "Trouble: unreadable, damaged or unsupported input, or nothing to compare.", ".TP", ".B 64",
    "A mistake in the arguments.", ".SH FILES", ".TP", ".B equipoise.json",
    "In the working directory: options by their long names, such as {\"alpha\": 0.01, \"exclude\": [\"head*\"]}. The command line wins.",
    ".SH ENVIRONMENT", ".TP", ".B NO_COLOR", "No colour in tables, whatever the terminal.",
  ]
  return page.joined(separator: "\n") + "\n"
}

private func synopsis(_ command: CommandDescription) -> String {
  let words = (command.arguments ?? []).filter { $0.shouldDisplay && ($0.kind == "positional" || !$0.isOptional) }.map {
    argument -> String in
    let value = "\\fI\(roff(argument.valueName ?? ""))\\fR" + (argument.isRepeating ? " ..." : "")
    return argument.kind == "positional" ? value : "\\fB\(roff(argument.names?.first?.text ?? ""))\\fR \(value)"
  }
  return (words + ["[\\fIoptions\\fR]"]).joined(separator: " ")
}

private func entry(_ argument: CommandDescription.Argument) -> [String] {
  let value = argument.valueName.map { " \\fI\(roff($0))\\fR" } ?? ""
  let term =
    argument.kind == "positional"
    ? "\\fI\(roff(argument.valueName ?? ""))\\fR"
    : (argument.names ?? []).map { "\\fB\(roff($0.text))\\fR" }.joined(separator: ", ")
      + (argument.kind == "option" ? value : "")
  var text = roff(argument.abstract ?? "")
  if let values = argument.allValues {
    text += (text.isEmpty ? "" : " ") + "One of \(roff(values.joined(separator: ", ")))."
  }
  // The number of processors is the machine's, not the program's.
  if let standard = argument.defaultValue, argument.kind == "option", argument.longName != "threads" {
    text += " Default: \(roff(standard))."
  }
  return [".TP", term, text.isEmpty ? "\\&" : text] + paragraphs(argument.discussion)
}

/// Lines that begin with spaces are commands to be typed and stay as they are.
private func paragraphs(_ text: String?) -> [String] {
  guard let text, !text.isEmpty else { return [] }
  return text.split(separator: "\n", omittingEmptySubsequences: false).map { line in
    if line.isEmpty { return ".PP" }
    return line.hasPrefix(" ") ? ".PP\n.nf\n\(roff(String(line)))\n.fi" : roff(String(line))
  }
}

/// Text that roff takes for nothing but text.
func roff(_ text: String) -> String {
  var result = ""
  for character in text {
    switch character {
    case "\\": result += "\\e"
    case "-": result += "\\-"
    default: result.append(character)
    }
  }
  return result.first == "." || result.first == "'" ? "\\&" + result : result
}

private func lowercasedStart(_ text: String) -> String { text.prefix(1).lowercased() + text.dropFirst() }
