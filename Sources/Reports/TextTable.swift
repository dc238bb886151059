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
  private let columns: Int
  /// The cells of all rows, one after the other: there are tables of many thousand rows.
  private var text: [UInt8] = []
  /// Where each of them ends, and its width.
  private var cells: [(end: Int, width: Int)] = []
  /// The widest of each column.
  private var widths: [Int]
  /// Of the rows that have any.
  private var styles: [Int: [Int: Style]] = [:]

  /// - Parameter dispensable: Names of columns that a narrow terminal does without, those first that are missed least.
  init(_ columns: [(String, Alignment)], dispensable: [String] = []) {
    header = columns.map(\.0)
    alignment = columns.map(\.1)
    self.columns = columns.count
    widths = header.map(Self.width)
    self.dispensable = dispensable.compactMap { name in columns.firstIndex { $0.0 == name } }
  }

  /// - Parameter cells: One a column.
  mutating func add(_ cells: [String], styles: [Int: Style] = [:]) {
    precondition(cells.count == columns, "\(cells.count) cells in a table of \(columns) columns")
    if !styles.isEmpty { self.styles[self.cells.count / columns] = styles }
    for (column, cell) in cells.enumerated() {
      text += cell.utf8
      let width = Self.width(cell)
      widths[column] = max(widths[column], width)
      self.cells.append((text.count, width))
    }
  }

  /// The header and the rows, without trailing spaces; colour only where asked for.
  ///
  /// - Parameter width: Columns of the terminal: what doesn't fit is left out, and the first column shortened in its
  ///   middle. `nil` for as wide as it comes.
  func lines(color: Bool, width: Int? = nil) -> [String] {
    let (columns, widths) = layout(width)
    var line: [UInt8] = []
    func pad(_ from: Int, _ to: Int) { for _ in from..<max(from, to) { line.append(0x20) } }
    func add(_ column: Int, _ width: Int, _ style: Style?, _ cell: ArraySlice<UInt8>) {
      if column > 0 { line += [0x20, 0x20] }
      if alignment[column] == .right { pad(width, widths[column]) }
      if width <= widths[column], !color || style == nil {
        line += cell
      } else {
        var text = String(decoding: cell, as: UTF8.self)
        if width > widths[column] { text = shortened(text, to: widths[column]) }
        line += (color ? Self.styled(text, style) : text).utf8
      }
      if alignment[column] == .left { pad(width, widths[column]) }
    }
    func end() -> String {
      while line.last == 0x20 { line.removeLast() }
      defer { line.removeAll(keepingCapacity: true) }
      return String(decoding: line, as: UTF8.self)
    }
    for column in columns { add(column, Self.width(header[column]), nil, ArraySlice(header[column].utf8)) }
    var result = [end()]
    result.reserveCapacity(1 + rows.count)
    for row in rows {
      let styles = styles[row]
      for column in columns {
        let place = row * self.columns + column
        add(column, cells[place].width, styles?[column], cell(place))
      }
      result.append(end())
    }
    return result
  }

  private var rows: Range<Int> { 0..<cells.count / max(columns, 1) }

  private func cell(_ place: Int) -> ArraySlice<UInt8> {
    text[(place == 0 ? 0 : cells[place - 1].end)..<cells[place].end]
  }

  /// The columns that are shown, and how wide each is.
  private func layout(_ limit: Int?) -> (columns: [Int], widths: [Int]) {
    var widths = widths
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
    return [line(header), line(alignment.map { $0 == .left ? "---" : "---:" })]
      + rows.map { row in line((0..<columns).map { String(decoding: cell(row * columns + $0), as: UTF8.self) }) }
  }

  private static func styled(_ text: String, _ style: Style?) -> String {
    guard let style else { return text }
    let codes = (style.isBold ? ["1"] : []) + (style.isWarning ? ["33"] : [])
    return codes.isEmpty ? text : "\u{1b}[\(codes.joined(separator: ";"))m\(text)\u{1b}[0m"
  }
}
