#!/usr/bin/python3
"""A member of the system in one file: speaks for a party, keeps and acknowledges what it hears, and shows that it is alive.

    member.py listen                                   # prints what comes, one CloudEvent a line, until it is interrupted
    member.py say TYPE DATA [--subject CASE] [--to PARTY] [--id ID] [--exercise]

It needs the Debian package python3-pika, and of the project the file schemas/asyncapi.json, from which it knows what may be said, to whom, and what owes a
receipt. PHOIHOP_BROKER is the account at the broker, amqp://party:password@host:port/; the party is the user's name. What it has heard is kept in
inbox.jsonl in the directory PHOIHOP_HOME, or here. Returns 0 when the broker keeps what was said, 1 when it does not.
"""

import argparse
import base64
import collections
import datetime
import json
import os
import pathlib
import sys
import time
import uuid

import pika
import pika.exceptions

CONTRACT = json.loads((pathlib.Path(__file__).resolve().parents[1] / "asyncapi.json").read_text(encoding="utf-8"))
EXCHANGE = "phoihop"
CONTENT_TYPE = "application/cloudevents+json"
BEAT_SECONDS = 5
# How much of a message one testimony holds: in base64 it stays below what a message may have.
PART_BYTES = 128 * 1024
# So long a lost connection is left alone before the next attempt.
PATIENCE_SECONDS = 2
# So long the ledger may be absent after the broker has answered, and so often it is asked for.
LEDGER_SECONDS = 10
LEDGER_PAUSE_SECONDS = 0.05


def now():
    return datetime.datetime.now().astimezone().isoformat(timespec="milliseconds")


def channel_of(kind):
    """What the contract says of a message type; None where there is no such type."""
    channel = CONTRACT["channels"].get(kind, {})
    return channel if "to" in channel.get("parameters", {}) else None


