"""Kill and freeze whatever works while jobs run: every job ends, none twice, nothing is left over. Exit code 1 where that is not so.

Workers, a server and, with PostgreSQL, the database are processes of their own. At random moments a worker, its fork server, a run or
the server is killed (-9), a worker is frozen and woken, the database restarted or crashed; with `network`, workers are cut off
and join again. `python -m benchmarks.chaos [--short] [sqlite] [postgresql] [network]`
"""

from __future__ import annotations

import argparse
import contextlib
import ctypes
import os
import random
import signal
import sys
import threading
import time
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

import httpx2
import psutil

from benchmarks._ends import count_all, how_many_are_over, note_ends
from benchmarks._network import Network, network, why_not
from benchmarks._plant import Plant, plant, wait_until
from benchmarks._runs import waiting

LEASE_S = 3.0
SUBREAPER = 36
KINDS = ("sqlite", "postgresql", "network")


@dataclass(frozen=True)
class Size:
    jobs: int
    workers: int
    slots: int
    accident_every_s: float
    """At least."""
    rage_s: float
    """At most; it ends before when most jobs are over."""
    calm_within_s: float


LONG = Size(1000, 4, 3, 0.5, 240, 300)
SHORT = Size(24, 2, 3, 0.5, 12, 90)


@dataclass
class Hall:
    """What can be hurt."""

    plant: Plant
    size: Size
    chance: random.Random
    net: Network | None = None
    server: psutil.Process | None = None
    workers: dict[str, psutil.Process] = field(default_factory=dict[str, psutil.Process])
    frozen: dict[int, float] = field(default_factory=dict[int, float])
    """Until when, by process id."""
    cut: dict[str, float] = field(default_factory=dict[str, float])
    happened: Counter[str] = field(default_factory=Counter[str])
    born: int = 0
    restarted_at: float = field(default_factory=time.monotonic)
    url: str = ""
    """Of the database, as workers reach it."""

    def keep_alive(self) -> None:
        """Start again what is gone; wake and join again what has been away for long enough."""
        if self.server is None or not is_alive(self.server.pid):
            self.server = psutil.Process(self.plant.start_server().pid)
        for place in range(self.size.workers):
            name = self.net.names[place] if self.net else f"worker-{place}"
            if name not in self.workers or not is_alive(self.workers[name].pid):
                self.born += 1
                prefix = self.net.inside(name) if self.net else ()
                more = {"url": self.url} if self.url else {}
                process = self.plant.start_worker(f"{name}-{self.born}", self.size.slots, prefix, lease_s=LEASE_S, most_attempts=20, **more)
                self.workers[name] = psutil.Process(process.pid)
        now = time.monotonic()
        for pid in [pid for pid, until in self.frozen.items() if until < now]:
            del self.frozen[pid]
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGCONT)
        for name in [name for name, until in self.cut.items() if until < now]:
            del self.cut[name]
            assert self.net is not None
            self.net.join(name)

    def calm(self) -> None:
        for pid in self.frozen:
            self.frozen[pid] = 0
        for name in self.cut:
            self.cut[name] = 0
        self.keep_alive()

    def accident(self) -> None:
        kinds: list[Callable[[], str]] = [self.kill_worker, self.freeze_worker, self.freeze_worker, self.kill_run, self.kill_run]
        kinds += [self.kill_server, self.kill_fork_server]
        if self.plant.postgres is not None and time.monotonic() > self.restarted_at + 6:
            kinds += [self.restart_database] * 2
        if self.net is not None:
            kinds += [self.pull_cable] * 6
        self.happened[self.chance.choice(kinds)()] += 1

    def some_worker(self) -> psutil.Process:
        """One that got as far as having runs; raises NoSuchProcess where there is none."""
        found = [worker for worker in self.workers.values() if grandchildren(worker)]
        if not found:
            raise psutil.NoSuchProcess(0)
        return self.chance.choice(found)

    def kill_worker(self) -> str:
        self.some_worker().kill()
        return "workers killed"

    def freeze_worker(self) -> str:
        pid = self.some_worker().pid
        os.kill(pid, signal.SIGSTOP)
        self.frozen[pid] = time.monotonic() + self.chance.choice((0.3, 1.0, LEASE_S * 1.7))
        return "workers frozen"

    def kill_run(self) -> str:
        return self._kill_below(2, "runs killed")

    def kill_fork_server(self) -> str:
        return self._kill_below(1, "fork servers killed")

    def _kill_below(self, depth: int, word: str) -> str:
        worker = self.some_worker()
        found = children(worker) if depth == 1 else grandchildren(worker)
        if not found:
            return "nothing to kill"
        with contextlib.suppress(psutil.NoSuchProcess):
            self.chance.choice(found).kill()
        return word

    def kill_server(self) -> str:
        assert self.server is not None
        self.server.kill()
        return "servers killed"

    def restart_database(self) -> str:
        assert self.plant.postgres is not None
        self.restarted_at = time.monotonic()
        mode = self.chance.choice(("fast", "immediate"))
        self.plant.postgres.restart(mode)
        return f"database restarts ({mode})"

    def pull_cable(self) -> str:
        assert self.net is not None
        name = self.chance.choice(self.net.names)
        self.net.cut(name)
        self.cut[name] = time.monotonic() + self.chance.choice((1.0, LEASE_S * 1.5, LEASE_S * 3))
        return "cables pulled"


