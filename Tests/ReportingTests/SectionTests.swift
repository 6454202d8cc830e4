import Messages
import Regulation
import Reporting
import Simulation
import Testing
import Values

@Suite struct SectionTests {
    // MARK: Reports

    private static let reports = """
        from 2026-06-10 to 2026-06-30
        2026-06-15 09:00 border-guard says report.submitted period=half-year year=2026 summary=x officer="Trung tá Bùi Quốc Khánh" document.number=123/BC-BCH document.date=2026-06-14 id=r1
        2026-06-19 23:00 economic-zone says report.submitted period=half-year year=2026 summary=x id=r2
        2026-06-20 00:01 police says report.submitted period=half-year year=2026 summary=x id=r3
        # Sent on paper in time, entered by the Department, which received it.
        2026-06-22 08:10 information-dept says report.submitted period=half-year year=2026 summary=x onBehalfOf=newspaper document.number=7/BC document.date=2026-06-18 document.sentAt=2026-06-18T16:00 id=r4
        2026-06-25 10:00 information-dept says report.consolidated period=half-year year=2026 summary=x id=c1
        # Of another year, and so of no period here.
        2026-06-25 11:00 broadcaster says report.submitted period=half-year year=2025 summary=x id=r5
        2026-06-11 09:00 peoples-committee says report.requested askedOf=police summary=x dueAt=2026-06-12T17:00 to=police as YC-1 id=q1
        2026-06-12 16:00 police says report.submitted period=ad-hoc year=2026 summary=x request=YC-1 id=q2
        """

    @Test func whoReportedWhenIsToldAgainstTheLawsDeadline() throws {
        let lines = SectionTests.reports.split(separator: "\n").map(String.init)
        let dated = lines.dropFirst().filter { $0.hasPrefix("2026") }.sorted { $0.prefix(16) < $1.prefix(16) }
        let report = try report(([lines[0]] + dated).joined(separator: "\n"))
        let reports = "reports.half-year"
        #expect(try report.count("\(reports).owed") == 7)
        #expect(try report.count("\(reports).in-time") == 3)
        #expect(try report.events("\(reports).in-time") == ["r1", "r2", "r4"])
        #expect(try report.count("\(reports).late") == 1)
        #expect(try report.count("\(reports).overdue") == 3)
        #expect(try report.obligations("\(reports).overdue") == ["broadcaster", "finance-dept", "culture-dept"].map { "report.half-year/2026-01-01/\($0)" })
        #expect(try report.value("\(reports).border-guard.document") == .text("123/BC-BCH, 14/6/2026"))
        #expect(try report.value("\(reports).border-guard.sent-at") == .instant(try at("2026-06-15T09:00")))
        #expect(try report.value("\(reports).newspaper.sent-at") == .instant(try at("2026-06-18T16:00")), "sending counts")
        #expect(try report.value("\(reports).newspaper.state") == .state(.inTime, .law))
        #expect(try report.value("\(reports).police.state") == .state(.late, .law))
        #expect(try report.value("\(reports).police.late-by") == .span(.minutes(1) + Span(milliseconds: 1)))
        #expect(try report.value("\(reports).broadcaster.sent-at") == .missing(.notOnRecord))
        #expect(try report.value("\(reports).police.deadline") == .deadline(try at("2026-06-20T00:00") - Span(milliseconds: 1)))
        #expect(try report.value("reports.consolidate.information-dept.state") == .state(.inTime, .law))
        #expect(try report.count("reports.ad-hoc.asked") == 1)
        #expect(try report.count("reports.ad-hoc.in-time") == 1)
        #expect(try report.events("reports.ad-hoc.in-time") == ["q1", "q2"])
        #expect(report.summary.vi.contains("4/7 cơ quan gửi báo cáo (3 đúng hạn)"))
    }

