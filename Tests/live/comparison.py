"""A ledger written live beside that of the simulation.

The same in both: every notice of the coordinator's that counts, each once: its id, which holds obligation, deadline, step and addressee; its type, subject and cause,
whether it belongs to a drill, and all it says but for what is named below; so too the withdrawals, refusals and messages sent again. Live, each comes no earlier than
in the simulation, and no more than TOLERANCE seconds of real time after that, or after the election of its leader where that came later. The messages of the
parties, and which of them each party's agent has acknowledged.

Not the same, because it cannot be:
- elections, marks and adoptions: how many there are depends on the leader's timer, and their ids are drawn at random;
- what a deposed leader still says, which counts nowhere;
- the ids of receipts, how many messages one receipt holds, and whether an agent that the scenario stops was reported silent: agents are heard of in real time;
- in what a notice says, the instants that tell when something was seen (MOMENTS, compared within the tolerance) and the wording, which tells how much time is left;
- the order of what comes within the tolerance."""

from cases import Failed, expect
from system import read

# How late a notice may be, in seconds of real time.
TOLERANCE = 2
# How long a coordinator may take from its start to its election, in seconds of real time.
ELECTION = 5

# Of what the coordinator says, what is no notice.
OTHERS = {"coordinator.elected", "coordinator.marked", "regulation.adopted", "agent.silent", "agent.returned"}
PREFIX, SUFFIX = "vn.laocai.phoihop.", ".v1"
MOMENTS = {"fulfilledAt", "marginSeconds", "course", "wording"}


def kind(event):
    return event["type"].removeprefix(PREFIX).removesuffix(SUFFIX)


class Notice:
    def __init__(self, event, elected):
        self.event, self.elected, self.time, self.type = event, elected, read(event["time"]), kind(event)

    @property
    def is_immediate(self):
        """Whether it follows from a message at once, and not from the time."""
        immediate = {"duty.opened", "duty.fulfilled", "notice.withdrawn", "message.refused"}
        return self.type in immediate and not self.event["data"].get("period")

    @property
    def said(self):
        """What must be the same."""
        event = self.event
        data = {name: value for name, value in event["data"].items() if name not in MOMENTS}
        return {"type": self.type, "subject": event.get("subject"), "cause": event.get("causationid"), "exercise": event.get("exercise", False), **data}


class Told:
    """What a ledger tells."""

    def __init__(self, events):
        self.notices, self.messages, self.acknowledged, self.silent, self.doubled = {}, {}, set(), set(), []
        self.ended = None
        election = None
        for event in events:
            self.ended = max(self.ended or read(event["time"]), read(event["time"]))
            sender, name = event["source"].rsplit("/", 1)[1], event["id"]
            if kind(event) == "coordinator.elected":
                election = event
            elif kind(event) == "receipt.issued":
                self.acknowledged |= {(sender, receipt["id"]) for receipt in event["data"]["receipts"]}
            elif sender not in ("coordinator", "provisioner"):
                self.messages[name] = event
            elif kind(event) in ("agent.silent", "agent.returned"):
                self.silent.add(event["data"]["party"])
            elif sender == "coordinator" and kind(event) not in OTHERS and event.get("election") == election["id"]:
                if name in self.notices:
                    self.doubled.append(name)
                self.notices.setdefault(name, Notice(event, read(election["time"])))

    @property
    def receiving(self):
        """The parties whose agents acknowledge something."""
        return sorted({party for party, _ in self.acknowledged})


def shown(names, notices):
    return "".join(f"\n    {notices[name].event['time']} {notices[name].type} {name}" for name in sorted(names, key=lambda name: notices[name].time))


def compare(stage):
    """What was played live beside the simulation; raises where it differs, and gives figures where it does not."""
    if stage.failure:
        raise Failed(f"it could not be played: {stage.failure!r}")
    plan, rate = stage.plan, stage.clock.rate
    live = Told(record.event for record in stage.ledger.records)
    expected, notices = plan.expected, {name: notice for name, notice in live.notices.items() if notice.time <= plan.until}
    missing, more = expected.keys() - notices.keys(), notices.keys() - expected.keys()
    text = (f"\n  in the simulation alone:{shown(missing, expected)}" if missing else "") + (f"\n  live alone:{shown(more, notices)}" if more else "")
    expect(not text, f"the same notices (from {plan.start} to {plan.until}, {rate} times as fast)", text)
    expect(not live.doubled, "each notice once", live.doubled)
    late, seen = [], []
    for name, notice in expected.items():
        other = notices[name]
        differing = {key: (notice.said.get(key), other.said.get(key)) for key in notice.said.keys() | other.said.keys() if notice.said.get(key) != other.said.get(key)}
        expect(not differing, f"{name} says the same", differing)
        expect(other.time >= notice.time, f"{name} not before {notice.time}", other.time)
        late.append((other.time - max(notice.time, other.elected)).total_seconds() / rate)
        expect(late[-1] <= TOLERANCE, f"{name} at most {TOLERANCE} s late", f"{late[-1]:.2f} s")
        if "fulfilledAt" in notice.event["data"]:
            seen.append(abs((read(other.event["data"]["fulfilledAt"]) - read(notice.event["data"]["fulfilledAt"])).total_seconds()) / rate)
            expect(seen[-1] <= TOLERANCE, f"the act of {name} at the same time", (notice.event["data"]["fulfilledAt"], other.event["data"]["fulfilledAt"]))
    told = {act["event"]["id"] for act in plan.played if act["act"] == "says"}
    expect(live.messages.keys() == told, "the same messages", live.messages.keys() ^ told)
    acknowledged = {(party, name) for party, name in plan.told.acknowledged if name in told or name in expected}
    lacking = acknowledged ^ {(party, name) for party, name in live.acknowledged if name in told or name in expected}
    expect(not lacking, "the same acknowledged by the same", sorted(lacking))
    stopped = {act["party"] for act in plan.played if act["act"] == "stops"}
    expect(live.silent <= stopped, "no agent reported silent that ran", live.silent - stopped)
    kinds = sorted({notice.type for notice in expected.values()})
    return f"{len(expected)} notices ({', '.join(kinds)}) at {rate} times the wall's rate, at most {max(late, default=0):.2f} s late"