def children(process: psutil.Process) -> Sequence[psutil.Process]:
    with contextlib.suppress(psutil.NoSuchProcess):
        return process.children()
    return ()


def grandchildren(process: psutil.Process) -> Sequence[psutil.Process]:
    return [below for child in children(process) for below in children(child)]


def is_alive(pid: int) -> bool:
    with contextlib.suppress(psutil.NoSuchProcess):
        return psutil.Process(pid).status() != psutil.STATUS_ZOMBIE
    return False


class Clients(threading.Thread):
    """Queue jobs by signed requests, however often the server is away."""

    def __init__(self, made: Plant, workflows: Sequence[str], count: int) -> None:
        super().__init__(daemon=True)
        self.made, self.workflows, self.count = made, workflows, count
        self.accepted: list[str] = []

    def run(self) -> None:
        caller, chance = self.made.caller(), random.Random(1)
        while len(self.accepted) < self.count:
            try:
                self.accepted.append(caller.queue(chance.choice(self.workflows)))
            except (httpx2.TransportError, httpx2.HTTPStatusError):
                time.sleep(0.1)
            time.sleep(0.005)


def play(kind: str, size: Size, seed: int) -> bool:
    with contextlib.ExitStack() as ends:
        net = ends.enter_context(network(size.workers)) if kind == "network" else None
        made = ends.enter_context(plant("sqlite" if kind == "sqlite" else "postgresql"))
        hall = Hall(made, size, random.Random(seed), net)
        if net is not None:
            assert made.postgres is not None
            hall.url = made.postgres.listen_on(net.address)
        note_ends(made.parts)
        workflows = [made.publish(waiting(seconds)) for seconds in (0.01, 0.1, 0.3, 0.6)]
        began = time.monotonic()
        clients = Clients(made, workflows, size.jobs)
        hall.keep_alive()
        clients.start()
        wait_until(lambda: over(made) > 0, 240, "the first job")
        # On a machine that is slow at this moment nobody would live long enough to do anything.
        rage(hall, size, max(size.accident_every_s, (time.monotonic() - began) / 10))
        clients.join(60)
        hall.calm()
        ragged_s = time.monotonic() - began
        is_right = settle(hall, clients, size)
        took_s = time.monotonic() - began
        is_right = report(kind, hall, clients, (ragged_s, took_s)) and is_right
        return leave(hall) and is_right


