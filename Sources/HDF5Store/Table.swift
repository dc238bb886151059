import HDF5

/// A table as netCDF has it: one dataset per column along one dimension, whose scale is the first column.
struct Table {
  /// A column with its meaning.
  struct Column {
    enum Values {
      case texts([String])
      case numbers([Double])
      case counts([Int])
      case flags([Bool])
    }

    var name: String
    var longName: String
    var units: String?
    var values: Values

    static func text(_ name: String, _ longName: String, _ values: [String]) -> Column {
      Column(name: name, longName: longName, values: .texts(values.map(storable)))
    }

    /// `nil` becomes NaN, whole numbers that may be missing too: every tool takes that for missing.
    static func number(_ name: String, _ longName: String, units: String = "1", _ values: [Double?]) -> Column {
      Column(name: name, longName: longName, units: units, values: .numbers(values.map { $0 ?? .nan }))
    }

    static func count(_ name: String, _ longName: String, _ values: [Int]) -> Column {
      Column(name: name, longName: longName, units: "1", values: .counts(values))
    }

    static func flag(_ name: String, _ longName: String, _ values: [Bool]) -> Column {
      Column(name: name, longName: longName, values: .flags(values))
    }
  }

  let columns: [Column]
  let rowCount: Int

  /// A table whose rows are told apart by a column of their own.
  init(of scale: Column, _ columns: [Column]) {
    self.columns = [scale] + columns
    rowCount =
      switch scale.values {
      case .texts(let values): values.count
      case .numbers(let values): values.count
      case .counts(let values): values.count
      case .flags(let values): values.count
      }
  }

  /// A table whose rows are counted from 0 along `dimension`.
  init(_ rowCount: Int, _ dimension: String, _ longName: String, _ columns: [Column]) {
    self.init(of: .count(dimension, longName, Array(0..<rowCount)), columns)
  }

  /// Writes the table as a group of its own.
  func write(
    _ name: String, _ title: String, _ attributes: [(String, AttributeValue?)] = [], in parent: borrowing HDF5Group,
    _ storage: StringStorage
  ) throws(HDF5Error) {
    let group = try parent.createGroup(name, expecting: columns.count)
    try group.describe([("title", .text(title))] + attributes, storage)
    try write(in: group, storage)
  }

  /// Writes the table into a group.
  func write(in group: borrowing HDF5Group, _ storage: StringStorage) throws(HDF5Error) {
    try group.attachScales(try writeColumns(in: group, storage))
  }

  /// Writes the columns without attaching their scale, which a group can do only once for all.
  ///
  /// - Returns: The columns and their scale.
  func writeColumns(
    in group: borrowing HDF5Group, _ storage: StringStorage
  ) throws(HDF5Error) -> [(dataset: String, scales: [String])] {
    let scale = try columns[0].write(in: group, storage)
    try scale.makeScale(columns[0].name)
    for column in columns.dropFirst() {
      _ = try column.write(in: group, storage)
    }
    return columns.dropFirst().map { ($0.name, [columns[0].name]) }
  }
}

extension Table.Column {
  fileprivate func write(in group: borrowing HDF5Group, _ storage: StringStorage) throws(HDF5Error) -> HDF5Dataset {
    let attributes: [(String, AttributeValue?)] = [
      ("long_name", .text(longName)), ("units", units.map(AttributeValue.text)),
    ]
    switch values {
    case .texts(let values):
      let dataset = try group.createDataset(name, shape: [values.count], storage.datatype(of: values))
      try dataset.write(values)
      try dataset.describe(attributes, storage)
      return dataset
    case .numbers(let values):
      let dataset = try group.createDataset(name, shape: [values.count], .float64, fill: .nan)
      try dataset.write(values)
      try dataset.describe([("_FillValue", .number(.nan))] + attributes, storage)
      return dataset
    case .counts(let values):
      let dataset = try group.createDataset(name, shape: [values.count], .int64)
      try dataset.write(values)
      try dataset.describe(attributes, storage)
      return dataset
    case .flags(let values):
      let dataset = try group.createDataset(name, shape: [values.count], .int8)
      try dataset.write(values.map { $0 ? 1 : 0 } as [Int8])
      try dataset.describe([("dtype", .text("bool"))] + attributes, storage)
      return dataset
    }
  }
}
