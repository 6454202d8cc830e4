#!/usr/bin/env python3
"""Checks the ledger of a drill: usage: drill-expect LEDGER.jsonl LED-SUBJECT RATE. Names everything that is not as it should be."""
import json
import sys
from collections import Counter
from datetime import datetime, timedelta

path, led, rate = sys.argv[1], sys.argv[2], float(sys.argv[3])
with open(path, encoding="utf-8") as lines:
    events = [json.loads(line) for line in lines]
faults = []


def kind(event):
    return event["type"].removeprefix("vn.laocai.phoihop.").removesuffix(".v1")


def instant(text):
    return datetime.fromisoformat(text.replace("Z", "+00:00"))


def notices(subject, duty="incident.notify-department"):
    return [e for e in events if e["source"] == "/parties/coordinator" and e["data"].get("obligation") == f"{duty}/{subject}"]


def expect(condition, fault):
    if not condition:
        faults.append(fault)


# Once each: what stands in the ledger twice was said twice.
for event_id, count in Counter(e["id"] for e in events).items():
    if count > 1 and "/forwarded/" not in event_id:
        sender = next(e["source"] for e in events if e["id"] == event_id)
        expect(sender != "/parties/coordinator", f"{event_id} stands {count} times in the ledger")

occurred = [instant(e["data"]["occurredAt"]) for e in events if kind(e) == "incident.detected" and e.get("subject") == led]
expect(len(occurred) == 1, f"the plugin's outage was detected {len(occurred)} times")
deadline = occurred[0] + timedelta(hours=1)
slack = timedelta(seconds=2 * rate)

said = notices(led)
ladder = [
    ("duty.reminded", "before-PT30M", deadline - timedelta(minutes=30), ["border-guard"]),
    ("duty.reminded", "before-PT10M", deadline - timedelta(minutes=10), ["border-guard"]),
    ("duty.overdue", "deadline", deadline, ["border-guard", "information-dept"]),
    ("duty.escalated", "after-PT30M", deadline + timedelta(minutes=30), ["border-guard", "information-dept", "peoples-committee"]),
]
opened = [e for e in said if kind(e) == "duty.opened"]
expect([e["data"]["to"] for e in opened] == ["border-guard"], "the opening notice did not go to the guard's desk alone")
for name, rung, due, parties in ladder:
    found = [e for e in said if kind(e) == name and e["data"]["rung"] == rung]
    expect(sorted(e["data"]["to"] for e in found) == parties, f"{name} {rung} went to {[e['data']['to'] for e in found]}, not to {parties}")
    for event in found:
        late = instant(event["time"]) - due
        expect(late >= timedelta(0), f"{event['id']} is {-late} early")
        expect(late <= slack, f"{event['id']} is {late.total_seconds() / rate:.2f} s of wall time late")
        expect("Quy định" in event["data"]["wording"]["vi"] and event["data"]["basis"] == "law", f"{event['id']} does not name its clause")
settled = [e for e in said if kind(e) == "duty.fulfilled"]
expect(sorted(e["data"]["to"] for e in settled) == ["border-guard", "information-dept"], "the late notification was not settled with both")
for event in settled:
    expect(event["data"]["late"] and event["data"]["marginSeconds"] < 0, f"{event['id']} is not settled as late")
    steps = [step["step"] for step in event["data"]["course"]]
    expect(steps[:3] == ["occurred", "detected", "sent"], f"{event['id']} does not say where the minutes went: {steps}")
for duty in ["incident.acknowledge", "incident.brief-committee", "incident.propose-plan", "incident.contain", "incident.resolve"]:
    settled = [e for e in notices(led, duty) if kind(e) == "duty.fulfilled"]
    expect(settled and not any(e["data"]["late"] for e in settled), f"{duty} was not fulfilled in time")

for subject in ["SC-KIOSK", "SC-AUDIO", "SC-FALSE"]:
    wrong = [e["id"] for e in notices(subject) if kind(e) in ("duty.overdue", "duty.escalated")]
    expect(not wrong, f"{subject} raised {wrong}")
for subject, count in [("SC-KIOSK", 2), ("SC-AUDIO", 2), ("SC-FALSE", 0)]:
    settled = [e for e in notices(subject) if kind(e) == "duty.fulfilled"]
    expect(len(settled) == count and not any(e["data"]["late"] for e in settled), f"{subject} was settled {len(settled)} times in time, not {count}")

asked = {e["data"]["obligation"] for e in events if kind(e) == "duty.opened" and e["data"]["duty"] == "communication.confirm"}
expect(asked == {f"communication.confirm/{claim}/information-dept" for claim in ("call-1", "false-1")}, f"the Department was asked about {asked}")
expect(not any(kind(e) == "duty.overdue" and e["data"]["duty"] == "communication.confirm" for e in events), "an answer was overdue")

power = [e["data"]["status"] for e in events if kind(e) == "power.status-changed"]
expect("on-battery" in power, f"the UPS on battery was not said: {power}")
expect(any(kind(e) == "power.restored" for e in events), "the return of the supply was not said")
restored = [e for e in events if kind(e) == "duty.fulfilled" and e["data"]["duty"] == "power.supply"]
expect(restored and not any(e["data"]["late"] for e in restored), "the supply was not restored in time")

expect(not any(kind(e) == "message.refused" for e in events), "a message was refused")
expect(not any(kind(e) == "notice.withdrawn" for e in events), "a notice was withdrawn")
expect(not any(kind(e) == "agent.silent" for e in events), "an agent counted as silent")
received = {receipt["id"] for e in events if kind(e) == "receipt.issued" for receipt in e["data"]["receipts"]}
missing = [e["id"] for e in said if e["data"]["to"] in ("border-guard", "information-dept") and e["id"] not in received]
expect(not missing, f"no receipt for {missing}")

for fault in faults:
    print(f"drill: {fault}", file=sys.stderr)
if not faults:
    print(f"drill: {len(events)} records, everything as it should be", file=sys.stderr)
sys.exit(1 if faults else 0)
