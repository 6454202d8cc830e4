import Foundation
import OperatorCommands
import Regulation
import Values

/// Standard output and standard error.
struct Console {
    let language: Language
    let json: Bool

    /// What the terminal is like, if output goes to one.
    var screen: Screen {
        guard isatty(STDOUT_FILENO) == 1 else { return Screen() }
        var size = winsize()
        let known = ioctl(STDOUT_FILENO, UInt(TIOCGWINSZ), &size) == 0 && size.ws_col > 0
        let environment = ProcessInfo.processInfo.environment
        return Screen(
            columns: known ? Int(size.ws_col) : nil, rows: known && size.ws_row > 0 ? Int(size.ws_row) : nil,
            hasColour: environment["NO_COLOR"] == nil && environment["TERM"] != "dumb")
    }

    /// Written at once, whether to a terminal or to a pipe.
    func write(_ text: String) { FileHandle.standardOutput.write(Data(text.utf8)) }
    func print(_ text: String) { write(text + "\n") }
    func print(_ wording: Wording) { print(wording[language]) }
    func print(_ json: JSON) { print(json.text) }

    /// A remark that is no result.
    func note(_ wording: Wording) { FileHandle.standardError.write(Data((wording[language] + "\n").utf8)) }

    func fail(_ failure: Failure) {
        guard json else { return note(failure.message) }
        let report: JSON = ["error": failure.message.json, "code": .int(Int64(failure.code.rawValue))]
        FileHandle.standardError.write(Data((report.text + "\n").utf8))
    }
}
