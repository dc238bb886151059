/// Columns of text, aligned by their widest cell.
struct TextTable {
  enum Alignment { case left, right }
  struct Style {
    var isBold = false
    var isWarning = false
  }

  private let header: [String]
  private let alignment: [Alignment]
  /// Columns that may be left out, the first of them first.
  private let dispensable: [Int]
  private var rows: [(cells: [String], styles: [Int: Style])] = []

  /// - Parameter dispensable: Names of columns that a narrow terminal does without, those first that are missed least.
  init(_ columns: [(String, Alignment)], dispensable: [String] = []) {
    header = columns.map(\.0)
    alignment = columns.map(\.1)
    self.dispensable = dispensable.compactMap { name in columns.firstIndex { $0.0 == name } }
  }

  mutating func add(_ cells: [String], styles: [Int: Style] = [:]) { rows.append((cells, styles)) }

  /// Lines without trailing spaces; colour only where asked for.
  ///
  /// - Parameter width: Columns of the terminal: what doesn't fit is left out, and the first column shortened in its
  ///   middle. `nil` for as wide as it comes.
  func lines(color: Bool, width: Int? = nil) -> [String] {
    let (columns, widths) = layout(width)
    func line(_ cells: [String], _ styles: [Int: Style]) -> String {
      var result = ""
      for i in columns {
        let cell = shortened(cells[i], to: widths[i])
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

  /// The columns that are shown, and how wide each is.
  private func layout(_ limit: Int?) -> (columns: [Int], widths: [Int]) {
    var widths = header.map(Self.width)
    for row in rows { for (i, cell) in row.cells.enumerated() { widths[i] = max(widths[i], Self.width(cell)) } }
    var columns = Array(header.indices)
    guard let limit, !columns.isEmpty else { return (columns, widths) }
    let full = widths[0]
    // A name of this length can still be told from others.
    let least = min(full, max(16, limit / 3))
    func total(_ first: Int) -> Int { columns.dropFirst().reduce(first) { $0 + 2 + widths[$1] } }
    for column in dispensable where total(least) > limit { columns.removeAll { $0 == column } }
    widths[0] = max(min(least, full), min(full, limit - total(0)))
    return (columns, widths)
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
