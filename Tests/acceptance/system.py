"""A system of its own for a suite: a private broker and the programs on it, started by deploy/up and ended by deploy/down."""

import datetime
import os
import pathlib
import shutil
import signal
import subprocess
import tempfile

from cases import Failed, wait_until

PROJECT = pathlib.Path(__file__).resolve().parents[2]
LOCAL = datetime.timezone(datetime.timedelta(hours=7))


def written(instant):
    """An instant as the wire has it, to the millisecond."""
    return instant.astimezone(LOCAL).isoformat(timespec="milliseconds")


def read(text):
    return datetime.datetime.fromisoformat(text.replace("Z", "+00:00"))


class Clock:
    """The time of the duties: the machine's, or one that runs faster from `wall` on, when it shows `virtual`."""

    def __init__(self, rate=1, virtual=None, wall=None):
        self.rate = rate
        self.wall = wall or datetime.datetime.now(datetime.timezone.utc).replace(microsecond=0)
        self.virtual = read(virtual) if virtual else self.wall

    @property
    def option(self):
        return f"{self.rate}@{self.wall.strftime('%Y-%m-%dT%H:%M:%SZ')}={self.virtual.isoformat()}"

    @property
    def now(self):
        elapsed = datetime.datetime.now(datetime.timezone.utc) - self.wall
        return self.virtual + elapsed * (self.rate if elapsed > datetime.timedelta() else 1)

    def on_wall(self, instant):
        """The real time at which this clock shows an instant."""
        return self.wall + (instant - self.virtual) / self.rate

    def span(self, seconds):
        """What passes on this clock within seconds of real time."""
        return datetime.timedelta(seconds=seconds * self.rate)


class Program:
    """A program of the system, started here."""

    def __init__(self, name, arguments, environment, log):
        log.parent.mkdir(exist_ok=True)
        self.name, self.log = name, log
        self.begins = log.stat().st_size if log.exists() else 0
        with open(log, "ab") as output:
            self.process = subprocess.Popen(  # pylint: disable=consider-using-with
                arguments, env=environment, stdin=subprocess.DEVNULL, stdout=output, stderr=output, start_new_session=True
            )

    @property
    def pid(self):
        return self.process.pid

    @property
    def said(self):
        with open(self.log, "rb") as text:
            text.seek(self.begins)
            return text.read().decode(errors="replace")

    def wait_until_ready(self, seconds=30):
        def look():
            if self.process.poll() is not None:
                raise Failed(f"{self.name} ended with {self.process.returncode} instead of getting ready: {self.said[-500:]}")
            return f"{self.name} ready\n" in self.said

        wait_until(look, seconds, f"{self.name} is ready", lambda: self.said[-500:])
        return self

    def signal(self, number):
        """To the program and to what it started: one that is stopped works on in no child."""
        os.killpg(self.pid, number)

    def kill(self):
        """Ends it at once, as a power cut would."""
        self.process.kill()
        self.process.wait()

    def end(self):
        """Ends it as its operator would."""
        if self.process.poll() is None:
            self.process.terminate()
            try:
                self.process.wait(15)
            except subprocess.TimeoutExpired:
                self.kill()


