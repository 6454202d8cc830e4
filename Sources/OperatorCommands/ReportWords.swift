import Regulation

extension DutyWords {
    /// What a section of the report is about: its heading, and which messages play which part in it; nil where the report has no such section.
    ///
    /// - Parameter kind: told is only what has to do with cases of this kind; nil: all.
    func reported(_ section: ReportRule.Section, on kind: CaseKind? = nil) -> String? {
        let rule = regulation.report
        guard let title = rule.titles[section] else { return nil }
        let parts = rule.parts(of: section, on: kind).compactMap { part in rule[part].map { "\(part.title[language]) (\($0))" } }
        var text = parts
        if section == .inspections, kind == nil, let caption = rule.caption { text.append("“\(caption[language])”") }
        if section == .incidents, let incidents = rule.incidents { text += told(of: incidents) }
        return "“\(title[language])”: " + text.joined(separator: "; ")
    }

    private func told(of incidents: ReportRule.Incidents) -> [String] {
        let vi = language == .vi
        var text = ["\(vi ? "vụ việc" : "cases") “\(incidents.kind.name[language])” (\(incidents.kind.id))"]
        text.append("\(vi ? "đúng hạn theo tin" : "in time by") “\(message(incidents.told))” (\(incidents.told))")
        if !incidents.members.isEmpty { text.append("\(vi ? "đếm theo" : "counted by") \(incidents.members.joined(separator: ", "))") }
        if let dismissed = incidents.dismissed { text.append("\(vi ? "không tính" : "not counted"): \(dismissed[language])") }
        return text
            + incidents.stages.map { stage in
                "\(vi ? "mốc" : "step") \(stage.name): \(stage.title[language]) / \(stage.head[language]) (\(stage.type))"
            }
    }
}

/// What the sections of a report are called where editions are compared, whatever their headings.
enum ReportWords {
    static func title(_ section: ReportRule.Section) -> Wording {
        switch section {
        case .reports: Wording(vi: "mục báo cáo của các bên", en: "section on reports")
        case .incidents: Wording(vi: "mục sự cố", en: "section on incidents")
        case .hours: Wording(vi: "mục giờ vận hành", en: "section on hours of operation")
        case .content: Wording(vi: "mục nội dung", en: "section on content")
        case .feedback: Wording(vi: "mục ý kiến phản ánh", en: "section on feedback")
        case .inspections: Wording(vi: "mục kiểm tra, tập huấn, sao lưu", en: "section on inspections, training and backups")
        }
    }
}

extension ReportRule {
    /// The parts that a section has; of a kind of case those that its messages play.
    fileprivate func parts(of section: Section, on kind: CaseKind?) -> [Part] {
        Part.allCases.filter { part in
            guard part.section == section, let type = self[part] else { return false }
            return kind.map { $0.part(of: type) != nil } ?? true
        }
    }

    /// The sections that have to do with cases of a kind.
    func sections(on kind: CaseKind) -> [Section] {
        Section.allCases.filter { section in
            section == .incidents ? incidents?.kind.id == kind.id : titles[section] != nil && !parts(of: section, on: kind).isEmpty
        }
    }
}
