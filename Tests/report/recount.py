"""Reckons the figures of a report a second time, from the bare lines of a simulated ledger, by rules of its own, and compares. The coordinator's records are
not read; in such a ledger a message comes in when it is written."""

import json
import statistics
import sys
from collections import Counter, defaultdict
from datetime import date, datetime, timedelta

HOUR = timedelta(hours=1)
FIELDS = ("occurredAt", "kind", "cause", "device", "title")
# What the scenario lets one party claim with nobody's word.
UNANSWERED = {"alone", "afterwards"}


def instant(text):
    return datetime.fromisoformat(text)


class Ledger:
    def __init__(self, path):
        self.events = []
        for line in open(path, encoding="utf-8"):
            event = json.loads(line)
            if event["source"] != "/parties/coordinator" and not event["type"].startswith("vn.laocai.phoihop.receipt."):
                event["type"] = event["type"].removeprefix("vn.laocai.phoihop.").removesuffix(".v1")
                event["at"] = instant(event["time"])
                event["by"] = event["source"].removeprefix("/parties/")
                event.setdefault("exercise", False)
                self.events.append(event)
        self.correct()
        self.windows = [e for e in self.events if e["type"] == "maintenance.window-opened"]

    def correct(self):
        known = {event["id"]: event for event in self.events}
        for correction in self.of("incident.corrected"):
            if correction["id"] in UNANSWERED:
                continue
            target = known[correction["data"]["corrects"]]
            if correction["data"].get("withdrawn"):
                target["type"] = "taken-back"
            target["exercise"] = correction["data"].get("exercise", target["exercise"])
            target["data"].update({key: value for key, value in correction["data"].items() if key in FIELDS})

    def of(self, *types):
        return [event for event in self.events if event["type"] in types]


