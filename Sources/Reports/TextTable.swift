/// Columns of text, aligned by their widest cell.
struct TextTable {
  enum Alignment { case left, right }
  struct Style {
    var isBold = false
    var isWarning = false
  }

  private let header: [String]
  private let alignment: [Alignment]
  private var rows: [(cells: [String], styles: [Int: Style])] = []

  init(_ columns: [(String, Alignment)]) {
    header = columns.map(\.0)
    alignment = columns.map(\.1)
  }

  mutating func add(_ cells: [String], styles: [Int: Style] = [:]) { rows.append((cells, styles)) }

  /// Lines without trailing spaces; colour only where asked for.
  func lines(color: Bool) -> [String] {
    var widths = header.map(\.count)
    for row in rows { for (i, cell) in row.cells.enumerated() { widths[i] = max(widths[i], cell.count) } }
    func line(_ cells: [String], _ styles: [Int: Style]) -> String {
      var result = ""
      for (i, cell) in cells.enumerated() {
        let padding = String(repeating: " ", count: widths[i] - cell.count)
        let styled = color ? Self.styled(cell, styles[i]) : cell
        if i > 0 { result += "  " }
        result += alignment[i] == .left ? styled + padding : padding + styled
      }
      while result.last == " " { result.removeLast() }
      return result
    }
    return [line(header, [:])] + rows.map { line($0.cells, $0.styles) }
  }

  /// GitHub's Markdown.
  func markdown() -> [String] {
    func line(_ cells: [String]) -> String {
      "| "
        + cells.map { $0.split(separator: "|", omittingEmptySubsequences: false).joined(separator: "\\|") }.joined(
          separator: " | ") + " |"
    }
    return [line(header), line(alignment.map { $0 == .left ? "---" : "---:" })] + rows.map { line($0.cells) }
  }

  private static func styled(_ text: String, _ style: Style?) -> String {
    guard let style else { return text }
    let codes = (style.isBold ? ["1"] : []) + (style.isWarning ? ["33"] : [])
    return codes.isEmpty ? text : "\u{1b}[\(codes.joined(separator: ";"))m\(text)\u{1b}[0m"
  }
}
