import Values

extension OperatingHours {
    /// The record so far, to be saved after each input, so that a restart in the middle of a day keeps the morning.
    public var state: JSON {
        let histories = devices.map { device in
            JSON.object(
                JSONObject(members: [
                    .init(key: "device", value: .string(device)),
                    .init(
                        key: "marks",
                        value: .array(
                            (marks[device] ?? []).map { .compact(["since": $0.since.state, "condition": .string($0.condition.rawValue)]) })),
                ]))
        }
        let causes = periods.map { period in
            JSON.compact([
                "cause": .string(period.cause.rawValue), "device": period.device.map { .string($0) }, "from": period.from.state,
                "until": period.until?.state,
            ])
        }
        return .compact(["histories": .array(histories), "causes": .array(causes)])
    }

    /// Takes up a saved state; records of devices no longer counted are dropped.
    /// - Throws: `StateError` if it is not one that `state` gave.
    public init(devices: [String], schedule: OperatingSchedule = OperatingSchedule(), state: JSON) throws {
        self.init(devices: devices, schedule: schedule)
        let reader = try StateReader(state, owner: "the hours of operation")
        for history in try reader.list("histories", "objects", { try StateReader($0, owner: reader.owner) }) {
            let device = try history.required("device", "string", \.string)
            guard devices.contains(device) else { continue }
            marks[device] = try history.list("marks", "objects") { value in
                let mark = try StateReader(value, owner: reader.owner)
                let condition = try mark.required("condition", "condition") { $0.string.flatMap(Condition.init(rawValue:)) }
                return Mark(since: try mark.instant("since"), condition: condition)
            }.suffix(OperatingHours.markLimit).sorted { $0.since < $1.since }
        }
        periods = try reader.list("causes", "objects") { value in
            let period = try StateReader(value, owner: reader.owner)
            return Period(
                cause: try period.required("cause", "cause") { $0.string.flatMap(LossCause.init(rawValue:)) },
                device: try period.optionalString("device"), from: try period.instant("from"), until: try period.optionalInstant("until"))
        }.suffix(OperatingHours.periodLimit)
    }
}
