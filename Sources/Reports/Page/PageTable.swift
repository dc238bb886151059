/// A table that is read, neither sorted nor filtered; a row's first cell is its name.
struct PageTable {
  enum Kind {
    case number, text
    /// Text that may be broken into lines.
    case words
  }

  private let label: String
  private let columns: [(name: String, kind: Kind)]
  private var rows = ""

  /// - Parameter label: What the table is about, for those who don't see where it stands.
  init(_ label: String, _ columns: [(name: String, kind: Kind)]) {
    self.label = label
    self.columns = columns
  }

  /// Adds a row of texts.
  ///
  /// - Parameters:
  ///   - link: The page's element that the row's name leads to.
  ///   - marked: Columns that stand out.
  mutating func add(_ cells: [String], link: String? = nil, marked: Set<Int> = []) {
    rows += "<tr>"
    for (i, (cell, column)) in zip(cells, columns).enumerated() {
      var text = escaped(cell)
      if marked.contains(i) { text = "<b>\(text)</b>" }
      if i == 0, let link { text = "<a href=\"#\(link)\">\(text)</a>" }
      let element = i == 0 ? "th scope=\"row\"" : "td"
      rows += "<\(element)\(style(column.kind, isFirst: i == 0))>\(text)</\(i == 0 ? "th" : "td")>"
    }
    rows += "</tr>\n"
  }

  var html: String {
    let headings = columns.enumerated().map { i, column in
      "<th scope=\"col\"\(style(column.kind == .number ? .number : .text, isFirst: i == 0))>\(escaped(column.name))</th>"
    }
    return
      "<div class=\"scroll\" tabindex=\"0\" role=\"region\" aria-label=\"\(escaped(label))\"><table><thead><tr>"
      + headings.joined() + "</tr></thead><tbody>\n" + rows + "</tbody></table></div>"
  }

  private func style(_ kind: Kind, isFirst: Bool) -> String {
    switch kind {
    case .number: isFirst ? " class=\"number\"" : ""
    case .text: isFirst ? "" : " class=\"left\""
    case .words: isFirst ? " class=\"wrap\"" : " class=\"left wrap\""
    }
  }
}

/// Buttons that save the section's rows as CSV.
func downloads(_ names: [String]) -> String {
  "<div class=\"controls\"><span>Download</span>"
    + names.map { "<button type=\"button\" data-download=\"\($0)\">\($0).csv</button>" }.joined(separator: "\n")
    + "</div>"
}
