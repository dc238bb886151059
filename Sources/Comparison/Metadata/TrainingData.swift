import Checkpoints
import Results
import Tensors

/// What a model keeps of the data that it was trained on: statistics, vocabularies, assets.
struct TrainingData {
  /// A mean, variance or count that was taken from data.
  struct Statistic {
    var shape: [Int]
    var values: [Double]
  }

  /// By layer, then by what it is: `moving_mean`.
  private(set) var statistics: [String: [String: Statistic]] = [:]
  /// By the variable's or table's name.
  private(set) var tables: [String: LookupTable] = [:]
  /// By path within the model's assets.
  private(set) var assets: [String: Asset] = [:]
  /// By path, that within the assets where they lie there.
  private(set) var labelMaps: [String: LabelMap] = [:]
  private(set) var warnings: [String] = []

  /// - Parameters:
  ///   - names: What to call tensors, by key, where another name than the catalogue's is wanted.
  ///   - layers: The layers' list, whose paths tell of variables that do not bear their layer's name.
  init(_ catalogue: Catalogue, names: [String: String] = [:], layers: JSONValue? = nil) {
    var layerNames: [String: String] = [:]
    if case .array(let listed)? = layers {
      for layer in listed { if let path = layer["path"]?.text { layerNames[path] = layer["name"]?.text } }
    }
    let checkpoint = catalogue.checkpoint
    func name(_ entry: Catalogue.Entry) -> String { names[entry.stored.key] ?? entry.name }
    var statistics: [String: [String: Statistic]] = [:]
    var tables: [String: LookupTable] = [:]
    var tableParts: [String: [String: Catalogue.Entry]] = [:]
    for entry in catalogue.selected([.state, .table]) {
      if entry.role == .table {
        let (table, part) = Self.tablePart(entry, named: name(entry))
        tableParts[table, default: [:]][part] = entry
        continue
      }
      guard Self.parts.contains(entry.part) else { continue }
      let name = name(entry)
      attempt(name) { () throws(CheckpointError) in
        if let values = try checkpoint.numbers(entry.stored) {
          let path = entry.stored.objectPath.map(layer(of:)) ?? ""
          statistics[layerNames[path] ?? layer(of: name), default: [:]][lastPart(of: name)] =
            Statistic(shape: entry.stored.shape, values: values)
        }
      }
    }
    for (name, parts) in tableParts.sorted(by: { $0.key < $1.key }) {
      attempt(name) { () throws(CheckpointError) in
        guard
          let keys = try (parts["keys"] ?? parts[""]).flatMap({ (entry) throws(CheckpointError) in
            try checkpoint.texts(entry.stored)
          })
        else { return }
        let values = try parts["values"].flatMap { (entry) throws(CheckpointError) in try checkpoint.texts(entry.stored)
        }
        tables[name] = LookupTable(keys: keys, values: values)
      }
    }
    self.statistics = statistics
    self.tables = tables
    for (path, size) in checkpoint.model.files {
      let isAsset = path.hasPrefix("assets/")
      guard isAsset || path.hasPrefix("assets.extra/") || LabelMap.isNamed(path) else { continue }
      let asset = Asset(folder: checkpoint.model.folder, path: path, size: size)
      let name = isAsset ? String(path.dropFirst(7)) : path
      if let labels = asset.labelMap { labelMaps[name] = labels } else if isAsset { assets[name] = asset }
    }
  }

  /// Names of variables that hold what was taken from data.
  ///
  /// ## Source
  /// Keras 2 and 3, `layers/normalization`, `layers/preprocessing/normalization.py`.
  private static let parts: Set = [
    "moving_mean", "moving_variance", "moving_avg", "running_mean", "running_var", "mean", "variance", "count",
    "normalizer",
  ]

  private mutating func attempt(_ name: String, _ body: () throws(CheckpointError) -> Void) {
    do throws(CheckpointError) { try body() } catch {
      warnings.append("'\(name)' can't be read: \(error.description)")
    }
  }

