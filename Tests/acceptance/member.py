"""A member of the system that is none of ours: the wire contract, kept with Debian's python3-pika and nothing else."""

import datetime
import json
import threading
import time
import uuid

import pika
import pika.exceptions

from cases import Failed, wait_until
from system import read, written

EXCHANGE = "phoihop"
CONTENT_TYPE = "application/cloudevents+json"


def connect(system, party):
    # Without heartbeats: a suite that waits elsewhere cannot answer them.
    credentials = pika.PlainCredentials(party, system.secret(party))
    parameters = pika.ConnectionParameters("127.0.0.1", system.port, system.virtual_host, credentials, heartbeat=0, blocked_connection_timeout=30)
    return pika.BlockingConnection(parameters)


def unique():
    return str(uuid.uuid4())


def case(prefix):
    return f"{prefix}-{unique()[:8]}"


class Record:
    """A message as it came off the wire."""

    def __init__(self, method, properties, body):
        self.arrived = datetime.datetime.now(datetime.timezone.utc)
        self.arrived_at = time.monotonic()
        self.key, self.redelivered, self.properties, self.body = method.routing_key, method.redelivered, properties, body
        self.headers = properties.headers or {}
        self.offset = self.headers.get("x-stream-offset")
        try:
            self.event = json.loads(body)
        except (ValueError, RecursionError):
            self.event = {}
        if not isinstance(self.event, dict):
            self.event = {}

    @property
    def id(self):
        return self.event.get("id")

    @property
    def sender(self):
        return self.key.split(".")[0]

    @property
    def type(self):
        return ".".join(self.key.split(".")[1:3])

    @property
    def to(self):
        return self.key.split(".")[-1]

    @property
    def data(self):
        return self.event.get("data") or {}

    @property
    def time(self):
        return read(self.event["time"])

    def __repr__(self):
        return f"{self.key} {self.id}"


class Reading(threading.Thread):
    """Reads a queue, or the ledger, into `records`; comes back when the broker does. The ledger is read from its beginning, or with `start` "next" from now on."""

    def __init__(self, system, party, queue, start=0):
        super().__init__(daemon=True)
        self.system, self.party, self.queue = system, party, queue
        self.is_stream = queue == "ledger"
        self.records = []
        self.is_subscribed = threading.Event()
        self.is_ending = False
        self.next_offset = start
        self.start()
        if not self.is_subscribed.wait(20):
            raise Failed(f"{party} could not read {queue} within 20 s")

    def run(self):
        while not self.is_ending:
            try:
                self.consume()
            except (pika.exceptions.AMQPError, OSError):
                time.sleep(0.2)

    def consume(self):
        connection = connect(self.system, self.party)
        channel = connection.channel()
        channel.basic_qos(prefetch_count=200)
        arguments = {"x-stream-offset": self.next_offset} if self.is_stream else {}
        channel.basic_consume(self.queue, self.take, arguments=arguments)
        self.is_subscribed.set()
        while not self.is_ending:
            connection.process_data_events(time_limit=0.1)
        connection.close()

    def take(self, channel, method, properties, body):
        record = Record(method, properties, body)
        # A stream is delivered in chunks, which may begin before the offset asked for.
        if not self.is_stream or self.next_offset == "next" or record.offset >= self.next_offset:
            self.records.append(record)
            self.next_offset = (record.offset or 0) + 1
        channel.basic_ack(method.delivery_tag)

    def end(self):
        self.is_ending = True
        self.join(5)

    def find(self, look, since=0):
        return [record for record in self.records[since:] if look(record)]

    def wait_for(self, look, seconds, expected, count=1, since=0):
        """The records of a kind once there are so many; the first alone where one is asked for."""

        def found():
            records = self.find(look, since)
            return records if len(records) >= count else None

        records = wait_until(found, seconds, expected, lambda: f"{len(self.find(look, since))} of {count}, and lately {self.records[-5:]}")
        return records[0] if count == 1 else records


