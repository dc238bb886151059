import Testing

@testable import Threads

@Suite struct BothTests {
  private enum Trouble: Error { case first, second }

  private func result(_ index: Int, fails: Bool) throws(Trouble) -> Int {
    if fails { throw index == 0 ? .first : .second }
    return index
  }

  private func both(fails: (Bool, Bool)) throws(Trouble) -> (Int, Int) {
    try Threads.both(
      { () throws(Trouble) in try result(0, fails: fails.0) }, { () throws(Trouble) in try result(1, fails: fails.1) })
  }

  @Test func eachResultIsInItsPlace() {
    for _ in 0..<100 {
      let found = Threads.both({ "first" }, { 2 })
      #expect(found == ("first", 2))
    }
  }

  @Test func theFirstErrorIsTheOne() {
    for _ in 0..<100 {
      #expect(throws: Trouble.first) { try both(fails: (true, true)) }
      #expect(throws: Trouble.first) { try both(fails: (true, false)) }
      #expect(throws: Trouble.second) { try both(fails: (false, true)) }
    }
  }
}