class Recount:
    def __init__(self, ledger, first, last):
        self.ledger, self.first, self.last = ledger, first, last
        self.figures = {}

    def inside(self, moment):
        day = moment if isinstance(moment, date) and not isinstance(moment, datetime) else moment.date()
        return self.first <= day <= self.last

    def say(self, figure, value):
        self.figures[figure] = value

    def works(self, device, at):
        """The first instant from one on at which no monitor finds a device down; none where there is none."""
        changes = sorted(
            (instant(e["data"]["since"]), e["data"]["status"] in ("critical", "off", "maintenance"))
            for e in self.ledger.of("device.status-changed") if e["data"]["device"] == device and not e["exercise"])
        known = [is_down for since, is_down in changes if since <= at]
        if not known or not known[-1]:
            return at
        return next((since for since, is_down in changes if since > at and not is_down), None)

    def incidents(self):
        into = {event["subject"]: event["data"]["into"] for event in self.ledger.of("incident.merged")}
        cases = defaultdict(list)
        for event in self.ledger.events:
            subject = event.get("subject")
            cases[into.get(subject, subject)].append(event)
        real, false, planned, spans, in_time, untold = [], 0, 0, [], 0, 0
        stages = defaultdict(list)
        for subject, events in cases.items():
            openings = [e for e in events if e["type"] in ("incident.detected", "incident.notified")]
            if not openings or any(e["exercise"] for e in openings):
                continue
            occurred = min(instant(e["data"]["occurredAt"]) for e in openings)
            if not self.inside(occurred):
                continue
            if any(e["type"] == "incident.dismissed" and e["id"] not in UNANSWERED for e in events):
                false += 1
                continue
            told = [e["at"] for e in events if e["type"] == "incident.notified"]
            confirmed = [e["data"]["confirms"] for e in events if e["type"] == "communication.confirmed" and e["data"]["outcome"] == "confirmed"]
            told += [instant(e["data"]["calledAt"]) for e in events if e["id"] in confirmed and e["type"] == "communication.recorded"]
            # A call that nobody confirms counts from its entry.
            told += [e["at"] for e in events if e["type"] == "communication.recorded"]
            resolved = [e["at"] for e in events if e["type"] == "incident.resolved"]
            # Announced beforehand, and over within the time announced.
            spared = [
                w for w in self.ledger.windows
                if not told and resolved and instant(w["data"]["from"]) <= occurred and resolved[0] <= instant(w["data"]["until"]) and w["at"] <= occurred
            ]
            if spared:
                planned += 1
                continue
            real.append((subject, events))
            if told:
                spans.append(min(told) - occurred)
                # Where it was found in a time announced for its device, and told after that, the hour runs from the end of that time.
                device = next((e["data"]["device"] for e in openings if "device" in e["data"]), None)
                ends = [
                    instant(w["data"]["until"]) for w in self.ledger.windows
                    if instant(w["data"]["from"]) <= occurred < instant(w["data"]["until"]) <= min(told) and w["at"] <= occurred
                    and ("devices" not in w["data"] or device in w["data"]["devices"])
                ]
                in_time += min(told) - max([occurred, *ends]) <= HOUR
            else:
                untold += 1
            for stage, type in (
                ("acknowledged", "incident.acknowledged"), ("briefed", "incident.briefed"), ("planned", "handling-plan.proposed"),
                ("contained", "incident.contained"), ("resolved", "incident.resolved"),
            ):
                reached = [e["at"] for e in events if e["type"] == type]
                if stage == "resolved":
                    device = next((e["data"]["device"] for e in openings if "device" in e["data"]), None)
                    reached = [at for at in (self.works(device, at) for at in reached) if at]
                if reached:
                    stages[stage].append(min(reached) - occurred)
        stages["notified"] = spans
        self.say("incidents.real", len(real))
        self.say("incidents.false-alarms", false)
        self.say("incidents.planned", planned)
        self.say("incidents.notified.in-time", in_time)
        self.say("incidents.notified.late", len(spans) - in_time)
        self.say("incidents.notified.overdue", untold)
        for stage, times in stages.items():
            self.say(f"incidents.stage.{stage}.count", len(times))
            self.say(f"incidents.stage.{stage}.median", statistics.median(times).total_seconds())
            self.say(f"incidents.stage.{stage}.worst", max(times).total_seconds())
        for member in ("kind", "device", "cause"):
            def last(events):
                said = [e["data"][member] for e in events if member in e["data"] and not e["type"].startswith(("incident.corrected", "maintenance"))]
                return said[-1] if said else "not_said"
            for value, count in Counter(last(events) for _, events in real).items():
                self.say(f"incidents.{member}.{value}.count", count)

    def hours(self):
        records = {}
        for event in self.ledger.of("operations.day-closed"):
            day = date.fromisoformat(event["data"]["date"])
            if self.inside(day):
                records[day] = event["data"]
        days = (self.last - self.first).days + 1
        led = {day: next(d for d in data["devices"] if d["device"] == "led-screen") for day, data in records.items()}
        met = sum(d["operatedMinutes"] >= 840 for d in led.values())
        short = sum(d["operatedMinutes"] + d["noRecordMinutes"] < 840 for d in led.values())
        self.say("hours.days.all", days)
        self.say("hours.days.met", met)
        self.say("hours.days.short", short)
        self.say("hours.days.no-record", days - met - short)
        by_month, lost = Counter(), Counter()
        for day, data in led.items():
            by_month[day.strftime("%Y-%m")] += data["operatedMinutes"]
            for loss in data["lost"]:
                lost[loss["cause"]] += loss["minutes"]
        for month, minutes in by_month.items():
            self.say(f"hours.month.{month}.operated", minutes)
        for cause in ("fault", "power", "maintenance", "order"):
            self.say(f"hours.lost.{cause}.minutes", lost[cause])

    def content(self):
        published = [e for e in self.ledger.of("content.published") if self.inside(e["at"])]
        self.say("content.published", len(published) or None)
        for language, count in Counter(code for e in published for code in e["data"].get("languages", ["not_said"])).items():
            self.say(f"content.language.{language}.count", count)
        submitted = [e for e in self.ledger.of("content.submitted") if self.inside(e["at"])]
        vetted = {e["subject"]: e for e in self.ledger.of("content.vetted")}
        self.say("content.submissions.received", len(submitted) or None)
        if submitted:
            outcomes = Counter(vetted[e["subject"]]["data"]["outcome"] if e["subject"] in vetted else "awaiting" for e in submitted)
            for outcome in ("accepted", "returned", "refused", "awaiting"):
                self.say(f"content.submissions.{outcome}", outcomes[outcome])
            times = [(vetted[e["subject"]]["at"] - e["at"]).total_seconds() for e in submitted if e["subject"] in vetted]
            self.say("content.vetting.median", statistics.median(times))
            self.say("content.vetting.worst", max(times))
        challenged = [e for e in self.ledger.of("content.challenged") if self.inside(e["at"])]
        self.say("content.challenges.received", len(challenged) or None)

    def feedback(self):
        received = {e["subject"]: e for e in self.ledger.of("feedback.received") if self.inside(instant(e["data"]["receivedAt"]))}
        forwarded = {e["subject"]: e for e in self.ledger.of("feedback.forwarded")}
        resolved = {e["subject"]: e for e in self.ledger.of("feedback.resolved")}
        transferred = {e["subject"]: e for e in self.ledger.of("feedback.transferred")}
        settled = resolved | transferred
        self.say("feedback.received", len(received))
        self.say("feedback.forwarded", sum(subject in forwarded for subject in received))
        self.say("feedback.resolved", sum(subject in resolved for subject in received))
        self.say("feedback.transferred", sum(subject in transferred for subject in received))
        self.say("feedback.open", sum(subject not in settled for subject in received))
        forwarding = [(forwarded[s]["at"] - instant(e["data"]["receivedAt"])).total_seconds() for s, e in received.items() if s in forwarded]
        settling = [(settled[s]["at"] - forwarded[s]["at"]).total_seconds() for s in received if s in settled]
        for name, times in (("forwarding", forwarding), ("settling", settling)):
            self.say(f"feedback.{name}.median", statistics.median(times))
            self.say(f"feedback.{name}.worst", max(times))
        opened = [e for e in self.ledger.of("suggestion-box.opened") if self.inside(instant(e["data"]["openedAt"]))]
        in_time = sum((e["at"].hour, e["at"].minute) < (8, 0) or (e["at"].hour, e["at"].minute, e["at"].second) == (8, 0, 0) for e in opened)
        self.say("feedback.box.in-time", in_time)
        self.say("feedback.box.late", len(opened) - in_time)
        self.say("feedback.box.letters", sum(e["data"]["letters"] for e in opened))

    def reports(self):
        for period, duty, deadline in (("half-year", "half-year", date(2026, 6, 20)), ("year", "year", date(2026, 12, 20))):
            if not self.inside(deadline):
                continue
            sent = {}
            for event in self.ledger.of("report.submitted"):
                if event["data"]["period"] != period:
                    continue
                party = event["data"].get("onBehalfOf", event["by"])
                # What came on paper was sent when the Department, which received it, says.
                paper = event["data"].get("document", {}).get("sentAt") if event["by"] == "information-dept" else None
                at = instant(paper) if paper else event["at"]
                sent[party] = min(at, sent.get(party, at))
            in_time = [party for party, at in sent.items() if at.date() < deadline]
            self.say(f"reports.{duty}.in-time", len(in_time))
            self.say(f"reports.{duty}.late", len(sent) - len(in_time))
            self.say(f"reports.{duty}.overdue", 7 - len(sent))
            for party, at in sent.items():
                self.say(f"reports.{duty}.{party}.state", "in-time" if party in in_time else "late")
                self.say(f"reports.{duty}.{party}.sent-at", at.isoformat())

    def inspections(self):
        held = [e for e in self.ledger.of("inspection.completed") if self.inside(date.fromisoformat(e["data"]["heldOn"]))]
        self.say("inspections.count", len(held) or None)
        trained = [e for e in self.ledger.of("training.completed") if self.inside(date.fromisoformat(e["data"]["heldOn"]))]
        self.say("training.count", len(trained) or None)
        backups = [e for e in self.ledger.of("backup.completed") if self.inside(instant(e["data"]["takenAt"]))]
        self.say("backups.count", len(backups) or None)
        drills = {e["subject"] for e in self.ledger.events if e["exercise"] and e["type"] == "incident.detected" and self.inside(e["at"])}
        self.say("scope.drill-cases", len(drills))


def main():
    ledger_path, report_path = sys.argv[1:]
    report = json.load(open(report_path, encoding="utf-8"))
    figures = {figure["id"]: figure for figure in report["figures"]}
    recount = Recount(Ledger(ledger_path), date.fromisoformat(report["period"]["firstDay"]), date.fromisoformat(report["period"]["lastDay"]))
    for part in (recount.incidents, recount.hours, recount.content, recount.feedback, recount.reports, recount.inspections):
        part()
    wrong = 0
    for name, value in recount.figures.items():
        told = figures.get(name, {"value": "no such figure"})["value"]
        same = told == value or name.endswith(".sent-at") and name in figures and instant(told) == instant(value)
        if not same:
            wrong += 1
            print(f"{name}: the report says {told}, the lines {value}")
    ids = {json.loads(line)["id"] for line in open(ledger_path, encoding="utf-8")}
    for figure in figures.values():
        missing = [event for event in figure["events"] if event not in ids]
        if missing:
            wrong += 1
            print(f"{figure['id']}: rests on what is not on the ledger: {missing[:3]}")
    print(f"{report['report']}: {len(recount.figures)} of {len(figures)} figures reckoned again, {wrong} wrong")
    sys.exit(1 if wrong else 0)


main()
