import Messages
import Regulation
import Reporting
import Simulation
import Testing
import Values

/// The ledger of a scenario, read to its end.
func reading(_ performance: Performance) -> LedgerReading {
    var reading = LedgerReading()
    for record in performance.records { reading.read(record) }
    return reading
}

/// The report of a period from the ledger of a scenario.
func report(_ scenario: String, _ period: String = "2026-H1") throws -> PeriodReport {
    let performance = Performance(of: try Scenario(parsing: scenario, regulation: .standard))
    return try PeriodReport(try #require(ReportPeriod(period)), from: reading(performance))
}

extension PeriodReport {
    /// The value of a figure that there must be.
    func value(_ id: String) throws -> Value { try #require(figure(id), "there is no figure \(id)").value }

    /// How many a figure says.
    func count(_ id: String) throws -> Int {
        guard case .count(let count) = try value(id) else { throw NoCount(figure: id, value: try value(id)) }
        return count
    }

    /// The messages behind a figure.
    func events(_ id: String) throws -> [String] { try #require(figure(id), "there is no figure \(id)").support.events }
    /// The obligations behind a figure.
    func obligations(_ id: String) throws -> [String] { try #require(figure(id), "there is no figure \(id)").support.obligations }
}

/// A figure that counts nothing.
struct NoCount: Error {
    var figure: String
    var value: Value
}

/// A moment of Lào Cai.
func at(_ text: String) throws -> Instant { try #require(Instant(rfc3339: text + ":00+07:00")) }
