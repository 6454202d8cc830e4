import AMQP
import AgentKit
import Coordination
import Regulation

extension Logger {
    /// Writes what the leader has to say.
    func write(_ remark: Leader.Remark) {
        switch remark {
        case .caughtUp(let records): write(.notice, Wording(vi: "đã đọc hết sổ: \(records) tin", en: "the ledger is read: \(records) records"))
        case .leads(let election):
            write(
                .notice,
                Wording(vi: "điều phối bắt đầu theo dõi thời hạn (\(election))", en: "this coordinator leads and watches the deadlines (\(election))"))
        case .leadsNoMore: write(.warning, Wording(vi: "điều phối này thôi phụ trách", en: "this coordinator leads no more"))
        case .notPublished(let id, let reason): write(.warning, verbatim: "not published, to be tried again: \(id): \(reason)")
        case .notOnLedger(let id): write(.warning, verbatim: "confirmed and not on the ledger, to be tried again: \(id)")
        case .arrivalsUnknown(let reason): write(.warning, verbatim: "the broker does not tell when messages came in: \(reason)")
        case .refused(let refusal):
            // What the coordinator itself says wrongly is a mistake in the program.
            write(refusal.sender == LedgerState.coordinator ? .error : .warning, verbatim: "a record does not count: \(refusal.account)")
        case .refusedMore(let count):
            write(.warning, Wording(vi: "\(count) tin nữa trong giây đó không được tính", en: "\(count) more records of that second do not count"))
        case .stoodStill(let seconds):
            write(
                .warning,
                Wording(
                    vi: "máy đứng yên \(Int(seconds)) giây; hỏi máy chủ tin lúc các tin đã đến",
                    en: "this machine stood still for \(Int(seconds)) s; the broker is asked when messages came in"))
        case .clockIsOff(let span):
            let seconds = span.milliseconds / 1000
            write(
                .error,
                Wording(
                    vi: "ĐỒNG HỒ MÁY NÀY SAI \(seconds) giây so với các đơn vị và máy chủ tin; đề nghị chỉnh lại giờ",
                    en: "THIS MACHINE'S CLOCK IS OFF by \(seconds) s from the parties' and the broker's; set it right"))
        case .clockIsRight: write(.notice, Wording(vi: "đồng hồ máy này đã đúng trở lại", en: "this machine's clock is right again"))
        }
    }
}

extension Leader.Outcome {
    /// What an answer of the broker's, or its absence, means for a publication.
    init(_ result: Result<Void, AMQPError>) {
        switch result {
        case .success: self = .confirmed
        case .failure(let error):
            switch error.code {
            case .returned, .invalid, .accessRefused, .preconditionFailed: self = error.isRetriable ? .lost("\(error)") : .refused("\(error)")
            default: self = .lost("\(error)")
            }
        }
    }
}
