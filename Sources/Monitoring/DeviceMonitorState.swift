import Values

extension DeviceMonitor {
    /// Everything the monitor knows, to be saved after each input, so that a restart in mid-outage neither loses its start nor raises it again.
    public var state: JSON {
        .compact([
            "status": status.map { .string($0.rawValue) }, "statusSince": statusSince?.state, "outage": outage?.state,
            "monitorLoss": monitorLoss?.state, "heardAt": heardAt?.state, "lastKnownGood": lastKnownGood?.state, "goodRow": goodRow?.state,
            "criticalRow": criticalRow?.state, "unknownRow": unknownRow?.state, "shiftRow": shiftRow?.state, "lastProof": lastProof.map { .bool($0) },
            "flips": .array(flips.map(\.state)), "isFlapping": .bool(isFlapping),
        ])
    }

    /// Takes up a saved state; call `resumed(at:)` next.
    /// - Throws: `StateError` if it is not one that `state` gave.
    public init(device: String, damping: Damping = Damping(), state: JSON) throws {
        self.init(device: device, damping: damping)
        let reader = try StateReader(state, owner: "the monitor of \(device)")
        status = try reader.status("status")
        statusSince = try reader.optionalInstant("statusSince")
        outage = try reader.object("outage", Outage.init)
        monitorLoss = try reader.object("monitorLoss", Outage.init)
        heardAt = try reader.optionalInstant("heardAt")
        lastKnownGood = try reader.optionalInstant("lastKnownGood")
        goodRow = try reader.object("goodRow", Row.init)
        criticalRow = try reader.object("criticalRow", Row.init)
        unknownRow = try reader.object("unknownRow", Row.init)
        shiftRow = try reader.object("shiftRow", Row.init)
        lastProof = try reader.optionalFlag("lastProof")
        flips = try reader.list("flips", "instants", \.instant).suffix(damping.flapBound + 1)
        isFlapping = try reader.flag("isFlapping")
    }
}

extension DeviceMonitor.Outage {
    fileprivate var state: JSON {
        .compact(["since": since.state, "lastKnownGood": lastKnownGood?.state, "isConfirmed": .bool(isConfirmed)])
    }

    fileprivate init(_ reader: StateReader) throws {
        since = try reader.instant("since")
        lastKnownGood = try reader.optionalInstant("lastKnownGood")
        isConfirmed = try reader.flag("isConfirmed")
    }
}

extension DeviceMonitor.Row {
    fileprivate var state: JSON { .compact(["since": since.state, "lastKnownGood": lastKnownGood?.state, "count": .int(Int64(count))]) }

    fileprivate init(_ reader: StateReader) throws {
        since = try reader.instant("since")
        lastKnownGood = try reader.optionalInstant("lastKnownGood")
        // A row counts no further than damping asks for, and damping asks for 100 at most.
        count = try reader.required("count", "count") { $0.int.flatMap { (0...1_000).contains($0) ? Int($0) : nil } }
    }
}