class Member:
    def __init__(self, uri, home):
        self.parameters = pika.URLParameters(uri)
        self.party = self.parameters.credentials.username
        self.inbox = pathlib.Path(home) / "inbox.jsonl"
        # What was said and heard, byte for byte, in case the ledger lacks it.
        self.said, self.heard = pathlib.Path(home) / "said.jsonl", pathlib.Path(home) / "heard.jsonl"
        self.deliveries = collections.deque()
        self.beaten = 0.0
        # A message may come twice: after a lost connection, and when it is sent again because no receipt came.
        self.known = set()
        if self.inbox.exists():
            self.known = {json.loads(line)["id"] for line in self.inbox.read_text(encoding="utf-8").splitlines()}

    def connect(self):
        self.connection = pika.BlockingConnection(self.parameters)
        self.channel = self.channel_to_the_ledger()
        # From now on basic_publish waits for the broker's word and raises where it has none to give, or nobody to give the message to.
        self.channel.confirm_delivery()

    def channel_to_the_ledger(self):
        """A broker that starts again lets people in a moment before the ledger lives. Until then it would confirm what the ledger never gets, so whoever
        speaks asks for the ledger first, after every connection. Everybody may ask; a refusal closes the channel."""
        until = time.monotonic() + LEDGER_SECONDS
        while True:
            channel = self.connection.channel()
            try:
                channel.queue_declare("ledger", passive=True)
                return channel
            except pika.exceptions.ChannelClosedByBroker:
                if time.monotonic() >= until:
                    raise
            time.sleep(LEDGER_PAUSE_SECONDS)

    # Speaking

    def event(self, kind, data, subject=None, name=None, exercise=False):
        event = {
            "specversion": "1.0", "id": name or str(uuid.uuid4()), "source": f"/parties/{self.party}", "type": f"vn.laocai.phoihop.{kind}.v1",
            "time": now(), "datacontenttype": "application/json", "dataschema": f"urn:phoihop:schemas:{kind}.v1", "data": data,
        }
        if subject:
            event["subject"] = subject
        if exercise:
            event["exercise"] = True
        return event

    def publish(self, kind, event, to="all"):
        properties = pika.BasicProperties(content_type=CONTENT_TYPE, delivery_mode=2, message_id=event["id"], user_id=self.party)
        body = json.dumps(event, ensure_ascii=False).encode()
        # A receipt that is lost will be owed again, and a testimony be asked for again.
        if kind not in ("receipt.issued", "message.recovered"):
            self.keep(self.said, {"id": event["id"], "key": f"{self.party}.{kind}.{to}", "body": body.decode()})
        self.channel.basic_publish(EXCHANGE, f"{self.party}.{kind}.{to}", body, properties, mandatory=True)

    def beat(self):
        """Whoever issues receipts and is silent for thirty seconds is reported to the others."""
        if time.monotonic() < self.beaten + BEAT_SECONDS:
            return
        properties = pika.BasicProperties(content_type="application/json", user_id=self.party)
        self.channel.basic_publish("phoihop.presence", self.party, json.dumps({"party": self.party, "at": now()}).encode(), properties)
        self.beaten = time.monotonic()

    @staticmethod
    def keep(path, item):
        with open(path, "a", encoding="utf-8") as file:
            file.write(json.dumps(item, ensure_ascii=False) + "\n")
            file.flush()
            os.fsync(file.fileno())

    @staticmethod
    def kept(path, names):
        """What was kept under these ids, each once."""
        items = [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()] if path.exists() else []
        return {item["id"]: item for item in reversed(items) if item["id"] in names}.values()

    def answer(self, inquiry):
        """Messages that somebody received are not on the ledger. Their sender sends them again, byte for byte; a receiver says what it received."""
        names = {message["id"] for message in inquiry["messages"]}
        if inquiry["wanted"] == "again":
            for item in self.kept(self.said, names):
                properties = pika.BasicProperties(content_type=CONTENT_TYPE, delivery_mode=2, message_id=item["id"], user_id=self.party)
                self.channel.basic_publish(EXCHANGE, item["key"], item["body"].encode(), properties, mandatory=True)
            return
        for item in self.kept(self.heard, names):
            body = item["body"].encode()
            parts = [body[start:start + PART_BYTES] for start in range(0, len(body), PART_BYTES)]
            for number, part in enumerate(parts, 1):
                data = {
                    "id": item["id"], "routingKey": item["key"], "userId": item["user"], "receivedAt": item["at"], "part": number, "parts": len(parts),
                    "body": base64.b64encode(part).decode(),
                }
                self.publish("message.recovered", self.event("message.recovered", data))

    # Hearing

    def fault(self, method, properties, event):
        """Why a message does not count. The broker has checked that user_id is the sender, if it is there; the rest is for every reader to check."""
        sender, kind, to = method.routing_key.split(".", 1)[0], ".".join(method.routing_key.split(".")[1:-1]), method.routing_key.rsplit(".", 1)[-1]
        if properties.user_id != sender or event.get("source") != f"/parties/{sender}":
            return "it does not come from whom it says"
        if event.get("type") != f"vn.laocai.phoihop.{kind}.v1" or channel_of(kind) is None:
            return "its key is of another type, or there is no such type"
        if to != self.party and not (to == "all" and self.party in channel_of(kind)["x-addressees"]):
            return "it is addressed to others"
        if properties.message_id != event.get("id") or properties.expiration or {"CC", "BCC"} & (properties.headers or {}).keys():
            return "it has properties that no message may have"
        if (properties.content_type or "").split(";")[0].strip() != CONTENT_TYPE:
            return "it is no CloudEvent in structured JSON"
        return None

    def hear(self, method, properties, body):
        try:
            event = json.loads(body)
            fault = self.fault(method, properties, event)
        except (ValueError, AttributeError, RecursionError) as error:
            event, fault = {}, f"it cannot be read: {error}"
        if fault:
            print(f"set aside {method.routing_key}: {fault}", file=sys.stderr, flush=True)
        elif event["id"] not in self.known:
            # First it is kept, then receipted, then acknowledged: whatever fails in between, it comes again and nothing is lost.
            self.keep(self.heard, {"id": event["id"], "key": method.routing_key, "user": properties.user_id, "at": now(), "body": body.decode()})
            self.keep(self.inbox, event)
            self.known.add(event["id"])
            print(json.dumps(event, ensure_ascii=False), flush=True)
        if not fault and CONTRACT["components"]["messages"][".".join(method.routing_key.split(".")[1:-1])]["x-owes-receipt"]:
            receipt = {"id": event["id"], "receivedAt": now(), "sender": properties.user_id}
            self.publish("receipt.issued", self.event("receipt.issued", {"receipts": [receipt]}))
        if not fault and event["type"] == "vn.laocai.phoihop.message.missing.v1":
            self.answer(event["data"])
        self.channel.basic_ack(method.delivery_tag)

    def listen(self):
        while True:
            try:
                self.connect()
                self.deliveries.clear()
                self.channel.basic_qos(prefetch_count=50)
                # The urgent queue is one of its own, so that a flood of the ordinary cannot starve an incident.
                for queue in (f"party.{self.party}.urgent", f"party.{self.party}"):
                    self.channel.basic_consume(queue, lambda _, *delivery: self.deliveries.append(delivery))
                print(f"{self.party} listens", file=sys.stderr, flush=True)
                while True:
                    self.beat()
                    self.connection.process_data_events(time_limit=1)
                    while self.deliveries:
                        self.hear(*self.deliveries.popleft())
            except (pika.exceptions.AMQPError, OSError) as error:
                print(f"connection lost: {error!r}", file=sys.stderr, flush=True)
                time.sleep(PATIENCE_SECONDS)


def say(member, arguments):
    channel = channel_of(arguments.type)
    if channel is None or member.party not in channel["parameters"]["party"]["enum"]:
        sys.exit(f"{member.party} may not say {arguments.type}")
    if arguments.to not in channel["parameters"]["to"]["enum"]:
        sys.exit(f"--to must be one of {', '.join(channel['parameters']['to']['enum'])}")
    event = member.event(arguments.type, json.loads(arguments.data), arguments.subject, arguments.id, arguments.exercise)
    try:
        member.connect()
        member.publish(arguments.type, event, arguments.to)
    except (pika.exceptions.AMQPError, OSError) as error:
        sys.exit(f"not kept by the broker: {error!r}; say it again with --id {event['id']}, and it counts once")
    print(json.dumps(event, ensure_ascii=False))


def main():
    parser = argparse.ArgumentParser(description="A member of PhoiHop in one file.")
    commands = parser.add_subparsers(dest="command", required=True)
    commands.add_parser("listen")
    saying = commands.add_parser("say")
    saying.add_argument("type")
    saying.add_argument("data")
    saying.add_argument("--subject")
    saying.add_argument("--to", default="all")
    saying.add_argument("--id")
    saying.add_argument("--exercise", action="store_true")
    arguments = parser.parse_args()
    uri = os.environ.get("PHOIHOP_BROKER") or sys.exit("set PHOIHOP_BROKER to amqp://party:password@host:port/")
    member = Member(uri, os.environ.get("PHOIHOP_HOME") or ".")
    if arguments.command == "say":
        say(member, arguments)
        return
    try:
        member.listen()
    except KeyboardInterrupt:
        pass


if __name__ == "__main__":
    main()
