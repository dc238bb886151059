import Testing

@testable import Checkpoints

@Suite struct ObjectPathTests {
  @Test func againstTensorFlow() {
    let variable = ObjectPath(key: "layer_with_weights-0/kernel/.ATTRIBUTES/VARIABLE_VALUE")
    #expect(variable?.text == "layer_with_weights-0/kernel")
    #expect(variable?.topLevelChild == "layer_with_weights-0")
    let slot = ObjectPath(key: "layer/kernel/.OPTIMIZER_SLOT/optimizer/m/.ATTRIBUTES/VARIABLE_VALUE")
    #expect(slot?.text == "layer/kernel/.OPTIMIZER_SLOT/optimizer/m")
    #expect(slot?.slot?.name == "m")
    #expect(slot?.topLevelChild == "optimizer")
    let table = ObjectPath(key: "lookup/table/.ATTRIBUTES/table-keys")
    #expect(table?.text == "lookup/table/table-keys")
    #expect(ObjectPath(key: "dnn/hiddenlayer_0/kernel") == nil)
    #expect(ObjectPath(key: "_CHECKPOINTABLE_OBJECT_GRAPH") == nil)
  }

  @Test func undoesEscapes() {
    #expect(ObjectPath(key: "a.Sb/c..d/.ATTRIBUTES/VARIABLE_VALUE")?.children == ["a/b", "c.d"])
    #expect(ObjectPath(key: "..S/.ATTRIBUTES/VARIABLE_VALUE")?.children == [".S"])
    #expect(ObjectPath(key: "v1.x/.ATTRIBUTES/VARIABLE_VALUE")?.children == ["v1.x"])
  }

  @Test func oddKeysAreNoPaths() {
    for key in ["", "/", ".ATTRIBUTES", "a/.ATTRIBUTES", ".OPTIMIZER_SLOT"] { #expect(ObjectPath(key: key) == nil) }
    #expect(ObjectPath(key: ".ATTRIBUTES/VARIABLE_VALUE")?.children == [])
    #expect(ObjectPath(key: "a/.OPTIMIZER_SLOT/.ATTRIBUTES/VARIABLE_VALUE")?.slot == nil)
  }
}

@Suite struct ObjectGraphTests {
  private func graph(_ writer: ObjectGraphWriter) throws -> ObjectGraph {
    try writer.bytes.withBytes { (bytes) throws(WireError) in try ObjectGraph(bytes) }
  }

  @Test func findsNamesAndSlots() throws {
    var writer = ObjectGraphWriter.variables([("kernel", "dense/kernel:0"), ("slot", "Adam/m/dense/kernel")])
    writer.nodes.append(.init(slots: [(original: 1, name: "m", node: 2)]))
    let graph = try graph(writer)
    #expect(graph.nodeCount == 4)
    #expect(graph.fullNames["kernel/.ATTRIBUTES/VARIABLE_VALUE"] == "dense/kernel:0")
    #expect(
      graph.slots["slot/.ATTRIBUTES/VARIABLE_VALUE"] == .init(name: "m", of: "kernel/.ATTRIBUTES/VARIABLE_VALUE"))
    #expect(variableName("dense/kernel:0") == "dense/kernel")
  }

  @Test func cyclesAndDanglingNodesAreHarmless() throws {
    var writer = ObjectGraphWriter.variables([("a", "a")])
    writer.nodes[0].children += [("self", 0), ("nowhere", 99), ("negative", -1)]
    writer.nodes[1].children = [("back", 0)]
    writer.nodes[0].slots = [
      (original: 99, name: "m", node: 1), (original: 1, name: "v", node: 99), (original: -1, name: "w", node: -5),
      (original: 1, name: "x", node: Int.max),
    ]
    let graph = try graph(writer)
    #expect(graph.slots["a/.ATTRIBUTES/VARIABLE_VALUE"] == .init(name: "m", of: nil))
  }

  @Test func savedObjectsAreWalkedThroughCycles() throws {
    var model = SavedModelWriter.Graph()
    model.objects = [
      ([("layer", 1), ("dangling", 77)], nil), ([("kernel", 2), ("parent", 0)], nil), ([], ("dense/kernel:0", true)),
    ]
    let bytes = SavedModelWriter(graphs: [model]).bytes
    var tensors = ["layer/kernel", "layer/parent/layer/kernel", "dangling/kernel", "layer"].enumerated().map {
      StoredTensor(
        index: $0, key: $1 + "/.ATTRIBUTES/VARIABLE_VALUE", elementType: .float32, shape: [], count: 1, byteCount: 4)
    }
    try bytes.withBytes { (buffer) throws(WireError) in
      var objects = try SavedObjects(buffer, try MetaGraph.all(in: buffer)[0].objects ?? 0..<0)
      try objects.complete(&tensors)
    }
    #expect(tensors.map(\.fullName) == ["dense/kernel", "dense/kernel", nil, nil])
    #expect(tensors.map(\.trainable) == [true, true, nil, nil])
  }
}
