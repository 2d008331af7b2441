"""Processes that belong together: started in order, stopped in reverse.

When one of them dies all go, and its last lines stand at the end of the log, where
they are looked for. What they say comes out as that one log, each line with a name.
"""

import os
import signal
import subprocess
import sys
import threading
import time
from collections import deque
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from pathlib import Path

from cohortsite.embedded import Trouble, tether

# For all together; they need a fraction of it.
STOP_SECONDS = 4.5
LAST_LINES = 12

# Warned of at each start, and no news to whoever tries the platform: at worst Valkey
# puts off rewriting its small log.
NO_NEWS = ("WARNING Memory overcommit must be enabled",)


class Interrupted(Exception):
    """Somebody asked to stop while things were still starting."""


class Log:
    """One line for each thing said, with the time and the speaker."""

    def __init__(self) -> None:
        self.writing = threading.Lock()

    def say(self, name: str, line: str) -> None:
        # A closed terminal must not keep the children from being stopped.
        with self.writing, suppress(OSError):
            sys.stdout.write(f"{time.strftime('%H:%M:%S')} {name:>8} | {line}\n")
            sys.stdout.flush()


class Child:
    """A process, and a thread that passes on what it says."""

    def __init__(
        self,
        name: str,
        process: subprocess.Popen[bytes],
        log: Log,
        *,
        stop_signal: signal.Signals = signal.SIGTERM,
        kill_signal: signal.Signals = signal.SIGKILL,
        ready: Callable[[], bool] = lambda: True,
    ) -> None:
        self.name = name
        self.process = process
        self.log = log
        self.stop_signal = stop_signal
        self.kill_signal = kill_signal
        self.ready = ready
        self.began = time.monotonic()
        self.last_lines: deque[str] = deque(maxlen=LAST_LINES)
        self.reader = threading.Thread(target=self._read, daemon=True)
        self.reader.start()

    def ask_to_stop(self) -> None:
        self.process.send_signal(self.stop_signal)

    def stop(self, *, seconds: float) -> None:
        """Wait for it to stop as asked, and stop it for good if it does not."""
        try:
            self.process.wait(seconds)
        except subprocess.TimeoutExpired:
            self.log.say(self.name, "takes too long to stop, and is stopped")
        # The whole group: it may have left children of its own.
        with suppress(ProcessLookupError):
            os.killpg(self.process.pid, self.kill_signal)
        self.process.wait()
        self.reader.join(0.5)

    def obituary(self, what_happened: str) -> str:
        self.reader.join(0.5)
        return "\n".join(
            [f"{self.name} {what_happened}. Its last lines:", *self.last_lines]
        )

    def _read(self) -> None:
        assert self.process.stdout
        for raw in self.process.stdout:
            line = raw.decode(errors="replace").rstrip()
            self.last_lines.append(line)
            if not any(words in line for words in NO_NEWS):
                self.log.say(self.name, line)


class Supervisor:
    """Has children until `stop()`, which whoever made it calls in every case."""

    def __init__(self, *, on_change: Callable[[Sequence[int]], None]) -> None:
        """`on_change` hears who is running now, to find them after a crash."""
        self.log = Log()
        self.children: list[Child] = []
        self.foundations: list[Child] = []
        self.on_change = on_change
        self.asked_to_stop = threading.Event()
        self.asked_by = ""
        numbers = [signal.SIGINT, signal.SIGTERM]
        if signal.getsignal(signal.SIGHUP) is not signal.SIG_IGN:  # as nohup wants it
            numbers.append(signal.SIGHUP)
        for number in numbers:
            signal.signal(number, self._ask_to_stop)

    def start(
        self,
        name: str,
        process: subprocess.Popen[bytes],
        *,
        ready: Callable[[], bool],
        foundation: bool = False,
        stop_signal: signal.Signals = signal.SIGTERM,
        kill_signal: signal.Signals = signal.SIGKILL,
    ) -> Child:
        """Take in a process, which may still be starting: see `wait_for`.

        A foundation stays until everything that came after it has stopped.
        """
        child = Child(
            name,
            process,
            self.log,
            stop_signal=stop_signal,
            kill_signal=kill_signal,
            ready=ready,
        )
        self._add(child)
        if foundation:
            self.foundations.append(child)
        return child

    def wait_for(self, child: Child, *, seconds: float = 60) -> None:
        def ready() -> bool:
            self._heed()
            return child.ready()

        if not tether.wait_until(ready, child.process, seconds=seconds):
            dead = child.process.poll() is not None
            raise Trouble(
                child.obituary(
                    "died" if dead else f"was not ready after {seconds:.0f} seconds"
                )
            )
        took = time.monotonic() - child.began
        self.log.say(child.name, f"ready ({took:.1f} s)")

    def begin(
        self, name: str, command: Sequence[str | Path], *, env: Mapping[str, str]
    ) -> Child:
        """Run one step, beside others if need be, until `finish` wants it done."""
        step = Child(name, tether.start(command, env=env), self.log)
        self._add(step)
        return step

    def finish(self, step: Child) -> None:
        while step.process.poll() is None:
            self._heed()
            time.sleep(0.02)
        self.children.remove(step)
        if step.process.returncode != 0:
            raise Trouble(step.obituary("did not work"))

    def watch(self) -> None:
        """Return when asked to stop; raise when a child dies."""
        while not self.asked_to_stop.wait(0.2):
            for child in self.children:
                if child.process.poll() is not None:
                    raise Trouble(child.obituary("died"))

    def stop(self) -> None:
        """In reverse: first, and all at once, what stands on the foundations."""
        give_up = time.monotonic() + STOP_SECONDS
        upper = [child for child in self.children if child not in self.foundations]
        for group in (upper, *([child] for child in reversed(self.foundations))):
            for child in reversed(group):
                child.ask_to_stop()
            for child in reversed(group):
                # A second is kept for each of the foundations.
                left = give_up - time.monotonic() - (2 if group is upper else 1)
                child.stop(seconds=max(left, 0.5))
        self.children.clear()
        self.on_change([])

    def _add(self, child: Child) -> None:
        self.children.append(child)
        self.on_change([child.process.pid for child in self.children])

    def _ask_to_stop(self, number: int, _: object) -> None:
        self.asked_by = signal.Signals(number).name
        self.asked_to_stop.set()

    def _heed(self) -> None:
        if self.asked_to_stop.is_set():
            raise Interrupted
