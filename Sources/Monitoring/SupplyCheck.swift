import Values

/// What the result of a check plugin says of the supply.
enum SupplyCheck: Hashable, Sendable {
    /// A UPS stands behind the check, and this is what it says.
    case ups(UPSReading)
    /// The supply is there.
    case present
    /// It is lost.
    case lost
    /// Nothing is known; why, as a sentence.
    case unseen(String)

    /// Reads a result. Any plugin will do: critical is an outage, and so is a warning that says "on battery"; unknown is a lost contact.
    ///
    /// `check_ups` of the Monitoring Plugins is read by its words, because its status means other things: on battery it warns, and it is critical as well
    /// where the UPS cannot be asked, or where a bound that was set for it is crossed with the mains there.
    init(_ result: CheckResult, plugin: String) {
        guard result.status != .unknown else {
            self = .unseen(result.explanation)
            return
        }
        if let status = UPSStatus(words: result.summary) {
            let battery = result.performance.first { $0.label == "battery" && $0.unit == "%" }?.value
            self = .ups(UPSReading(status: status, chargePercent: battery.flatMap(UPSReading.charge)))
        } else if plugin.hasPrefix("check_ups") {
            self = .unseen(result.explanation)
        } else if result.status == .critical {
            self = .lost
        } else {
            self = result.status == .warning && SupplyCheck.saysOnBattery(result.summary + "\n" + result.longOutput) ? .lost : .present
        }
    }

    /// Whether a warning is one of a UPS that runs on its battery, in the words of the usual tools: `On Battery`, `ONBATT`, `on-battery`.
    private static func saysOnBattery(_ text: String) -> Bool {
        let words = text.lowercased().split { !$0.isLetter && !$0.isNumber }.prefix(1000).map(String.init)
        return words.indices.contains { index in
            if words[index] == "onbatt" || words[index] == "onbattery" { return true }
            guard words[index] == "on", index + 1 < words.count, words[index + 1] == "battery" else { return false }
            return index == 0 || !["not", "never", "no"].contains(words[index - 1])
        }
    }
}

extension CheckResult {
    /// What a UPS says through a check that names its flags, as `check_ups` of the Monitoring Plugins does; nil for any other check, and where nothing is known.
    public var upsReading: UPSReading? {
        guard case .ups(let reading) = SupplyCheck(self, plugin: "") else { return nil }
        return reading
    }
}

extension UPSStatus {
    /// Reads the words in which `check_ups` tells the flags: `UPS WARNING - Status=On Battery, Low Battery Utility=0.0V Batt=80.0%`. Nil where they are not
    /// there. Where a UPS is on mains and on battery at once, it writes the two without anything between them.
    init?(words summary: String) {
        guard summary.hasPrefix("UPS "), let start = summary.range(of: "Status=") else { return nil }
        var text = summary[start.upperBound...]
        for member in ["Utility=", "Batt=", "Load=", "Temp="] { if let end = text.range(of: member) { text = text[..<end.lowerBound] } }
        var flags: [String] = []
        for item in text.split(separator: ",").map(\.trimmed) {
            switch item {
            case "Off": flags.append("OFF")
            case "Online": flags.append("OL")
            case "On Battery": flags.append("OB")
            case "OnlineOn Battery": flags += ["OL", "OB"]
            case "Low Battery": flags.append("LB")
            case "Calibrating": flags.append("CAL")
            case "Replace Battery": flags.append("RB")
            case "On Bypass": flags.append("BYPASS")
            case "Overload": flags.append("OVER")
            case "Trimming": flags.append("TRIM")
            case "Boosting": flags.append("BOOST")
            case "Charging": flags.append("CHRG")
            case "Discharging": flags.append("DISCHRG")
            case "": break
            default: flags.append(item)
            }
        }
        self.init(flags.joined(separator: " "))
    }
}
