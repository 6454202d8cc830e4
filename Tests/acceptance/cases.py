"""What the acceptance suites report, and how they wait."""

import signal
import sys
import time
import traceback


class Failed(Exception):
    """Something is not as it should be: what was expected, and what was seen."""


def expect(condition, expected, seen=None):
    if not condition:
        raise Failed(f"expected {expected}" + ("" if seen is None else f"; seen {seen}"))


def wait_until(look, seconds, expected, seen=None):
    """Looks until something true comes back, and gives that. `seen`, if given, tells in the end what there was instead."""
    deadline = time.monotonic() + seconds
    while True:
        found = look()
        if found:
            return found
        if time.monotonic() >= deadline:
            raise Failed(f"expected within {seconds:g} s: {expected}" + (f"; seen {seen()}" if seen else ""))
        time.sleep(0.02)


class Cases:
    """Runs cases one after another, a line each; those that follow a failed one still run."""

    def __init__(self):
        self.passed = self.failed = 0

    def run(self, name, case, *arguments, **more):
        begun = time.monotonic()
        try:
            figures = case(*arguments, **more)
        except Exception as error:  # pylint: disable=broad-exception-caught
            self.failed += 1
            print(f"FAILED {time.monotonic() - begun:5.1f} s  {name}", flush=True)
            if isinstance(error, Failed):
                print(f"                 {error}", flush=True)
            else:
                traceback.print_exc(file=sys.stdout)
            return
        self.passed += 1
        print(f"passed {time.monotonic() - begun:5.1f} s  {name}" + (f": {figures}" if figures else ""), flush=True)

    def finish(self):
        """The exit status."""
        print(f"{self.passed} passed, {self.failed} failed")
        return 1 if self.failed or not self.passed else 0


def end_in_order():
    """Lets a signal unwind the program, so that what it started is ended."""

    def stop(number, _):
        for other in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
            signal.signal(other, signal.SIG_IGN)
        raise SystemExit(128 + number)

    for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
        signal.signal(number, stop)
