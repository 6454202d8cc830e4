import Coordination
import Foundation
import Messages
import Regulation
import Values

/// Writes a ledger such as months at the gate leave behind: devices that change their status, the box opened and the day closed, feedback, now and then
/// an incident through all its stages, receipts from whoever owes them, and the coordinator's marks and notices as its own fold calls for them.
/// The same seed gives the same ledger.
struct Year {
    private(set) var messages: [Message] = []
    private var state = LedgerState()
    private var now: Instant
    private var random = SplitMix(state: 34_2015)
    private var owed: [(party: PartyID, id: String)] = []
    private let regulation = Regulation.standard
    private var offset: Span { regulation.calendar.offset }

    init(records: Int) throws {
        now = Instant(CivilDate(year: 2026, month: 1, day: 1) ?? CivilDate(daysSinceEpoch: 20_454), offset: regulation.calendar.offset)
        own("coordinator.elected", ["term": 1, "instance": "bench/1", "version": .string(regulation.version)])
        own("regulation.adopted", ["regulation": regulation.source, "digest": .string(regulation.digest)])
        var day = LocalTime(now, offset: offset).date
        while messages.count < records {
            live(through: day)
            day = CivilDate(daysSinceEpoch: day.daysSinceEpoch + 1)
            guard state.refusedCount == 0 else { throw BenchError("the ledger made for the measurement holds what its own fold refuses") }
        }
        messages.removeLast(messages.count - records)
    }

    // MARK: A day

    private mutating func live(through day: CivilDate) {
        let serial = day.daysSinceEpoch
        let hasIncident = serial % 2 == 0
        for quarter in 0..<96 {
            run(until: Instant(day, TimeOfDay(minutes: quarter * 15), offset: offset))
            let time = TimeOfDay(minutes: quarter * 15).description
            switch time {
            case "07:30": say("economic-zone", "suggestion-box.opened", ["openedAt": at, "letters": 1, "officer": "Trực ban Ban Quản lý Khu kinh tế"])
            case "08:00", "14:00": takeFeedback("GY-\(serial)-\(quarter)")
            case "22:00": closeDay(day)
            default: break
            }
            if hasIncident { proceed("SC-\(serial)", at: time) }
            // A dip in the power or on the line shows at every device, and is over at the next look.
            if quarter % 4 == 1, (7..<22).contains(quarter / 4) { for device in Year.devices { change(device, to: "critical") } }
            if quarter % 4 == 2, (7..<22).contains(quarter / 4) { for device in Year.devices { change(device, to: "ok") } }
            settle()
        }
    }

    private static let devices = ["led-screen", "kiosk-1", "kiosk-2", "audio"]
    private var at: JSON { JSON(now, offset: offset) }

    private mutating func change(_ device: String, to status: String) {
        let output =
            status == "ok"
            ? "OK - bộ điều khiển trả lời sau 0,21 giây, nguồn 12,1 V, không có mô-đun nào báo lỗi trong lần kiểm tra này"
            : "CRITICAL - không nhận được tín hiệu từ bộ điều khiển sau 3 lần thử, mỗi lần chờ 10 giây; nguồn không đo được"
        say(
            "border-guard", "device.status-changed",
            [
                "device": .string(device), "status": .string(status), "since": at, "output": .string(output),
                "performance": [
                    ["label": "nhiệt độ", "value": .double(38.5 + Double(random.next() % 64) / 8), "unit": "°C"], ["label": "modules", "value": 24],
                ],
            ])
    }

    private mutating func takeFeedback(_ subject: String) {
        say(
            "economic-zone", "feedback.received", of: subject,
            [
                "receivedAt": at, "channel": "suggestion-box", "kind": "opinion",
                "summary": "Đề nghị bổ sung thông tin giờ thông quan bằng tiếng Trung trên tủ tra cứu.",
            ])
        say(
            "economic-zone", "feedback.forwarded", of: subject,
            ["summary": "Một thư góp ý: đề nghị bổ sung giờ thông quan bằng tiếng Trung.", "officer": "Trực ban Ban Quản lý Khu kinh tế"])
        say(
            "information-dept", "feedback.resolved", of: subject,
            ["outcome": "Đã bổ sung giờ thông quan bằng tiếng Việt, Anh, Trung.", "officer": "Trực ban Sở Thông tin và Truyền thông"], to: "economic-zone")
    }

    private mutating func closeDay(_ day: CivilDate) {
        let devices = Year.devices.map { device -> JSON in
            ["device": .string(device), "operatedMinutes": 870, "noRecordMinutes": 0, "lost": [["cause": "power", "minutes": 30, "planned": false]]]
        }
        say(
            "border-guard", "operations.day-closed",
            [
                "date": .string(day.description), "windowFrom": "07:00", "windowTo": "22:00", "minimumMinutes": 840, "operatedMinutes": 870,
                "devices": .array(devices),
            ])
    }

