import Coordination
import Regulation
import Values

/// What an audit of a ledger found, in words.
public struct AuditReport: Sendable {
    private let findings: [Audit.Finding]
    private let recordCount: Int
    private let digest: String

    /// A report of an audit that has read a whole ledger.
    public init(_ audit: Audit) { (findings, recordCount, digest) = (audit.result(), audit.state.recordCount, audit.state.digest) }

    /// Whether everything fits.
    public var isInOrder: Bool { findings.isEmpty }

    /// As JSON.
    public var json: JSON {
        [
            "records": .int(Int64(recordCount)), "inOrder": .bool(isInOrder), "state": .string(digest),
            "findings": .array(findings.map { ["place": .int(Int64($0.place)), "id": .string($0.id), "fault": .string(AuditReport.words($0.fault)[.en])] }),
        ]
    }

    /// The report, line by line: the first wrong record first.
    public func lines(_ language: Language) -> [String] {
        let vi = language == .vi
        if isInOrder {
            return [
                vi
                    ? "\(recordCount) bản ghi: mọi thông báo đều có căn cứ, không thiếu thông báo nào."
                    : "\(recordCount) records: every notice is justified, and none is missing.",
                (vi ? "Mã kiểm tra trạng thái: " : "Digest of the state: ") + digest,
            ]
        }
        let head =
            vi ? "\(recordCount) bản ghi, \(findings.count) chỗ không khớp; chỗ đầu tiên:" : "\(recordCount) records, \(findings.count) do not fit; the first:"
        return [head] + findings.map { "  \(vi ? "bản ghi" : "record") \($0.place + 1): \(shown($0.id)): \(AuditReport.words($0.fault)[language])" }
    }

    private static func words(_ fault: Audit.Finding.Fault) -> Wording {
        switch fault {
        case .unjustified: Wording(vi: "thông báo không có căn cứ trong các bản ghi trước đó", en: "nothing before it calls for this notice")
        case .altered(let members):
            Wording(
                vi: "nội dung khác với các bản ghi trước đó: \(members.joined(separator: ", "))",
                en: "it says something else than the records before it: \(members.joined(separator: ", "))")
        case .missing: Wording(vi: "thông báo phải có mà không có trong sổ", en: "this notice is called for and is not there")
        case .outOfOrder:
            Wording(
                vi: "số thứ tự trong sổ không lớn hơn bản ghi trước: bản ghi bị đổi chỗ hoặc lặp",
                en: "its number in the ledger is not higher than that of the record before it: it was moved, or stands there twice")
        case .acknowledgedOnly(let party):
            Wording(vi: "\(party) đã báo nhận tin này mà sổ không có", en: "\(party) acknowledged this message, and it is not there")
        case .testified(let party):
            Wording(
                vi: "sổ chỉ có tin này theo lời \(party) đã nhận, không có bản của nơi gửi",
                en: "only the word of \(party), who received it, is there, not what its sender sent")
        case .otherRegulation:
            Wording(vi: "văn bản quy định không khớp mã kiểm tra của nó", en: "the regulation in it is not the one of which it gives the digest")
        case .beginsLater:
            Wording(vi: "không phải bản ghi đầu của sổ: thiếu phần trước đó", en: "it is not the first record of a ledger: what came before is not there")
        case .unreadable(let reason): reason.map { language, text in (language == .vi ? "bản ghi không hợp lệ: " : "no reader accepts it: ") + text }
        }
    }
}
