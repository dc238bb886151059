import Results
import Testing

@testable import HDF5Store

struct GroupNamesTests {
  @Test(arguments: [
    ("dense_1", "dense_1"), ("block/conv", "block%2Fconv"), ("100%", "100%25"), ("%2F", "%252F"), (".", "%2E"),
    ("..", "%2E%2E"), ("...", "..."), ("a.b", "a.b"), ("", "%00"), ("a\0b", "a%00b"), ("für ~2", "für ~2"),
    ("/", "%2F"),
  ])
  func encodesWhatHDF5WouldTakeForAPath(name: String, encoded: String) {
    #expect(GroupNames.encoded(name) == encoded)
  }

  @Test func numbersCollisions() {
    var names = GroupNames()
    #expect(names.add("x") == "x")
    #expect(names.add("x~2") == "x~2")
    #expect(names.add("x") == "x~3")
    #expect(names.add("") == "%00")
    #expect(names.add("\0") == "%00~2")
  }

  @Test func placesHaveOneLevelForLayerAndTensor() {
    func pair(_ name: String, _ layer: String) -> PairResult {
      PairResult(
        name: name, layer: layer, role: .weight, a: Side(key: "a", dtype: "float32"),
        b: Side(key: "b", dtype: "float32"), shape: [], count: 1, identical: true, pairedBy: "key", metrics: Metrics(),
        unit: "scalar", unitCount: 1)
    }
    let pairs = [
      pair("model/dense/kernel", "model/dense"), pair("step", ""), pair("model/dense/bias", "model/dense"),
      pair("model/dense/kernel", "model/dense"), pair("model/dense/.", "model/dense"), pair("x/", "x"),
    ]
    #expect(
      Places.of(pairs).map(\.path) == [
        "/pairs/model%2Fdense/kernel", "/pairs/%00/step", "/pairs/model%2Fdense/bias", "/pairs/model%2Fdense/kernel~2",
        "/pairs/model%2Fdense/%2E", "/pairs/x/%00",
      ])
  }
}