    @Test func reportsThatAreNotYetDueAreNotMissing() throws {
        let report = try report("from 2026-06-10 to 2026-06-12\n")
        #expect(try report.count("reports.half-year.open") == 7)
        #expect(try report.count("reports.half-year.overdue") == 0)
        #expect(report.isOver == false)
        #expect(MarkdownReport(report, language: .vi).markdown.contains("Kỳ báo cáo chưa hết: số liệu tính đến 23:59 12/6/2026."))
        #expect(MarkdownReport(report, language: .vi).markdown.contains("Sổ ghi bắt đầu lúc 23:59 9/6/2026, trong kỳ báo cáo"))
    }

    @Test func aLedgerThatBeganAfterTheDeadlineSaysThatItDoesNotKnow() throws {
        let report = try report("from 2026-06-25 to 2026-06-26\n")
        #expect(try report.value("reports.half-year.overdue") == .missing(.noData))
        #expect(try report.value("reports.half-year.police.state") == .missing(.noData))
        #expect(try report.value("duties.carried-open") == .missing(.noData))
    }

    // MARK: Hours

    private static let day = "windowFrom=07:00 windowTo=22:00 minimumMinutes=840"

    private static func devices(_ led: Int, noRecord: Int = 0, lost: String = "", more: String = "") -> String {
        #"operatedMinutes=\#(led) devices=[{"device":"led-screen","operatedMinutes":\#(led),"noRecordMinutes":\#(noRecord),"lost":[\#(lost)]}\#(more)]"#
    }

    @Test func aDayIsMetShortOrWithoutRecord() throws {
        let kiosk = #",{"device":"kiosk-1","operatedMinutes":100,"noRecordMinutes":0,"lost":[{"cause":"fault","minutes":800}]}"#
        let report = try report(
            """
            from 2026-05-30 to 2026-06-05
            2026-05-30 22:10 border-guard says operations.day-closed date=2026-05-30 \(SectionTests.day) \(SectionTests.devices(900, more: kiosk)) id=o1
            2026-05-31 22:10 border-guard says operations.day-closed date=2026-05-31 \(SectionTests.day) \(SectionTests.devices(840, lost: #"{"cause":"fault","minutes":60}"#)) id=o2
            2026-06-01 22:10 border-guard says operations.day-closed date=2026-06-01 \(SectionTests.day) \(SectionTests.devices(720, lost: #"{"cause":"power","minutes":180,"planned":true}"#)) id=o3
            # Too much is unknown to say: no more than 60 minutes are known to be lost.
            2026-06-02 22:10 border-guard says operations.day-closed date=2026-06-02 \(SectionTests.day) \(SectionTests.devices(600, noRecord: 240, lost: #"{"cause":"order","minutes":60}"#)) id=o4
            # Drawn up again: the later one counts.
            2026-06-03 22:10 border-guard says operations.day-closed date=2026-06-03 \(SectionTests.day) \(SectionTests.devices(900)) id=o5
            22:40 border-guard says operations.day-closed date=2026-06-03 \(SectionTests.day) \(SectionTests.devices(800, noRecord: 39, lost: #"{"cause":"fault","minutes":61}"#)) id=o6
            # The fourth of June has no record. Then a drill.
            2026-06-05 22:10 border-guard says operations.day-closed date=2026-06-05 exercise=yes \(SectionTests.day) \(SectionTests.devices(900)) id=o7
            """)
        #expect(try report.count("hours.days.all") == 7)
        #expect(try report.count("hours.days.met") == 2)
        #expect(try report.events("hours.days.met") == ["o1", "o2"])
        #expect(try report.count("hours.days.short") == 2)
        #expect(try report.events("hours.days.short") == ["o3", "o6"])
        #expect(try report.count("hours.days.no-record") == 3)
        #expect(try report.events("hours.days.no-record") == ["o4"])
        #expect(try report.value("hours.month.2026-05.operated") == .minutes(1740))
        #expect(try report.value("hours.month.2026-05.required") == .minutes(1680))
        #expect(try report.value("hours.month.2026-06.operated") == .minutes(720 + 600 + 800))
        #expect(try report.value("hours.month.2026-06.required") == .minutes(5 * 840))
        #expect(try report.value("hours.month.2026-04.operated") == .missing(.noData), "the ledger did not exist yet")
        #expect(try report.value("hours.month.total.operated") == .minutes(3860))
        #expect(try report.value("hours.lost.fault.minutes") == .minutes(121))
        #expect(try report.value("hours.lost.power.minutes") == .minutes(180))
        #expect(try report.value("hours.lost.power.planned") == .minutes(180))
        #expect(try report.value("hours.lost.order.minutes") == .minutes(60))
        #expect(try report.value("hours.lost.maintenance.minutes") == .minutes(0))
        #expect(try report.count("hours.device.kiosk-1.short") == 1)
        #expect(try report.count("hours.device.kiosk-1.no-record") == 6)
        #expect(try report.value("hours.short.2026-06-01.missing") == .minutes(120))
    }