class System:
    """To be used as a context; what it started is ended when that is left, and its files are kept only after a failure, not when it was
    interrupted."""

    virtual_host = "/"

    def __init__(self, name, clock=None, options=()):
        self.clock, self.options = clock or Clock(), options
        self.state = pathlib.Path(tempfile.mkdtemp(prefix=f"phoihop-{name}."))
        self.programs = []
        self.keeps_files = True

    @property
    def environment(self):
        return dict(os.environ, PHOIHOP_STATE=str(self.state))

    def __enter__(self):
        arguments = [PROJECT / "deploy/up", *self.options]
        if self.clock.rate != 1:
            arguments += ["--drill-clock", self.clock.option]
        try:
            done = subprocess.run(arguments, env=self.environment, stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False)
            if done.returncode != 0:
                raise SystemExit(f"deploy/up failed:\n{done.stdout}{done.stderr}")
            self.programs_directory = pathlib.Path((self.state / "run/bin").read_text().strip())
        except BaseException:
            self.__exit__()
            raise
        return self

    def __exit__(self, kind=None, *_):
        for program in self.programs:
            if program.process.poll() is None:
                # One that was stopped hears nothing until it goes on.
                program.signal(signal.SIGCONT)
                program.end()
        subprocess.run([PROJECT / "deploy/down"], env=self.environment, stdin=subprocess.DEVNULL, capture_output=True, check=False)
        if not self.keeps_files or kind is SystemExit:
            shutil.rmtree(self.state)

    def report_failure(self):
        """Says where the logs are, and their ends: the machine that runs this may keep no files."""
        print(f"logs: {self.state}/log, the broker's: {self.state}/node/log")
        for log in sorted((self.state / "log").glob("*.log")):
            lines = log.read_text(errors="replace").splitlines()[-12:]
            print(f"--- {log.name}", *(line[:300] for line in lines), sep="\n")

    # Programs

    def start(self, name, party, label=None):
        """Starts a program for a party as deploy/up does; a second one under a label has a home of its own."""
        label = label or party
        home = self.state / "parties" / label
        home.mkdir(exist_ok=True)
        environment = dict(self.environment, PHOIHOP_PARTY=party, PHOIHOP_HOME=str(home), PHOIHOP_BROKER=self.uri(party), LC_ALL="en_US.UTF-8")
        clock = [] if self.clock.rate == 1 else ["--clock", self.clock.option]
        program = Program(name, [self.programs_directory / name, *clock], environment, self.state / "log" / f"{label}.log")
        self.programs.append(program)
        return program

    def pid(self, party):
        """The process that deploy/up started for a party."""
        return int((self.state / f"run/{party}.pid").read_text().split()[0])

    def kill(self, party, number=signal.SIGKILL):
        """Ends the process that deploy/up started for a party, and waits until it is gone."""
        pid = self.pid(party)
        os.kill(pid, number)

        def is_gone():
            try:
                return pathlib.Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0] == "Z"
            except FileNotFoundError:
                return True

        wait_until(is_gone, 15, f"{party} ends")

    def log(self, label):
        return (self.state / f"log/{label}.log").read_text(errors="replace")

    def home(self, party):
        return self.state / "parties" / party

    # The broker

    @property
    def port(self):
        return int((self.state / "node/ports").read_text().split()[0])

    def secret(self, party):
        return (self.state / "secrets" / party).read_text().strip()

    def uri(self, party):
        return f"amqp://{party}:{self.secret(party)}@127.0.0.1:{self.port}/" + self.virtual_host.removeprefix("/")

    def control(self, *arguments):
        """rabbitmqctl on the private node; gives what it prints."""
        done = subprocess.run([self.state / "node/ctl", "-q", *arguments], capture_output=True, text=True, check=True)
        return done.stdout

    def readers(self, queue):
        """How many read a queue, those included that wait for their turn."""
        return self.control("list_consumers", "queue_name", "--no-table-headers").split().count(queue)

    def broker_log(self):
        return "".join(path.read_text(errors="replace") for path in (self.state / "node/log").glob("*@localhost.log"))

    def _node(self, command):
        script = f'. "$1/deploy/lib.sh"; {command}'
        subprocess.run(
            ["bash", "-c", script, "node", PROJECT, self.state / "node", self.secret("provisioner")], env=self.environment, stdin=subprocess.DEVNULL,
            capture_output=True, check=True,
        )

    @property
    def broker_pid(self):
        return int((self.state / "node/node.pid").read_text().split()[0])

    def kill_broker(self):
        """Ends the broker at once, as a power cut would."""
        pid = self.broker_pid
        os.kill(pid, signal.SIGKILL)
        wait_until(lambda: not pathlib.Path(f"/proc/{pid}").exists() or "Z" in self._state(pid), 15, "the broker ends")

    @staticmethod
    def _state(pid):
        try:
            return pathlib.Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0]
        except FileNotFoundError:
            return "Z"

    def stop_broker(self):
        self._node('node_stop "$2"')

    def start_broker(self):
        self._node('node_start "$2" provisioner "$3"')
