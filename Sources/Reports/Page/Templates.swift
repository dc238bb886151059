import Mustache

/// The page's templates, style and script, which are part of the program.
enum Templates {
  /// Renders one of the templates of `Assets`.
  static func render(_ bytes: [UInt8], _ context: [String: Any]) throws -> String {
    try MustacheTemplate(string: text(bytes)).render(context)
  }

  static func text(_ bytes: [UInt8]) -> String { String(decoding: bytes, as: UTF8.self) }
}

/// One section of the page.
struct PageSection {
  let id: String
  /// In the bar of links.
  let short: String
  let title: String
  /// The plain explanation, as HTML.
  var why: String?
  /// HTML.
  let body: String

  var context: [String: Any] {
    var result: [String: Any] = ["id": id, "short": short, "title": title, "body": body]
    result["why"] = why
    return result
  }
}

/// One of the questions that the first screen answers.
struct PageAnswer {
  let question: String
  var answer: String
  var tone: String?
  var detail: String?
  var items: [(id: String, name: String, text: String)] = []

  var context: [String: Any] {
    var result: [String: Any] = ["question": question, "answer": answer, "hasItems": !items.isEmpty]
    result["tone"] = tone
    result["detail"] = detail
    result["items"] = items.map { ["id": $0.id, "name": $0.name, "text": $0.text] }
    return result
  }
}