    @Test func aDayThatIsNotOverIsNotCounted() throws {
        let report = try report("from 2026-06-05 to 2026-06-05\n05:00 coordinator stops\n08:00 coordinator starts\n10:00 coordinator stops\n")
        // Nothing is known of what comes after 10:00.
        #expect(report.knownTo < (try at("2026-06-05T22:00")))
        #expect(try report.value("hours.days.all") == .missing(.noData))
    }

    // MARK: Content, feedback, inspections

    @Test func contentIsToldByLanguageAndSubmissionsByTheirOutcome() throws {
        let report = try report(
            """
            from 2026-03-16 to 2026-03-20
            2026-03-16 08:00 culture-dept says content.submitted title=a answersFor="Phạm Thị Hương" as TT-1 id=s1
            09:00 police says content.submitted title=b answersFor=x as TT-2 id=s2
            10:00 police says content.submitted title=c answersFor=x as TT-3 id=s3
            11:00 police says content.submitted title=d answersFor=x as TT-4 id=s4
            14:00 information-dept says content.vetted outcome=accepted officer=x to=culture-dept as TT-1 id=v1
            2026-03-17 09:00 information-dept says content.vetted outcome=returned officer=x to=police as TT-2 id=v2
            10:00 information-dept says content.vetted outcome=refused officer=x to=police as TT-3 id=v3
            15:00 information-dept says content.published title=a officer=x languages=["vi","en"] as TT-1 id=p1
            16:00 information-dept says content.published title=e officer=x languages=["vi"] id=p2
            16:30 information-dept says content.published title=f officer=x id=p3
            2026-03-18 08:00 information-dept says content.nothing-new date=2026-03-18 officer=x id=n1
            09:00 culture-dept challenges ND-1 id=h1
            09:10 information-dept withdraws ND-1 id=w1
            10:00 culture-dept challenges ND-2 id=h2
            10:30 information-dept upholds ND-2 id=u2
            """)
        #expect(try report.count("content.published") == 3)
        #expect(try report.count("content.language.vi.count") == 2)
        #expect(try report.events("content.language.en.count") == ["p1"])
        #expect(try report.events("content.language.not_said.count") == ["p3"])
        #expect(try report.count("content.submissions.received") == 4)
        #expect(try report.events("content.submissions.accepted") == ["s1", "v1"])
        #expect(try report.events("content.submissions.returned") == ["s2", "v2"])
        #expect(try report.events("content.submissions.refused") == ["s3", "v3"])
        #expect(try report.events("content.submissions.awaiting") == ["s4"])
        #expect(try report.value("content.vetting.median") == .span(.hours(24)))
        #expect(try report.value("content.vetting.worst") == .span(.hours(24)))
        #expect(try report.events("content.challenges.withdrawn") == ["h1", "w1"])
        #expect(try report.events("content.challenges.upheld") == ["h2", "u2"])
        #expect(try report.value("content.challenge-time.median") == .span(.minutes(20)))
        #expect(try report.count("content.days.all") == 5)
        #expect(try report.count("content.days.published") == 1)
        #expect(try report.count("content.days.nothing-new") == 1)
        // The last of the days ends with the scenario, and is not over.
        #expect(try report.count("content.days.no-record") == 2)
    }