def rage(hall: Hall, size: Size, every_s: float) -> None:
    until = time.monotonic() + size.rage_s
    while over(hall.plant) < size.jobs * 0.85 and time.monotonic() < until:
        time.sleep(hall.chance.uniform(0.5, 1.5) * every_s)
        with contextlib.suppress(psutil.NoSuchProcess, ProcessLookupError):
            hall.accident()
        hall.keep_alive()


def over(made: Plant) -> int:
    """How many jobs are over; the database may be away at this moment, in whatever words its driver has for that."""
    until = time.monotonic() + 30
    while True:
        try:
            return how_many_are_over(made.parts)
        except Exception:
            if time.monotonic() > until:
                raise
            time.sleep(0.2)


def settle(hall: Hall, clients: Clients, size: Size) -> bool:
    def all_over() -> bool:
        hall.keep_alive()
        return over(hall.plant) >= max(len(clients.accepted), count_all(hall.plant.parts).jobs)

    try:
        wait_until(all_over, size.calm_within_s, "all jobs over", 0.3)
    except TimeoutError as error:
        print(error)
        return False
    # A worker that woke up late may still try to say something about a job that is another's.
    time.sleep(LEASE_S)
    return True


def report(kind: str, hall: Hall, clients: Clients, times: tuple[float, float]) -> bool:
    found = count_all(hall.plant.parts)
    accidents = ", ".join(f"{count} {what}" for what, count in sorted(hall.happened.items()))
    print(f"{kind}: {found.jobs} jobs ({len(clients.accepted)} acknowledged) by {hall.size.workers} x {hall.size.slots} slots")
    print(f"  accidents for {times[0]:.0f} s: {accidents}")
    print(f"  all over after {times[1]:.0f} s: {found.succeeded} Success, {found.failed} Error; {found.attempts} further attempts")
    print(
        f"  ended twice {found.ended_more_than_once}, never {found.never_ended}, with wrong outputs {found.wrong_outputs}; {found.orphans} files of nobody",
        flush=True,
    )
    # An accident takes the runs of one worker along at most: more that failed have another reason.
    excused = sum(hall.happened.values()) * hall.size.slots
    return found.is_right and found.failed <= excused and found.jobs >= len(clients.accepted) >= hall.size.jobs


def leave(hall: Hall) -> bool:
    """End all in good order; nothing may be left, of those either that were killed on the way."""
    assert hall.server is not None
    for process in (*hall.workers.values(), hall.server):
        with contextlib.suppress(psutil.NoSuchProcess):
            process.terminate()
    until = time.monotonic() + 40
    while (left := left_over(hall)) and time.monotonic() < until:
        time.sleep(0.1)
    print(f"  processes left over: {', '.join(left) or 'none'}", flush=True)
    return not left


def left_over(hall: Hall) -> list[str]:
    for process in hall.plant.processes:
        process.poll()
    # Whoever lost his parent became ours.
    with contextlib.suppress(ChildProcessError):
        while os.waitpid(-1, os.WNOHANG)[0]:
            pass
    found: list[str] = []
    for child in psutil.Process().children(recursive=True):
        with contextlib.suppress(psutil.NoSuchProcess):
            command = " ".join(child.cmdline())
            if child.status() != psutil.STATUS_ZOMBIE and "postgres" not in command:
                found.append(f"{child.pid} {command[-60:]}")
    return found


def main() -> None:
    arguments = argparse.ArgumentParser()
    arguments.add_argument("kinds", nargs="*", choices=[*KINDS, []], default=[])
    arguments.add_argument("--short", action="store_true")
    arguments.add_argument("--seed", type=int, default=random.randrange(10_000))
    given = arguments.parse_args()
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(SUBREAPER, 1, 0, 0, 0)
    print(f"seed {given.seed}", flush=True)
    results: list[bool] = []
    for kind in given.kinds or KINDS:
        if kind == "network" and (reason := why_not()):
            print(f"network: skipped: {reason}")
            continue
        results.append(play(kind, SHORT if given.short else LONG, given.seed))
    if not all(results):
        sys.exit("some of it is not as it should be")


if __name__ == "__main__":
    main()
