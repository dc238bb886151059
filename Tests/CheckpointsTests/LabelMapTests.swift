import Testing

@testable import Checkpoints

@Suite struct LabelMapTests {
  private func labels(_ path: String, _ text: String) -> [Int: String]? {
    LabelMap(path: path, contents: Array(text.utf8))?.labels
  }

  @Test func itemsOfDetectors() {
    let text = """
      # made by hand
      item {
        name: "/m/01g317"
        id: 1
        display_name: "person"
      }
      item { id: 3, name: 'traffic light' }
      """
    #expect(labels("map.pbtxt", text) == [1: "person", 3: "traffic light"])
    #expect(labels("graph.pbtxt", "node { name: 'x' }") == nil)
    #expect(labels("map.pbtxt", "item { id: ") == nil)
  }

  @Test func lines() {
    #expect(
      labels("labels.txt", "background\r\ntench\r\ngoldfish\r\n") == [0: "background", 1: "tench", 2: "goldfish"])
    #expect(labels("assets/labels.txt", "0 cat\n1 dog\n") == [0: "cat", 1: "dog"])
    #expect(labels("class_names.csv", "7: seven\n9,nine") == [7: "seven", 9: "nine"])
    // A number that comes twice is part of the label.
    #expect(labels("labels.txt", "1 cup\n1 spoon") == [0: "1 cup", 1: "1 spoon"])
    #expect(labels("labels.txt", "cat\n\ndog") == [0: "cat", 1: "", 2: "dog"])
    #expect(labels("vocabulary.txt", "cat\ndog") == nil)
    #expect(labels("labels.txt", "") == nil)
    #expect(LabelMap(path: "labels.txt", contents: [0x61, 0xff, 0x0a]) == nil)
  }

  @Test func trees() {
    #expect(labels("labels.json", #"["cat", "dog"]"#) == [0: "cat", 1: "dog"])
    #expect(
      labels("imagenet_class_index.json", #"{"0": ["n01440764", "tench"], "1": ["n01443537", "goldfish"]}"#)
        == [0: "tench", 1: "goldfish"])
    #expect(labels("class_indices.json", #"{"cat": 0, "dog": 1}"#) == [0: "cat", 1: "dog"])
    #expect(labels("labels.json", #"{"id2label": {"0": "cat"}, "other": true}"#) == [0: "cat"])
    #expect(labels("labels.json", #"{"threshold": 0.5}"#) == nil)
    #expect(labels("config.json", #"["cat", "dog"]"#) == nil)
  }
}
