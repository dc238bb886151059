@preconcurrency import CHDF5

// Attributes of groups and datasets: a scalar or a list of numbers or strings each.

extension HDF5Object where Self: ~Copyable {
  /// Writes a new attribute that holds a number.
  ///
  /// - Throws: ``HDF5Error`` `.exists` if there is one of that name.
  public func writeAttribute<Number: HDF5Number>(_ name: String, _ value: Number) throws(HDF5Error) {
    try writeNumbers(name, [value], shape: [])
  }

  /// Writes a new attribute that holds a list of numbers, which may be empty.
  public func writeAttribute<Number: HDF5Number>(_ name: String, _ values: [Number]) throws(HDF5Error) {
    try writeNumbers(name, values, shape: [values.count])
  }

  /// Writes a new attribute that holds a string.
  ///
  /// - Parameter datatype: `.string`, or a `.fixedString` for tools that can't read that.
  /// - Throws: ``HDF5Error`` `.exists`; `.invalidText` if the string holds a NUL or is longer than the fixed length.
  public func writeAttribute(
    _ name: String, _ value: String, as datatype: HDF5Datatype = .string
  ) throws(HDF5Error) {
    try writeStrings(name, [value], shape: [], datatype)
  }

  /// Writes a new attribute that holds a list of strings, which may be empty.
  public func writeAttribute(
    _ name: String, _ values: [String], as datatype: HDF5Datatype = .string
  ) throws(HDF5Error) {
    try writeStrings(name, values, shape: [values.count], datatype)
  }

  /// Returns an attribute that holds one number.
  ///
  /// - Throws: ``HDF5Error`` `.notFound`; `.wrongType` unless it is of this very type; `.outOfRange` unless it is one.
  public func readAttribute<Number: HDF5Number>(
    _ name: String, as _: Number.Type = Number.self
  ) throws(HDF5Error) -> Number {
    try only(readNumbers(name), name)
  }

  /// Returns the numbers of an attribute.
  public func readAttribute<Number: HDF5Number>(
    _ name: String, as _: [Number].Type = [Number].self
  ) throws(HDF5Error) -> [Number] {
    try readNumbers(name)
  }

  /// Returns an attribute that holds one string, of either kind.
  public func readAttribute(_ name: String, as _: String.Type = String.self) throws(HDF5Error) -> String {
    try only(readStrings(name), name)
  }

  /// Returns the strings of an attribute, of either kind.
  public func readAttribute(_ name: String, as _: [String].Type = [String].self) throws(HDF5Error) -> [String] {
    try readStrings(name)
  }

  /// Whether there is an attribute of that name.
  public func hasAttribute(_ name: String) throws(HDF5Error) -> Bool {
    try checkText(name, "H5Aexists", at: location)
    return try call("H5Aexists", at: location) { H5Aexists(location.id, name) } > 0
  }

  /// The attributes' names, in the order of creation, or by name if a foreign file doesn't keep that.
  public func attributeNames() throws(HDF5Error) -> [String] {
    var names: [String] = []
    _ = try call("H5Aiterate2", at: location) {
      withUnsafeMutablePointer(to: &names) { names in
        var position: hsize_t = 0
        return H5Aiterate2(
          location.id, H5_INDEX_CRT_ORDER, H5_ITER_INC, &position,
          { _, name, _, names in
            guard let name, let names else { return 0 }
            names.assumingMemoryBound(to: [String].self).pointee.append(String(cString: name))
            return 0
          }, names)
      }
    }
    return names
  }
}

// MARK: - One call deeper

extension HDF5Object where Self: ~Copyable {
  private func writeNumbers<Number: HDF5Number>(
    _ name: String, _ values: [Number], shape: [Int]
  ) throws(HDF5Error) {
    let type = try Number.hdf5Datatype.makeType(at: location)
    try values.span.withUnsafeBytes { bytes throws(HDF5Error) in
      try create(name, shape, type, bytes.baseAddress)
    }
  }

