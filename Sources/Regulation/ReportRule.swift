import Values

/// What the report of a period is about: its sections, and the message types that play a part in each. A section that a text leaves out is not in its reports. What the
/// ledger covers, how the duties stand and what was claimed is in every report.
public struct ReportRule: Sendable, Hashable {
    /// What is reported on; nil where the text does not say.
    public var about: Wording?
    /// What the report calls the party that leads, "the Department"; nil: by its name.
    public var lead: Wording?
    /// The sections that there are, with their headings.
    public var titles: [Section: Wording] = [:]
    /// The types that play a part.
    public var types: [Part: String] = [:]
    /// What the section on incidents is about.
    public var incidents: Incidents?
    /// What stands above the table of inspections; nil where the text does not say.
    public var caption: Wording?

    /// The sections that a text may have, in the order of the report.
    public enum Section: String, Sendable, CaseIterable {
        /// Who reported when.
        case reports
        /// Cases of one kind: how long each step took, and whether who must be told was told in time.
        case incidents
        /// Hours of operation, day by day.
        case hours
        /// Content: published, submitted, challenged.
        case content
        /// Feedback, and the box into which it is put.
        case feedback
        /// Inspections, training, backups.
        case inspections
    }

    /// The parts that message types play in the sections.
    public enum Part: Sendable, CaseIterable {
        /// A party reports.
        case reportSubmitted
        /// The reports are put together for those above.
        case reportsConsolidated
        /// The hours of operation of a day.
        case dayClosed
        /// Content is shown.
        case contentPublished
        /// A day has no new content.
        case nothingNew
        /// Content is sent to be vetted.
        case contentSubmitted
        /// What became of it.
        case contentVetted
        /// Content is objected to,
        case contentChallenged
        /// taken off,
        case contentWithdrawn
        /// or kept.
        case contentUpheld
        /// A piece of feedback comes in,
        case feedbackReceived
        /// goes to whoever deals with it,
        case feedbackForwarded
        /// is dealt with,
        case feedbackResolved
        /// or goes to another authority.
        case feedbackTransferred
        /// The box for feedback is emptied.
        case boxOpened
        /// An inspection of what is run.
        case inspectionHeld
        /// An inspection of its site.
        case siteInspected
        /// A training course.
        case trainingHeld
        /// A backup.
        case backupTaken
    }

    /// Cases that are followed from step to step.
    public struct Incidents: Sendable, Hashable {
        /// Their kind: what begins one, what merges it, what ends it as none.
        public var kind: CaseKind
        /// The type by which who must be told is told: the duty that it fulfils stands in time or late.
        public var told: String
        /// What a case is called that somebody ended as none: "false alarms"; nil: as the messages that end it.
        public var dismissed: Wording?
        /// The members by which the cases are counted.
        public var members: [String]
        /// The steps, the last one being the end.
        public var stages: [Stage]

        /// The step at which who must be told was told.
        public var toldStage: Stage? { stages.first { $0.type == told } }
    }

    /// A step of a case, reached when a message of a type counts.
    public struct Stage: Sendable, Hashable {
        /// Noun and verb.
        public var type: String
        /// What the ids of its figures are called.
        public var name: String
        /// What it is called.
        public var title: Wording
        /// The same at the head of a column.
        public var head: Wording
    }

    /// The type that plays a part; nil where none does.
    public subscript(part: Part) -> String? { types[part] }
}

extension ReportRule.Part {
    /// The form of a member.
    enum Form {
        case instant, date, integer, flag, choice, text, list
    }

    /// What is to be known of a part.
    struct Profile {
        /// The section it belongs to.
        var section: ReportRule.Section
        /// The member of the section that names its type.
        var member: String
        /// What it is, in words.
        var title: Wording
        /// The part without which it says nothing.
        var needs: ReportRule.Part?
        /// Whether the section tells how the duty stands that the type fulfils.
        var isOwed = false
        /// The members that the section reads.
        var reads: KeyValuePairs<String, Form> = [:]

        init(
            _ section: ReportRule.Section, _ member: String, _ vi: String, _ en: String, needs: ReportRule.Part? = nil, isOwed: Bool = false,
            reads: KeyValuePairs<String, Form> = [:]
        ) {
            (self.section, self.member, title, self.needs, self.isOwed, self.reads) = (section, member, Wording(vi: vi, en: en), needs, isOwed, reads)
        }
    }

    var profile: Profile {
        switch self {
        case .reportSubmitted: .init(.reports, "submitted", "báo cáo của các bên", "the parties' reports", isOwed: true)
        case .reportsConsolidated:
            .init(
                .reports, "consolidated", "báo cáo tổng hợp", "the consolidated report", isOwed: true,
                reads: ["period": .choice, "year": .integer, "summary": .text, "files": .list])
        case .dayClosed:
            .init(
                .hours, "dayClosed", "giờ vận hành của một ngày", "the hours of a day", isOwed: true,
                reads: [
                    "date": .date, "minimumMinutes": .integer, "devices.device": .text, "devices.operatedMinutes": .integer,
                    "devices.noRecordMinutes": .integer, "devices.lost.cause": .choice, "devices.lost.minutes": .integer, "devices.lost.planned": .flag,
                ])
        case .contentPublished: .init(.content, "published", "đăng phát", "published", reads: ["publishedAt": .instant, "languages": .list])
        case .nothingNew: .init(.content, "nothingNew", "không có gì mới", "nothing new", needs: .contentPublished, isOwed: true)
        case .contentSubmitted: .init(.content, "submitted", "gửi đến", "submitted")
        case .contentVetted: .init(.content, "vetted", "thẩm định", "vetted", needs: .contentSubmitted, reads: ["outcome": .choice])
        case .contentChallenged: .init(.content, "challenged", "bị phản ánh", "challenged")
        case .contentWithdrawn: .init(.content, "withdrawn", "gỡ", "withdrawn", needs: .contentChallenged)
        case .contentUpheld: .init(.content, "upheld", "giữ lại", "upheld", needs: .contentChallenged)
        case .feedbackReceived:
            .init(.feedback, "received", "tiếp nhận", "received", reads: ["receivedAt": .instant, "channel": .choice, "kind": .choice])
        case .feedbackForwarded: .init(.feedback, "forwarded", "thông báo", "forwarded", needs: .feedbackReceived)
        case .feedbackResolved: .init(.feedback, "resolved", "giải quyết", "resolved", needs: .feedbackReceived)
        case .feedbackTransferred: .init(.feedback, "transferred", "chuyển nơi có thẩm quyền", "transferred", needs: .feedbackReceived)
        case .boxOpened: .init(.feedback, "opened", "mở hòm thư", "the box opened", isOwed: true, reads: ["openedAt": .instant, "letters": .integer])
        case .inspectionHeld:
            .init(.inspections, "inspected", "kiểm tra", "inspected", reads: ["heldOn": .date, "kind": .choice, "faultsFound": .flag])
        case .siteInspected:
            .init(.inspections, "site", "kiểm tra khu vực", "the site inspected", reads: ["inspectedAt": .instant, "topic": .choice, "inOrder": .flag])
        case .trainingHeld:
            .init(.inspections, "training", "tập huấn", "training", reads: ["heldOn": .date, "topic": .choice, "participants": .integer])
        case .backupTaken: .init(.inspections, "backup", "sao lưu", "backed up", isOwed: true, reads: ["takenAt": .instant])
        }
    }

    /// The section it belongs to.
    public var section: ReportRule.Section { profile.section }
    /// The member of the section that names its type.
    public var member: String { profile.member }
    /// What it is, in words.
    public var title: Wording { profile.title }
}
