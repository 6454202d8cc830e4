import Values

extension PowerMonitor {
    /// Everything the monitor knows, to be saved after each input, so that a restart in mid-outage neither loses its start nor says it again.
    public var state: JSON {
        .compact([
            "outage": outage.map {
                .compact([
                    "since": $0.since.state, "lastKnownGood": $0.lastKnownGood?.state, "isConfirmed": .bool($0.isConfirmed),
                    "isBatteryLow": .bool($0.isBatteryLow), "backSince": $0.backSince?.state,
                ])
            },
            "silence": silence.map { .compact(["since": $0.since.state, "isConfirmed": .bool($0.isConfirmed)]) },
            "lastKnownGood": lastKnownGood?.state, "heardAt": heardAt?.state,
            "remarks": .array(
                UPSRemark.allCases.compactMap { kind in
                    remarks[kind].map {
                        .compact([
                            "kind": .string(kind.rawValue), "since": $0.since?.state, "toldAt": $0.toldAt?.state,
                            "chargePercent": $0.chargePercent.map { .double($0) },
                        ])
                    }
                }),
        ])
    }

    /// Takes up a saved state; call `resumed(at:)` next.
    /// - Throws: `StateError` if it is not one that `state` gave.
    public init(blip: Span = .seconds(15), contactLimit: Span = .seconds(60), state: JSON) throws {
        self.init(blip: blip, contactLimit: contactLimit)
        let reader = try StateReader(state, owner: "the power monitor")
        outage = try reader.object("outage") { reader in
            Outage(
                since: try reader.instant("since"), lastKnownGood: try reader.optionalInstant("lastKnownGood"), isConfirmed: try reader.flag("isConfirmed"),
                isBatteryLow: try reader.flag("isBatteryLow"), backSince: try reader.optionalInstant("backSince"))
        }
        silence = try reader.object("silence") { Silence(since: try $0.instant("since"), isConfirmed: try $0.flag("isConfirmed")) }
        lastKnownGood = try reader.optionalInstant("lastKnownGood")
        heardAt = try reader.optionalInstant("heardAt")
        for item in state["remarks"]?.array ?? [] {
            let remark = try StateReader(item, owner: reader.owner)
            let kind = try remark.required("kind", "remark") { $0.string.flatMap(UPSRemark.init(rawValue:)) }
            remarks[kind] = Remark(
                since: try remark.optionalInstant("since"), toldAt: try remark.optionalInstant("toldAt"),
                chargePercent: try remark.optional("chargePercent", "number", \.number))
        }
    }
}