    @Test func feedbackIsFollowedToItsOutcome() throws {
        let report = try report(
            """
            from 2026-03-16 to 2026-03-20
            2026-03-16 07:40 economic-zone opens-box letters=2 id=b1
            08:00 economic-zone receives-feedback as PA-1 kind=opinion id=f1
            09:00 economic-zone forwards PA-1 id=w1
            2026-03-17 08:10 economic-zone opens-box letters=1 id=b2
            09:00 information-dept answers PA-1 id=r1
            09:30 border-guard receives-feedback as PA-2 kind=denunciation id=f2
            10:30 border-guard forwards PA-2 id=w2
            11:30 information-dept transfers PA-2 id=t2
            12:00 information-dept says feedback.received receivedAt=12:00 channel=hotline summary="Nguyễn Văn Mật tố cáo" as PA-3 id=f3
            """)
        #expect(try report.count("feedback.received") == 3)
        #expect(try report.events("feedback.forwarded") == ["w1", "w2"])
        #expect(try report.events("feedback.resolved") == ["r1"])
        #expect(try report.events("feedback.transferred") == ["t2"])
        #expect(try report.events("feedback.open") == ["f3"])
        #expect(try report.value("feedback.forwarding.median") == .span(.hours(1)))
        #expect(try report.value("feedback.settling.worst") == .span(.hours(24)))
        #expect(try report.count("feedback.channel.hotline.count") == 1)
        #expect(try report.count("feedback.kind.not_said.count") == 1)
        #expect(try report.count("feedback.box.days") == 5)
        #expect(try report.events("feedback.box.in-time") == ["b1"])
        #expect(try report.events("feedback.box.late") == ["b2"])
        #expect(try report.count("feedback.box.overdue") == 3)
        #expect(try report.count("feedback.box.letters") == 3)
    }

    @Test func inspectionsTrainingAndBackupsAreCounted() throws {
        let report = try report(
            """
            from 2026-03-16 to 2026-03-29
            2026-03-16 08:00 information-dept says inspection.completed kind=periodic heldOn=2026-03-15 findings=x faultsFound=yes officer=x id=i1
            09:00 information-dept says inspection.completed kind=ad-hoc heldOn=2026-03-16 findings=x faultsFound=no officer=x id=i2
            10:00 economic-zone says site.inspected topic=sanitation inspectedAt=09:50 inOrder=yes officer=x id=s1
            10:10 economic-zone says site.inspected topic=sanitation inspectedAt=10:00 inOrder=no officer=x id=s2
            11:00 information-dept says training.completed topic=using-equipment heldOn=2026-03-16 participants=25 id=t1
            # Held in an earlier year, entered late.
            11:10 information-dept says training.completed topic=using-equipment heldOn=2025-12-01 participants=9 id=t0
            12:00 information-dept says backup.completed takenAt=11:00 items=5 sha256=\(String(repeating: "a", count: 64)) keptUntil=2027-01-01 id=k1
            """)
        #expect(try report.count("inspections.count") == 2)
        #expect(try report.events("inspections.held.periodic.faults") == ["i1"])
        #expect(try report.count("inspections.held.ad-hoc.faults") == 0)
        #expect(try report.value("inspections.held.periodic.last") == .date(try #require(CivilDate("2026-03-15"))))
        #expect(try report.count("site.topic.sanitation.count") == 2)
        #expect(try report.events("site.topic.sanitation.not-in-order") == ["s2"])
        #expect(try report.value("site.topic.appearance.count") == .missing(.noData))
        #expect(try report.count("training.count") == 1)
        #expect(try report.count("training.topic.using-equipment.participants") == 25)
        #expect(try report.value("training.topic.supplying-information.participants") == .missing(.noData))
        #expect(try report.events("backups.last") == ["k1"])
        #expect(try report.count("backups.weeks") == 1)
    }

