import Regulation
import Schemas
import Values

/// Whether the message types that a text names for a part of the program's can play it: what agents say of equipment, what is known of content, what a desk says.
struct PartsCheck {
    private let regulation: Regulation
    private(set) var findings: [RegulationCheck.Finding] = []

    init(_ regulation: Regulation) {
        self.regulation = regulation
        // An earlier edition has what the one built in says, which is in order.
        if regulation.source["equipment"] != nil { checkEquipment() }
        if regulation.source["content"] != nil { checkContent() }
        for (index, duty) in regulation.duties.enumerated() where regulation.source["duties"]?.array?[index]["desk"] != nil {
            for (number, answer) in (regulation.desks[duty.id] ?? []).enumerated() {
                check(answer, at: "/duties/\(index)/desk/\(number)")
                check(answer, of: duty, at: "/duties/\(index)/desk/\(number)/type")
            }
        }
        for (index, party) in regulation.parties.enumerated() where regulation.source["parties"]?.array?[index]["watches"] != nil {
            checkWatches(of: party, at: "/parties/\(index)/watches")
        }
    }

    private mutating func note(_ pointer: String, _ reason: Wording) { findings.append(.init(pointer: pointer, reason: reason)) }

    private mutating func check(_ type: String?, _ uses: [MemberUse], at pointer: String, isWritten: Bool = true, given: JSONObject = [:]) {
        // A type without a schema is told at its own place.
        guard let schema = type.flatMap(regulation.schema) else { return }
        for misfit in schema.misfits(uses, isWritten: isWritten, given: given.members.map(\.key)) { note(pointer, misfit) }
    }

    /// Who owes a duty must be able to give its answers.
    private mutating func check(_ answer: DeskAnswer, of duty: Duty, at pointer: String) {
        var obligors = duty.obligors.compactMap(\.party)
        if case .of(let parties)? = duty.each { obligors += parties }
        let from = regulation.messageType(answer.type)?.from ?? []
        for party in obligors where !from.contains(party) {
            note(
                pointer,
                Wording(
                    vi: "\(party) phải làm việc này mà không được gửi \(answer.type): cho gửi tại /messageTypes, hoặc nêu tin khác",
                    en: "\(party) owes this and may not say \(answer.type): let it, at /messageTypes, or name another"))
        }
    }

    /// Who watches something must be able to tell of it.
    private mutating func checkWatches(of party: Party, at pointer: String) {
        if party.watches.contains(.operations), regulation.operations.isEmpty {
            note(
                pointer,
                Wording(
                    vi: "không việc nào đòi thiết bị vận hành đủ giờ (due.operation): thêm việc đó, hoặc bỏ “operations”",
                    en: "no duty asks for hours of operation (due.operation): add one, or remove \"operations\""))
        }
        let equipment = regulation.equipment
        let types: [String?] = Party.Watched.allCases.filter(party.watches.contains).flatMap { watched -> [String?] in
            switch watched {
            case .devices: [equipment?.status]
            case .incidents: [equipment?.failure?.type]
            case .operations: [equipment?.day]
            case .supply: [equipment?.supply?.status, equipment?.supply?.restored]
            }
        }
        for case let type? in types where regulation.messageType(type)?.from.contains(party.id) != true {
            note(
                pointer,
                Wording(
                    vi: "\(party.id) không được gửi \(type): cho gửi tại /messageTypes, hoặc bỏ mục này",
                    en: "\(party.id) may not say \(type): let it, at /messageTypes, or remove this"))
        }
    }

    private mutating func checkEquipment() {
        guard let equipment = regulation.equipment else { return }
        if let failure = equipment.failure {
            check(failure.type, Equipment.inFailure, at: "/equipment/failure/type", given: failure.says)
            check(failure.says, in: failure.type, at: "/equipment/failure/says")
        }
        check(equipment.status, Equipment.inStatus, at: "/equipment/status")
        check(equipment.supply?.status, Equipment.inSupply, at: "/equipment/supply/status")
        check(equipment.supply?.restored, Equipment.inReturn, at: "/equipment/supply/restored")
        check(equipment.day, Equipment.inDay, at: "/equipment/day")
        // What shows how long a device was in operation is what tells how devices are.
        for (index, duty) in regulation.duties.enumerated() {
            for operation in duty.due.operations where equipment.status.map({ $0 != operation.shownBy }) == true {
                note(
                    "/duties/\(index)/due",
                    Wording(
                        vi:
                            "giờ vận hành tính theo \(operation.shownBy), mà máy giám sát gửi \(equipment.status ?? "") (/equipment/status): ghi cùng một loại tin",
                        en:
                            "hours of operation are counted by \(operation.shownBy), and agents say \(equipment.status ?? "") (/equipment/status): name one type"
                    ))
            }
        }
    }

    private mutating func checkContent() {
        guard let content = regulation.content else { return }
        check(content.published, ContentTypes.inPublished, at: "/content/published", isWritten: false)
        for part in ContentTypes.parts { check(content[keyPath: part.path], part.uses, at: "/content/\(part.member)", isWritten: part.isWritten) }
    }

    /// What is the same in every message of a type must be of it.
    private mutating func check(_ says: JSONObject, in type: String, at pointer: String) {
        guard let schema = regulation.schema(of: type) else { return }
        for problem in schema.problems(in: .object(says))
        where says.members.contains(where: { problem.pointer.split(separator: "/").first.map(String.init) == $0.key }) {
            note(pointer + problem.pointer, Wording(vi: problem.reason.vi, en: problem.reason.en))
        }
    }

    private mutating func check(_ answer: DeskAnswer, at pointer: String) {
        guard let schema = regulation.schema(of: answer.type) else { return }
        check(answer.says, in: answer.type, at: pointer + "/says")
        for (list, names) in [("known", answer.known), ("asks", answer.asks)] {
            for (index, name) in names.enumerated() {
                guard let field = schema.fields.first(where: { $0.name == name }) else {
                    note(
                        "\(pointer)/\(list)/\(index)", Wording(vi: "tin \(answer.type) không có mục “\(name)”", en: "\(answer.type) has no member \"\(name)\""))
                    continue
                }
                if field.kind == .object {
                    note(
                        "\(pointer)/\(list)/\(index)",
                        Wording(vi: "mục này có nhiều phần, không ghi trong một dòng được", en: "this has parts of its own, and cannot be said in a line"))
                }
            }
        }
        let given = Set(answer.known + answer.asks + answer.says.members.map(\.key) + (answer.to == nil ? [] : ["to"]))
        for field in schema.fields where field.isRequired && !given.contains(field.name) {
            note(
                pointer,
                Wording(
                    vi: "tin \(answer.type) bắt buộc có mục “\(field.name)”: thêm vào “known”, “says” hoặc “asks”",
                    en: "\(answer.type) requires \"\(field.name)\": add it under \"known\", \"says\" or \"asks\""))
        }
        if let type = regulation.messageType(answer.type), type.isAddressable, type.to.isEmpty, answer.to == nil {
            note(
                pointer,
                Wording(
                    vi: "\(answer.type) gửi tới một đơn vị do vụ việc quyết định: thêm “to”",
                    en: "\(answer.type) goes to the party that the case decides: add \"to\""))
        }
    }
}
