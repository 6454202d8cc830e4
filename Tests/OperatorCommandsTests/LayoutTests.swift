import Foundation
import OperatorCommands
import Testing

@Suite("Tables made for people")
struct LayoutTests {
    @Test(
        "a text is as wide as the screen shows it, composed or not",
        arguments: [
            ("abc", 3), ("việc", 4), ("việc".decomposedStringWithCanonicalMapping, 4), ("Bộ Chỉ huy Bộ đội Biên phòng", 28), ("口岸", 4), ("", 0),
            ("e\u{301}", 1),
        ])
    func widths(text: String, columns: Int) {
        #expect(width(text) == columns)
    }

    @Test("columns stand below one another whatever marks the letters carry")
    func alignment() {
        let decomposed = "quá hạn".decomposedStringWithCanonicalMapping
        let table = Table(["CÒN LẠI", "VIỆC"], rows: [["còn 12 phút", "một"], [.init(decomposed), "hai"], ["x", "ba"]], flexible: [1: 5])
        let lines = table.lines(on: Screen())
        #expect(lines[0] == "CÒN LẠI      VIỆC" && lines[3] == "x            ba")
        #expect(lines[1] == "còn 12 phút  một")
        #expect(lines[2].hasSuffix("      hai") && width(lines[2]) == 16)
    }

    @Test("on a narrow screen only the columns that may give way are cut, and none is longer than the screen")
    func narrow() {
        let row: [Table.Cell] = ["còn 12 phút", "thông tin cho Sở khi xảy ra sự cố", "SC-20261124-2143-9j, màn hình LED không hiển thị"]
        let lines = Table(["A", "B", "C"], rows: [row], flexible: [1: 12, 2: 19]).lines(on: Screen(columns: 60))
        #expect(lines.allSatisfy { width($0) <= 60 })
        #expect(lines[1].hasPrefix("còn 12 phút  thông tin"))
        #expect(lines[1].contains("SC-20261124-2143-9j"))
        #expect(Table(["A", "B", "C"], rows: [row], flexible: [1: 12]).lines(on: Screen())[1].hasSuffix("hiển thị"))
    }

    @Test("colour is for terminals, and foreign text cannot steer one")
    func colour() {
        let table = Table(["A"], rows: [[.init("x", .red)]], flexible: [:])
        #expect(table.lines(on: Screen()) == ["A", "x"])
        #expect(table.lines(on: Screen(hasColour: true))[1] == "\u{1B}[31mx\u{1B}[0m")
        #expect(shown("a\u{1B}[2Jb\u{202E}c\n") == "a\u{FFFD}[2Jb\u{FFFD}c\u{FFFD}")
    }
}