  private func writeStrings(
    _ name: String, _ values: [String], shape: [Int], _ datatype: HDF5Datatype
  ) throws(HDF5Error) {
    guard datatype.isString else {
      throw HDF5Error(.wrongType, "H5Awrite", "attribute \(name): \(datatype) for strings", at: location)
    }
    let type = try datatype.makeType(at: location)
    try datatype.withEncoded(values, at: location) { pointer throws(HDF5Error) in
      try create(name, shape, type, pointer)
    }
  }

  private func create(
    _ name: String, _ shape: [Int], _ type: borrowing Identifier, _ elements: UnsafeRawPointer?
  ) throws(HDF5Error) {
    try checkText(name, "H5Acreate2", at: location)
    let typeID = type.raw
    let space = try makeSpace(shape, at: location)
    let creation = try Properties.attribute.identifier(at: location)
    let raw: hid_t
    do {
      raw = try call("H5Acreate2", at: location) {
        H5Acreate2(location.id, name, typeID, space.raw, creation, h5x_default())
      }
    } catch {
      guard try hasAttribute(name) else { throw error }
      throw HDF5Error(.exists, "H5Acreate2", "attribute '\(name)' is there already", at: location)
    }
    let attribute = Identifier(owning: raw)
    if shape != [0] {
      _ = try call("H5Awrite", at: location) { H5Awrite(attribute.raw, typeID, elements) }
    }
    try attribute.close(at: location)
  }

  private func readNumbers<Number: HDF5Number>(_ name: String) throws(HDF5Error) -> [Number] {
    let attribute = try Attribute(name, of: location)
    guard attribute.datatype == Number.hdf5Datatype else {
      throw attribute.wrongType("\(Number.hdf5Datatype)", name, at: location)
    }
    var values = [Number](repeating: .zero, count: attribute.count)
    guard !values.isEmpty else { return [] }
    let raw = attribute.identifier.raw
    let type = try Number.hdf5Datatype.makeType(at: location)
    _ = try call("H5Aread", at: location) { H5Aread(raw, type.raw, &values) }
    return values
  }

  private func readStrings(_ name: String) throws(HDF5Error) -> [String] {
    let attribute = try Attribute(name, of: location)
    guard attribute.datatype.isString else { throw attribute.wrongType("strings", name, at: location) }
    let raw = attribute.identifier.raw
    let type = try Identifier("H5Aget_type", at: location) { H5Aget_type(raw) }
    return try decodeStrings(
      attribute.count, of: type, attribute.datatype, at: location
    ) { memoryType, buffer throws(HDF5Error) in
      _ = try call("H5Aread", at: location) { H5Aread(raw, memoryType, buffer) }
    }
  }

  private func only<Value>(_ values: [Value], _ name: String) throws(HDF5Error) -> Value {
    guard values.count == 1 else {
      throw HDF5Error(.outOfRange, "H5Aread", "attribute \(name) holds \(values.count), not one", at: location)
    }
    return values[0]
  }
}

/// An attribute, open, of a size that the file can back.
private struct Attribute: ~Copyable {
  let identifier: Identifier
  let datatype: HDF5Datatype
  let count: Int

  init(_ name: String, of object: HDF5Location) throws(HDF5Error) {
    try checkText(name, "H5Aopen", at: object)
    guard try call("H5Aexists", at: object, { H5Aexists(object.id, name) }) > 0 else {
      throw HDF5Error(.notFound, "H5Aexists", "no attribute '\(name)'", at: object)
    }
    let identifier = try Identifier("H5Aopen", at: object) { H5Aopen(object.id, name, h5x_default()) }
    let raw = identifier.raw
    let type = try Identifier("H5Aget_type", at: object) { H5Aget_type(raw) }
    let space = try Identifier("H5Aget_space", at: object) { H5Aget_space(raw) }
    let datatype = try HDF5Datatype(type, at: object)
    let count = try elementCount(readShape(space, at: object), at: object)
    try checkPlausible(count, datatype.byteWidth, at: object)
    self.identifier = identifier
    (self.datatype, self.count) = (datatype, count)
  }

  func wrongType(_ wanted: String, _ name: String, at object: HDF5Location) -> HDF5Error {
    HDF5Error(.wrongType, "H5Aread", "attribute '\(name)' holds \(datatype), not \(wanted)", at: object)
  }
}