class Member:
    """Speaks for a party, as the contract wants it: after every connection only once the ledger answers. One that does not wait for it is for showing what happens
    then."""

    def __init__(self, system, party, waits_for_ledger=True):
        self.system, self.party, self.waits_for_ledger = system, party, waits_for_ledger
        self.connection = self.channel = None

    def open(self):
        if self.connection is None or not self.connection.is_open:
            self.connection = connect(self.system, self.party)
            self.channel = None
        if self.channel is None or not self.channel.is_open:
            self.channel = wait_until(self.ledger_lives, 10, "the ledger answers") if self.waits_for_ledger else self.connection.channel()
            self.channel.confirm_delivery()
        return self.channel

    def ledger_lives(self):
        """A channel on which the ledger has answered; None while it is absent."""
        channel = self.connection.channel()
        try:
            channel.queue_declare("ledger", passive=True)
        except pika.exceptions.ChannelClosedByBroker:
            return None
        return channel

    def event(self, kind, data, subject=None, **changes):
        """An envelope as it should be; changes are members to put in, or with None to leave out."""
        event = {
            "specversion": "1.0", "id": unique(), "source": f"/parties/{self.party}", "type": f"vn.laocai.phoihop.{kind}.v1", "subject": subject,
            "time": written(self.system.clock.now), "datacontenttype": "application/json", "dataschema": f"urn:phoihop:schemas:{kind}.v1", "data": data,
            **changes,
        }
        return {name: value for name, value in event.items() if value is not None}

    def publish(self, body, key, **properties):
        """Publishes and waits for the broker's word. Properties are as the contract wants them unless given; with None one is left out."""
        event = body if isinstance(body, dict) else {}
        body = json.dumps(body, ensure_ascii=False).encode() if isinstance(body, dict) else body
        exchange = properties.pop("exchange", EXCHANGE)
        properties = {"content_type": CONTENT_TYPE, "delivery_mode": 2, "message_id": event.get("id"), "user_id": self.party, **properties}
        self.open().basic_publish(exchange, key, body, pika.BasicProperties(**properties), mandatory=True)
        return event

    def say(self, kind, data, subject=None, to="all", **changes):
        """Says something as it should be said; gives the event."""
        return self.publish(self.event(kind, data, subject, **changes), f"{self.party}.{kind}.{to}")

    def detect(self, subject, occurred, title="màn hình LED không hiển thị"):
        return self.say("incident.detected", {"kind": "technical", "occurredAt": written(occurred), "title": title, "device": "led-screen"}, subject)

    def agree(self, claim, outcome="confirmed"):
        """Says that what another claims is right: an event as that one said it."""
        answer = {"confirms": claim["id"], "outcome": outcome, "officer": f"Trực ban {self.party}"}
        return self.say("communication.confirmed", answer, claim["subject"])

    def refusal(self, attempt):
        """The code with which the broker refuses what is attempted on a fresh channel; None if it does not."""
        channel = self.open()
        try:
            attempt(channel)
            # A refusal may follow what the client took for done.
            self.connection.process_data_events(time_limit=0)
            channel.queue_declare("dead-letters", passive=True)
        except pika.exceptions.ChannelClosedByBroker as error:
            return error.reply_code
        return None

    def depth(self, queue):
        """How many messages wait in a queue, and how many read it."""
        answer = self.open().queue_declare(queue, passive=True).method
        return answer.message_count, answer.consumer_count

    def ask(self, question, seconds=15):
        """Asks the coordinator, again if no answer comes: the question may have gone to one that is gone."""
        answers = []
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline:
            self.open()
            channel = self.connection.channel()
            channel.basic_consume("amq.rabbitmq.reply-to", lambda *delivery: answers.append(json.loads(delivery[3])), auto_ack=True)
            properties = pika.BasicProperties(reply_to="amq.rabbitmq.reply-to", content_type="application/json", user_id=self.party)
            channel.basic_publish("phoihop.questions", "coordinator.questions", json.dumps(question).encode(), properties)
            patience = min(deadline, time.monotonic() + 3)
            while not answers and time.monotonic() < patience:
                self.connection.process_data_events(time_limit=0.05)
            channel.close()
            if answers:
                return answers[0]
        raise Failed(f"expected within {seconds} s: an answer to {question}")

    def status(self):
        return self.ask({"ask": "status"})

    def explain(self, name):
        return self.ask({"ask": "explain", "id": name})

    def forget_connection(self):
        """After the broker was away: the client would notice only when it next writes."""
        self.connection = self.channel = None