  /// A table in a checkpoint is two tensors, of keys and of values.
  private static func tablePart(_ entry: Catalogue.Entry, named name: String) -> (table: String, part: String) {
    for (suffix, part) in [("table-keys", "keys"), ("table-values", "values")] where entry.stored.key.hasSuffix(suffix)
    {
      var table = name
      for ending in ["/" + suffix, "." + suffix, suffix] where table.hasSuffix(ending) {
        table.removeLast(ending.count)
        break
      }
      for ending in ["/.ATTRIBUTES", "/token_counts"] where table.hasSuffix(ending) { table.removeLast(ending.count) }
      return (table, part)
    }
    return (name, "")
  }

  var json: JSONValue {
    var result: [String: JSONValue] = [:]
    if !statistics.isEmpty { result["statistics"] = .object(statistics.mapValues { .object($0.mapValues(\.json)) }) }
    let filled = tables.filter { !$0.value.keys.isEmpty }
    if !filled.isEmpty { result["tables"] = .object(filled.mapValues(\.json)) }
    if !assets.isEmpty { result["assets"] = .object(assets.mapValues(\.json)) }
    if !labelMaps.isEmpty { result["label_maps"] = .object(labelMaps.mapValues(\.json)) }
    return .object(result)
  }
}

extension TrainingData.Statistic {
  /// Few values are shown, of many their summary.
  var json: JSONValue {
    if values.count <= 8 { return values.count == 1 ? .number(values[0]) : .array(values.map { .number($0) }) }
    let finite = values.filter(\.isFinite)
    guard let low = finite.min(), let high = finite.max() else { return .object(["count": .integer(values.count)]) }
    return .object([
      "count": .integer(values.count), "mean": .number(finite.reduce(0, +) / Double(finite.count)),
      "min": .number(low), "max": .number(high),
    ])
  }
}

// MARK: - Differences

/// Where two models' data differ, with paths that begin with `data`.
func differences(_ a: TrainingData, _ b: TrainingData) -> [Difference] {
  var result: [Difference] = []
  for layer in keys(a.statistics, b.statistics) {
    let x = a.statistics[layer] ?? [:]
    let y = b.statistics[layer] ?? [:]
    for part in keys(x, y) {
      let path = ["data", "statistics", layer, part].filter { !$0.isEmpty }.joined(separator: ".")
      switch (x[part], y[part]) {
      case (let left?, let right?): result += differences(left, right, path: path)
      case (let left, let right): result.append(Difference(path: path, a: left?.json, b: right?.json))
      }
    }
  }
  for name in keys(a.tables, b.tables) {
    switch (a.tables[name], b.tables[name]) {
    case (let left?, let right?): result += differences(left, right, path: "data.tables.\(name)")
    case (let left, let right):
      result.append(Difference(path: "data.tables.\(name)", a: left?.json, b: right?.json))
    }
  }
  for name in keys(a.assets, b.assets) {
    switch (a.assets[name], b.assets[name]) {
    case (let left?, let right?): result += left.differences(from: right, path: "data.assets.\(name)")
    case (let left, let right):
      result.append(Difference(path: "data.assets.\(name)", a: left?.json, b: right?.json))
    }
  }
  for name in keys(a.labelMaps, b.labelMaps) {
    switch (a.labelMaps[name], b.labelMaps[name]) {
    case (let left?, let right?): result += differences(left, right, path: "data.label_maps.\(name)")
    case (let left, let right):
      result.append(Difference(path: "data.label_maps.\(name)", a: left?.json, b: right?.json))
    }
  }
  return result
}

private func differences(
  _ a: TrainingData.Statistic, _ b: TrainingData.Statistic, path: String
) -> [Difference] {
  guard a.shape == b.shape, a.values.count == b.values.count else {
    return [Difference(path: path, a: a.json, b: b.json, note: "shape \(a.shape) in A, \(b.shape) in B")]
  }
  var changed = 0
  var largest = 0.0
  for (x, y) in zip(a.values, b.values) where x != y && !(x.isNaN && y.isNaN) {
    changed += 1
    if (y - x).isFinite { largest = max(largest, abs(y - x)) }
  }
  guard changed > 0 else { return [] }
  let note =
    a.values.count == 1 ? nil : "\(changed) of \(a.values.count) differ, by at most \(Float(largest))"
  return [Difference(path: path, a: a.json, b: b.json, note: note)]
}

private func keys<Value>(_ a: [String: Value], _ b: [String: Value]) -> [String] {
  Set(a.keys).union(b.keys).sorted(by: naturallyPrecedes)
}
