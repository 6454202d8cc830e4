import Foundation
import Monitoring
import Regulation
import Values

/// What an agent watches, from its `monitor.json`.
public struct WatchConfiguration: Hashable, Sendable {
    /// The devices, in the order of the file.
    public var devices: [WatchedDevice] = []
    /// The supply; nil where it is not this agent's to watch, or nothing watches it.
    public var supply: WatchedSupply?

    /// Nothing watched, unless filled in.
    public init(devices: [WatchedDevice] = [], supply: WatchedSupply? = nil) { (self.devices, self.supply) = (devices, supply) }
}

/// A device and the check that tells how it is. How often and how long it is checked is in real time, in a drill too.
public struct WatchedDevice: Hashable, Sendable {
    /// Its id, as messages name it.
    public var id: String
    /// What people call it, as it stands in the middle of a sentence.
    public var title: Wording
    /// The check.
    public var check: Plugin
    /// How long the check may run.
    public var timeout: Span
    /// How often it is run.
    public var interval: Span
    /// Results in a row that confirm a worse status.
    public var attemptsToConfirmBad: Int
    /// Results in a row that confirm a better one.
    public var attemptsToConfirmGood: Int
    /// After how long without knowledge, on the clock of the duties, the monitor counts as lost; never before three checks could have told.
    public var lostAfter: Span
    /// Whether an outage of it is an incident to be detected (article 8.2), beyond a status to be recorded.
    public var raisesIncident: Bool

    /// The check's name, which stands in messages.
    public var checkName: String { check.name }

    /// A drill's clock may run hours in the time that a busy machine takes to start a check; silence shorter than this real time means nothing.
    private static let leastSilence = Span.seconds(5)

    /// The damping of its monitor on a clock that runs at a rate.
    func damping(rate: Double) -> Damping {
        let usual = Damping()
        return Damping(
            confirmBad: attemptsToConfirmBad, confirmGood: attemptsToConfirmGood, flapBound: usual.flapBound, flapWindow: usual.flapWindow.scaled(by: rate),
            unknownLimit: max(lostAfter, max(interval * 3 + timeout, WatchedDevice.leastSilence).scaled(by: rate)))
    }

    /// How long it may take until a change is confirmed.
    var confirmation: Span { interval * max(attemptsToConfirmBad, attemptsToConfirmGood) + timeout }
}

/// The supply and what tells how it is. Its times are in real time, in a drill too.
public struct WatchedSupply: Hashable, Sendable {
    /// What tells.
    public enum Source: Hashable, Sendable {
        /// A UPS, through the `upsd` of Network UPS Tools.
        case ups(host: String, port: UInt16)
        /// A check plugin: critical is an outage.
        case check(Plugin, timeout: Span)
    }

    /// The name of the UPS or the check, as messages give it.
    public var name: String
    /// What tells.
    public var source: Source
    /// How often it is asked.
    public var poll: Span
    /// How long a state of the supply must last before it is said.
    public var grace: Span
    /// After how long without an answer the monitor counts as lost.
    public var lostAfter: Span
}

extension Plugin {
    /// The file name of the executable.
    var name: String { String(executable.split(separator: "/").last ?? "") }
}

extension Span {
    /// The span in seconds.
    var seconds: Double { Double(milliseconds) / 1000 }
}