    @Test func whereNothingIsOnRecordNoNoughtIsSaid() throws {
        let report = try report("from 2026-03-16 to 2026-03-17\n")
        for id in [
            "incidents.real", "incidents.false-alarms", "content.published", "content.submissions.received", "content.challenges.received", "feedback.received",
            "feedback.box.letters", "inspections.count", "site.count", "training.count", "backups.count", "backups.last", "hours.month.2026-03.operated",
        ] {
            #expect(try report.value(id) == .missing(.noData), "\(id)")
        }
        #expect(MarkdownReport(report, language: .vi).markdown.contains("Số nội dung đã đăng phát: **không có số liệu**"))
    }

    // MARK: Duties

    @Test func anObligationCountsOnceInThePeriodInWhichItIsDecided() throws {
        let scenario = """
            from 2026-06-28 to 2026-07-03
            2026-06-28 10:00 border-guard says contingency-plan.filed topic=cluster year=2026 plan=x officer=x id=c1
            2026-06-30 16:00 culture-dept says content.submitted title=a answersFor=x as TT-1 id=s1
            23:30 border-guard detects SC-1 id=d1
            2026-07-01 00:40 border-guard notifies SC-1 id=n1
            2026-07-02 09:00 information-dept says content.vetted outcome=accepted officer=x to=culture-dept as TT-1 id=v1
            """
        let (first, second) = (try report(scenario), try report(scenario, "2026-H2"))
        let vet = "duties.mark.information-dept.content.vet"
        #expect(try first.count("\(vet).open") == 1, "submitted in June, due in July")
        #expect(try first.count("\(vet).in-time") == 0)
        #expect(try second.count("\(vet).in-time") == 1)
        // A plan for the year that was filed in June.
        #expect(try first.count("duties.mark.information-dept.contingency.plan.in-time") == 1)
        #expect(second.figure("duties.mark.information-dept.contingency.plan.in-time") == nil)
        // Its hour ended in July.
        let notify = "duties.law.border-guard.incident.notify-department"
        #expect(try first.count("\(notify).open") == 1)
        #expect(try second.count("\(notify).late") == 1)
        #expect(try second.value("duties.not-in-time.incident.notify-department/SC-1.late-by") == .span(.minutes(10)))
        #expect(first.figure("duties.not-in-time.incident.notify-department/SC-1.late-by") == nil)
    }

    @Test func explanationsAndExtensionsStandBesideTheDuty() throws {
        let report = try report(
            """
            from 2026-03-16 to 2026-03-20
            2026-03-16 08:00 border-guard detects SC-1 id=d1
            08:30 culture-dept says content.submitted title=a answersFor=x as TT-1 id=s1
            09:30 border-guard notifies SC-1 id=n1
            10:00 border-guard says duty.explained obligation=incident.notify-department/SC-1 reason="Đường truyền bị đứt." officer=x id=e1
            # Not its own duty, so it does not count.
            10:05 police says duty.explained obligation=incident.notify-department/SC-1 reason="việc của cơ quan khác" officer=x id=e2
            10:10 culture-dept says duty.extended obligation=content.vet/TT-1 until=2026-03-20T17:00 reason="chờ bản dịch" officer=x id=x1
            2026-03-19 08:00 information-dept says content.vetted outcome=accepted officer=x to=culture-dept as TT-1 id=v1
            """)
        #expect(try report.events("duties.explained") == ["e1"])
        #expect(try report.obligations("duties.explained") == ["incident.notify-department/SC-1"])
        #expect(try report.events("duties.extended") == ["x1"])
        #expect(try report.count("duties.mark.information-dept.content.vet.in-time") == 1, "within the extended mark")
        #expect(try report.events("duties.not-in-time.incident.notify-department/SC-1.done-at").contains("e1"))
        let markdown = MarkdownReport(report, language: .vi).markdown
        #expect(markdown.contains("| Đường truyền bị đứt. |"))
        #expect(!markdown.contains("việc của cơ quan khác"))
    }