    /// Takes an incident through its stages, one a quarter of an hour.
    private mutating func proceed(_ subject: String, at time: String) {
        let (guardDesk, department) = ("Trực ban Đồn Biên phòng cửa khẩu Quốc tế Lào Cai", "Trực ban Sở Thông tin và Truyền thông")
        switch time {
        case "09:00":
            say(
                "border-guard", "incident.detected", of: subject,
                [
                    "kind": "technical", "occurredAt": at, "title": "màn hình LED không hiển thị", "device": "led-screen", "cause": "unknown",
                    "detectedBy": "check_led", "evidence": "CRITICAL - không nhận được tín hiệu từ bộ điều khiển",
                ])
        case "09:30": say("border-guard", "incident.notified", of: subject, Year.notification(at: now, offset: offset))
        case "09:45": say("information-dept", "incident.acknowledged", of: subject, ["officer": .string(department), "acknowledgedAt": at])
        case "10:00":
            say(
                "information-dept", "incident.briefed", of: subject,
                ["summary": "Màn hình LED mất nguồn; Ban Quản lý Khu kinh tế đang kiểm tra tủ điện.", "officer": .string(department), "unlawfulContent": false])
        case "11:00":
            say(
                "information-dept", "handling-plan.proposed", of: subject,
                ["plan": "Thay bộ nguồn dự phòng; kiểm tra đường điện; chạy thử.", "officer": .string(department), "responsible": "economic-zone"])
        case "12:00":
            say(
                "border-guard", "incident.contained", of: subject,
                ["measures": "Ngắt nguồn, che màn hình.", "officer": .string(guardDesk), "containedAt": at])
        case "16:00":
            say(
                "border-guard", "incident.resolved", of: subject,
                ["measures": "Thay bộ nguồn, chạy thử 15 phút bình thường.", "officer": .string(guardDesk), "resolvedAt": at, "cause": "power"])
        default: break
        }
    }

    private static func notification(at instant: Instant, offset: Span) -> JSON {
        [
            "kind": "technical", "occurredAt": JSON(instant, offset: offset), "title": "màn hình LED không hiển thị",
            "officer": "Trực ban Đồn Biên phòng cửa khẩu Quốc tế Lào Cai", "device": "led-screen", "cause": "power",
            "description": "Màn hình tắt hoàn toàn, tủ điện khu vực màn hình mất nguồn; đã báo Ban Quản lý Khu kinh tế.",
        ]
    }

    // MARK: Saying and answering

    private mutating func say(_ sender: PartyID, _ type: String, of subject: String? = nil, _ data: JSON, to: PartyID = RoutingKey.all) {
        put(Event(id: random.uuid(), sender: sender, type: type, subject: subject, time: now, data: data), to: to)
    }

    private mutating func own(_ type: String, _ data: JSON) {
        let id = random.uuid()
        put(Event(id: id, sender: LedgerState.coordinator, type: type, time: now, data: data, election: state.election?.id ?? id), to: RoutingKey.all)
    }

    private mutating func put(_ event: Event, to: PartyID) {
        let message = Message(
            routingKey: RoutingKey(sender: event.sender, type: event.type, to: to).description, id: event.id, user: event.sender,
            body: event.encoded(offset: offset))
        messages.append(message)
        state.evolve(LedgerState.Record(body: message.body, carriage: message.carriage))
        now = now + Span(milliseconds: 40)
        guard let type = regulation.messageType(event.type), type.owesReceipt else { return }
        for party in Set(type.to + [to]).sorted() where regulation.party(party) != nil { owed.append((party, event.id)) }
    }

    /// Receipts are issued, a mark vouches for what was said, and what is due is published, until all is quiet.
    private mutating func settle() {
        repeat {
            let receipts = owed
            owed = []
            for party in Set(receipts.map(\.party)).sorted() {
                let ids = receipts.filter { $0.party == party }.map { receipt -> JSON in ["id": .string(receipt.id), "receivedAt": at] }
                say(party, "receipt.issued", ["receipts": .array(ids)])
            }
            if state.hasUnobserved { own("coordinator.marked", ["reachedAt": at]) }
            for decision in state.decisions { put(decision.event(time: now, election: state.election?.id ?? ""), to: decision.to) }
        } while !owed.isEmpty
    }

    private mutating func run(until instant: Instant) {
        while let next = state.nextInstant, next <= instant {
            now = max(now, next)
            own("coordinator.marked", ["reachedAt": at])
            settle()
        }
        now = max(now, instant)
    }

    // MARK: Messages to publish

    /// Messages of the Border Guard's as they are published: by turns one that goes to the ledger alone and one that goes to the Department's urgent
    /// queue as well.
    static func messages(_ count: Int) -> [Message] {
        var random = SplitMix(state: 13_3)
        let offset = Regulation.standard.calendar.offset
        let begin = Instant(CivilDate(daysSinceEpoch: 20_454), offset: offset)
        return (0..<count).map { index in
            let time = begin + Span(milliseconds: Int64(index) * 1037)
            let isNotice = index % 2 == 0
            let data: JSON =
                isNotice
                ? notification(at: time, offset: offset)
                : [
                    "device": "led-screen", "status": "critical", "since": JSON(time, offset: offset),
                    "output": "CRITICAL - không nhận được tín hiệu từ bộ điều khiển sau 3 lần thử, mỗi lần chờ 10 giây; nguồn không đo được",
                    "cause": "power",
                    "performance": [["label": "nhiệt độ", "value": 41.5, "unit": "°C"], ["label": "modules", "value": 0]],
                ]
            let event = Event(
                id: random.uuid(), sender: "border-guard", type: isNotice ? "incident.notified" : "device.status-changed",
                subject: isNotice ? "SC-2026-\(index)" : nil, time: time, data: data)
            return Message(
                routingKey: RoutingKey(sender: event.sender, type: event.type).description, id: event.id, user: event.sender,
                body: event.encoded(offset: offset))
        }
    }
}

/// A small generator of numbers that are the same at every run.
private struct SplitMix: RandomNumberGenerator {
    var state: UInt64

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
        return mixed ^ (mixed >> 31)
    }

    mutating func uuid() -> String {
        var bytes = withUnsafeBytes(of: (next(), next())) { Array($0) }
        bytes[6] = bytes[6] & 0x0F | 0x40
        bytes[8] = bytes[8] & 0x3F | 0x80
        let uuid = bytes.withUnsafeBytes { UUID(uuid: $0.loadUnaligned(as: uuid_t.self)) }
        return uuid.uuidString.lowercased()
    }
}
