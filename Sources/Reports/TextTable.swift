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
    var widths = header.map(Self.width)
    for row in rows { for (i, cell) in row.cells.enumerated() { widths[i] = max(widths[i], Self.width(cell)) } }
    func line(_ cells: [String], _ styles: [Int: Style]) -> String {
      var result = ""
      for (i, cell) in cells.enumerated() {
        let padding = String(repeating: " ", count: widths[i] - Self.width(cell))
        let styled = color ? Self.styled(cell, styles[i]) : cell
        if i > 0 { result += "  " }
        result += alignment[i] == .left ? styled + padding : padding + styled
      }
      let kept = result.utf8.reversed().drop { $0 == 0x20 }.count
      return kept == result.utf8.count ? result : String(decoding: result.utf8.prefix(kept), as: UTF8.self)
    }
    return [line(header, [:])] + rows.map { line($0.cells, $0.styles) }
  }

  /// Characters; almost always as many as bytes, which are counted faster.
  private static func width(_ text: String) -> Int {
    text.utf8.allSatisfy { $0 < 0x80 } ? text.utf8.count : text.count
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