    @Test func whatWasAnnouncedIsNoIncidentUnlessItOutlastsIt() throws {
        let window = "kind=maintenance reason=x officer=x"
        let report = try report(
            """
            from 2026-03-16 to 2026-03-18
            2026-03-16 07:00 information-dept says maintenance.window-opened from=2026-03-16T08:00 until=2026-03-16T10:00 \(window) as BT-1 id=w1
            08:30 border-guard detects SC-1 device=led-screen evidence="CRITICAL" id=d1
            09:30 border-guard resolves SC-1 id=r1
            2026-03-17 07:00 information-dept says maintenance.window-opened from=2026-03-17T08:00 until=2026-03-17T10:00 \(window) as BT-2 id=w2
            08:30 border-guard detects SC-2 device=led-screen evidence="CRITICAL" id=d2
            10:40 border-guard notifies SC-2 id=n2
            """)
        #expect(try report.events("incidents.planned") == ["d1", "r1"])
        #expect(try report.events("incidents.real") == ["d2", "n2"])
        #expect(try report.events("hours.windows") == ["w1", "w2"])
        #expect(try report.value("incidents.case.SC-2.hour") == .state(.inTime, .law), "its hour ran from the end of what was announced")
    }

    @Test func theHoursOfOperationAreNotCountedAmongTheDuties() throws {
        let report = try report("from 2026-06-05 to 2026-06-06\nroutine\n")
        #expect(!report.figures.contains { $0.id.hasPrefix("duties.law.border-guard.operate") })
        #expect(report.figures.contains { $0.id.hasPrefix("duties.mark.border-guard.operate.close-day") })
    }

    @Test func aLedgerBeginsWithTheCoordinator() throws {
        let performance = Performance(of: try Scenario(parsing: "date 2026-03-16\nroutine\n", regulation: .standard))
        // Created on the clock of another machine, or long before.
        let created = Event(
            id: "c0", sender: "provisioner", type: "ledger.created", time: try at("2026-11-25T01:10"), data: ["ledger": "000a38b8-91d3-4a70-9c5c-0a3b7c1d2e3f"])
        let carriage = Carriage(
            exchange: "phoihop", routingKey: "provisioner.ledger.created.all", userID: "provisioner", messageID: "c0", contentType: Event.contentType)
        var reading = LedgerReading()
        reading.read(.init(body: created.encoded(offset: .hours(7)), carriage: carriage))
        for record in performance.records { reading.read(record) }
        let report = try PeriodReport(try #require(ReportPeriod("2026")), from: reading)
        #expect(report.beganAt == (try at("2026-03-16T00:00")) - Span(milliseconds: 1))
        #expect(report.ledgerID == "000a38b8-91d3-4a70-9c5c-0a3b7c1d2e3f")
        #expect(try report.count("hours.days.met") == 1)
    }

    @Test func aLedgerOutsideThePeriodGivesNoReport() throws {
        #expect(throws: ReportError.self) { try report("date 2026-06-05\n", "2026-H2") }
        #expect(throws: ReportError.self) { try report("date 2026-07-05\n", "2026-H1") }
        var empty = LedgerReading()
        empty.read(.init(body: [], carriage: .init(exchange: "phoihop", routingKey: "x", userID: nil, messageID: nil, contentType: nil)))
        let period = try #require(ReportPeriod("2026"))
        #expect(throws: ReportError.self) { try PeriodReport(period, from: empty) }
    }
}
