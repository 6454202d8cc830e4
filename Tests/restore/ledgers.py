"""Ledgers in files for the restore suite: large ones, and doctored ones.

usage: ledgers.py enlarge FILE COUNT            prints the ledger with so many messages more
       ledgers.py span FILE                     two times of the coordinator's, and the numbers of the first and last record that may have come between them
       ledgers.py doctor FILE DIRECTORY         writes doctored ledgers; prints a line each: its name, and what must be found first"""

import datetime
import json
import pathlib
import re
import sys


def read(path):
    return [json.loads(line) for line in pathlib.Path(path).read_text(encoding="utf-8").splitlines()]


def written(records):
    return "".join(json.dumps(record, ensure_ascii=False, separators=(",", ":")) + "\n" for record in records)


def kind(record):
    return ".".join(record["routingKey"].split(".")[1:3])


def event(record):
    return json.loads(record["body"])


def with_event(record, **changes):
    return {**record, "body": json.dumps({**event(record), **changes}, ensure_ascii=False, separators=(",", ":"))}


def enlarge(records, count):
    """A device's status again and again: evidence that opens nothing."""
    base = event(records[-1])
    offset = records[-1]["offset"]
    for number in range(1, count + 1):
        message = {
            "specversion": "1.0", "id": f"status-{number}", "source": "/parties/border-guard", "type": "vn.laocai.phoihop.device.status-changed.v1",
            "subject": "kiosk-1", "time": base["time"], "datacontenttype": "application/json", "dataschema": "urn:phoihop:schemas:device.status-changed.v1",
            "data": {"device": "kiosk-1", "status": "ok", "since": base["time"], "output": "OK"},
        }
        records.append({
            "offset": offset + number, "exchange": "phoihop", "routingKey": "border-guard.device.status-changed.all", "userId": "border-guard",
            "messageId": message["id"], "contentType": "application/cloudevents+json", "body": json.dumps(message, separators=(",", ":")),
        })
    return records


def span(records):
    own = [(number, event(record)["time"]) for number, record in enumerate(records, 1) if record["userId"] == "coordinator"]
    # Between the first and the last of different times, so that something lies before, within and after.
    times = sorted({time for _, time in own})
    start, end = times[len(times) // 3], times[2 * len(times) // 3]
    before = max(number for number, time in own if time < start)
    after = min(number for number, time in own if time > end)
    return start, end, before + 1, after - 1


def doctored(records):
    """A name, a ledger, and what is to be found first; `unseen` where nothing can be."""

    def place(look):
        return next(index for index, record in enumerate(records) if look(record))

    def without(index):
        return records[:index] + records[index + 1:]

    def replaced(index, record):
        return records[:index] + [record] + records[index + 1:]

    opened = place(lambda record: kind(record) == "duty.opened")
    settled = place(lambda record: kind(record) == "duty.fulfilled")
    told = place(lambda record: kind(record) == "incident.notified")
    name, end = re.escape(event(records[opened])["id"]), re.escape(event(records[settled])["id"])
    yield "notice-removed", without(settled), f"record [0-9]+: {end}: this notice is called for and is not there"
    # Soon after it the duty was done: that it was called for is not sure, but that it was there is.
    yield "short-lived-notice-removed", without(opened), f"record [0-9]+: {name}: border-guard acknowledged this message"
    occurred = datetime.datetime.fromisoformat(event(records[told])["data"]["occurredAt"]) - datetime.timedelta(minutes=90)
    data = {**event(records[told])["data"], "occurredAt": occurred.isoformat()}
    yield "message-altered", replaced(told, with_event(records[told], data=data)), r"record [0-9]+: incident\.notify-department/"
    data = {**event(records[opened])["data"], "deadline": event(records[opened])["data"]["startedAt"]}
    yield "deadline-altered", replaced(opened, with_event(records[opened], data=data)), f"record {opened + 1}: {name}: it says something else .*: deadline"
    data = {**event(records[settled])["data"]}
    data["wording"] = {**data["wording"], "vi": data["wording"]["vi"] + " Không có gì."}
    yield "wording-altered", replaced(settled, with_event(records[settled], data=data)), f"record {settled + 1}: .*: wording"
    yield "records-swapped", records[:told] + [records[told + 1], records[told]] + records[told + 2:], f"record {told + 2}: .*: its number in the ledger"
    yield "record-doubled", records[:told + 1] + records[told:], f"record {told + 2}: .*: its number in the ledger"
    yield "message-removed", without(told), "record [0-9]+: "
    yield "beginning-removed", records[1:], "record 1: .*: it is not the first record of a ledger"
    adopted = place(lambda record: kind(record) == "regulation.adopted")
    body = records[adopted]["body"].replace('"PT1H"', '"PT2H"', 1)
    yield "regulation-altered", replaced(adopted, {**records[adopted], "body": body}), f"record {adopted + 1}: .*: the regulation in it"
    # What nobody can see: where the end is, and a word on which nothing rests.
    yield "end-removed", records[:place(lambda record: kind(record) == "incident.detected")], "unseen"


def main():
    command, path, *rest = sys.argv[1:]
    records = read(path)
    if command == "enlarge":
        sys.stdout.write(written(enlarge(records, int(rest[0]))))
    elif command == "span":
        print(*span(records))
    else:
        for name, ledger, verdict in doctored(records):
            text = written(ledger)
            assert text != written(records), name
            (pathlib.Path(rest[0]) / f"{name}.jsonl").write_text(text, encoding="utf-8")
            print(name, verdict, sep="\t")
        lines = pathlib.Path(path).read_text(encoding="utf-8").splitlines(keepends=True)
        half = len(lines) // 2
        (pathlib.Path(rest[0]) / "line-cut.jsonl").write_text("".join(lines[:half]) + lines[half][:50] + "\n" + "".join(lines[half + 1:]), encoding="utf-8")
        print("line-cut", f"line {half + 1} is no record of a ledger", sep="\t")


if __name__ == "__main__":
    main()
