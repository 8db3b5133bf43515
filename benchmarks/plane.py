"""The job plane under load, on SQLite and PostgreSQL: throughput, the knee, the cost of a run beside its work, and what idles.

- the plane alone: claim, renew, finish in one warm process (goal 950 jobs/s), with as many threads as processors
- 10,000 jobs that wait 0.1 s on 100 slots of warm threads in several processes, through the same queue (anchor 981/s)
- isolated jobs, each a process of its own: jobs/s as a share of processors divided by the cost of a bare fork with the same work
  (goal 80 %)
- 10 x fibo(33): what a job takes over the bare work in the same process (goal 5 %)
- the knee: the highest rate of submissions at which 95 of 100 jobs are over within 0.5 s (anchors 1,500 and 4,500 a minute)

`python -m benchmarks.plane [--short] [sqlite] [postgresql]`; all of it in one run on one machine, whose load is printed first.
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import psutil
from sqlalchemy import func, select

from benchmarks._plant import Plant, plant, wait_until
from benchmarks._runs import computing, fibo, waiting
from benchmarks._settled import settle
from galleria.database.connect import Database
from galleria.gallery.jobs import dispatch
from galleria.gallery.jobs import service as jobs
from galleria.gallery.jobs.dispatch import Claim, Outcome, Worker
from galleria.gallery.jobs.records import Job, State, in_state
from galleria.gallery.jobs.service import NewJob

CORES = os.cpu_count() or 1
WITHIN_S = 0.5
FIBO = 33


@dataclass(frozen=True)
class Size:
    plane: int
    slots: int
    waiting: int
    isolated: int
    fibo: int
    knee_s: float


LONG = Size(5000, 100, 10_000, 300, 10, 10)
SHORT = Size(500, 20, 400, 40, 2, 3)


def fill(made: Plant, workflow_id: str, count: int) -> float:
    """Queue so many jobs; gives the seconds."""
    began = time.monotonic()
    for first in range(0, count, 500):
        with made.parts.database.write() as db:
            for _ in range(min(500, count - first)):
                jobs.queue(db, made.anna, NewJob(workflow_id))
    return time.monotonic() - began


def left(made: Plant) -> int:
    with made.parts.database.read() as db:
        return sum(db.scalar(select(func.count()).select_from(Job).where(in_state(state))) or 0 for state in (State.QUEUED, State.RUNNING))


def drain(database: Database, name: str) -> int:
    """Claim, renew and finish one job after the other; ends when the queue is empty."""
    worker, done = Worker(name), 0
    while True:
        with database.write() as db:
            claims = dispatch.claim(db, worker, 1)
        if not claims:
            return done
        with database.write() as db:
            dispatch.renew(db, [claims[0].lease])
        end(database, claims[0])
        done += 1


def end(database: Database, claim: Claim) -> None:
    with database.write() as db:
        dispatch.finish(db, claim.lease, Outcome.SUCCESS, {"seconds": 0})


def serve(database: Database, name: str, slots: int, seconds: float) -> int:
    """Do what a worker's slots do, each run being a wait in this process: one claims for all that are free, each finishes its own."""
    worker, done = Worker(name), 0
    free = threading.Semaphore(slots)

    def carry_out(claim: Claim) -> None:
        time.sleep(seconds)
        end(database, claim)
        free.release()

    with ThreadPoolExecutor(slots) as pool:
        while True:
            free.acquire()
            count = 1
            while free.acquire(blocking=False):
                count += 1
            with database.write() as db:
                claims = dispatch.claim(db, worker, count)
            for claim in claims:
                pool.submit(carry_out, claim)
            for _ in range(count - len(claims)):
                free.release()
            done += len(claims)
            if not claims:
                return done


def alone(made: Plant, size: Size) -> str:
    workflow_id = made.publish(waiting(0))
    filled_s = fill(made, workflow_id, size.plane)
    began, spent_s = time.monotonic(), time.process_time()
    with ThreadPoolExecutor(CORES) as pool:
        done = sum(pool.map(partial(drain, made.parts.database), [f"w{number}" for number in range(CORES)]))
    took_s, spent_s = time.monotonic() - began, time.process_time() - spent_s
    return f"the plane alone: queued {size.plane / filled_s:,.0f}/s; claimed, renewed, finished {done / took_s:,.0f} jobs/s (goal 950), {spent_s / done * 1000:.2f} ms of a processor each"


SLOTS = """
import json, sys
sys.path[:0] = [sys.argv[3]]
from benchmarks.plane import serve
from galleria.database.connect import connect
from galleria.database.vault import vault_from
given = json.loads(sys.argv[1])
database = connect(given["url"], vault_from([given["key"]]), 8)
print("ready", flush=True)
sys.stdin.readline()
print(serve(database, given["name"], int(sys.argv[2]), 0.1))
"""


def warm_slots(made: Plant, size: Size, processes: int = 4) -> str:
    fill(made, made.publish(waiting(0.1)), size.waiting)
    given = {"url": made.settings.database, "key": made.settings.load_secret_keys()[0]}
    share = str(size.slots // processes)
    started = [
        subprocess.Popen(
            [sys.executable, "-c", SLOTS, json.dumps({**given, "name": f"p{number}"}), share, str(Path(__file__).parents[1])],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        for number in range(processes)
    ]
    for process in started:
        assert process.stdout is not None
        process.stdout.readline()
    began = time.monotonic()
    # All are told before the first is waited for: they share the queue.
    for process in started:
        assert process.stdin is not None
        process.stdin.write("go\n")
        process.stdin.flush()
    counts = [int(process.communicate()[0]) for process in started]
    took_s = time.monotonic() - began
    assert sum(counts) == size.waiting, counts
    rate = size.waiting / took_s
    return f"{size.waiting:,} x sleep(0.1) on {size.slots} warm slots in {processes} processes: {rate:,.0f} jobs/s (at most {size.slots * 10:,}; anchor 981)"


FORK = """
import os, sys, time
import polars as pl
number, at_once = int(sys.argv[1]), int(sys.argv[2])
began, running = time.perf_counter(), 0
for _ in range(number):
    if running == at_once:
        os.wait(); running -= 1
    if os.fork() == 0:
        pl.LazyFrame({"a": [3, 1, 2]}).filter(pl.col("a") > 0).sink_csv(sys.argv[3])
        os._exit(0)
    running += 1
while running:
    os.wait(); running -= 1
print((time.perf_counter() - began) / number)
"""


def bare_fork_s(made: Plant, count: int) -> float:
    """What a process with the same query costs, of all processors together."""
    command = [sys.executable, "-c", FORK, str(count), str(CORES), str(made.folder / "bare.csv")]
    return float(subprocess.run(command, check=True, capture_output=True).stdout)


def isolated(made: Plant, size: Size) -> str:
    workflow_id = made.publish(waiting(0))
    fork_s = bare_fork_s(made, size.isolated)
    fill(made, workflow_id, size.isolated)
    began = time.monotonic()
    wait_until(lambda: left(made) == 0, 600, "isolated jobs")
    rate = size.isolated / (time.monotonic() - began)
    bare = 1 / fork_s
    return f"isolated: {rate:.0f} jobs/s; bare forks with the query {bare:.0f}/s; a share of {rate / bare:.0%} (goal 80 %)"


def overhead(made: Plant, size: Size) -> str:
    caller, workflow_id = made.caller(), made.publish(computing(FIBO))
    bare: list[float] = []
    whole: list[float] = []
    # Taken in turns, so that what else the machine does meets both.
    for _ in range(size.fibo):
        began = time.perf_counter()
        subprocess.run(
            [sys.executable, "-c", f"from benchmarks._runs import fibo; fibo({FIBO})"], check=True, cwd=Path(__file__).parents[1]
        )
        bare.append(time.perf_counter() - began - start_s())
        began = time.perf_counter()
        job_id = caller.queue(workflow_id)
        while caller.job(job_id)["status"] != "Completed":
            time.sleep(0.003)
        whole.append(time.perf_counter() - began)
    over = statistics.median(whole) / statistics.median(bare) - 1
    return f"{size.fibo} x fibo({FIBO}): bare {sum(bare):.2f} s, as jobs {sum(whole):.2f} s; medians differ by {over:.1%} (goal 5 %)"


def start_s() -> float:
    began = time.perf_counter()
    subprocess.run([sys.executable, "-c", "from benchmarks._runs import fibo"], check=True, cwd=Path(__file__).parents[1])
    return time.perf_counter() - began


def knee(made: Plant, size: Size) -> str:
    """Double the rate while it holds, then go between; one submits directly by the verb, so that only the plane is measured."""
    workflow_id = made.publish(waiting(0))
    rate, held, failed = 120.0, 0.0, 0.0
    while not failed or failed / held > 1.2:
        p95 = at_rate(made, workflow_id, rate, size.knee_s)
        if p95 < WITHIN_S:
            held = rate
        else:
            failed = rate
            if not held:
                return f"the knee: below {rate:.0f} a minute (p95 {p95:.2f} s)"
        rate = held * 2 if not failed else (held + failed) / 2
    return f"the knee: {held:,.0f} jobs a minute with p95 < {WITHIN_S} s (fails at {failed:,.0f}; anchors 1,500 and 4,500 on 4 processors)"


def at_rate(made: Plant, workflow_id: str, a_minute: float, seconds: float) -> float:
    """Gives the 95th percentile from submission to end, in seconds."""
    ids: list[str] = []
    due = time.monotonic()
    until = due + seconds
    while due < until:
        time.sleep(max(0.0, due - time.monotonic()))
        with made.parts.database.write() as db:
            ids.append(jobs.queue(db, made.anna, NewJob(workflow_id)).id)
        due += 60 / a_minute
    wait_until(lambda: left(made) == 0, 300, "the jobs of a rate")
    with made.parts.database.read() as db:
        rows = db.execute(select(Job.queued_at, Job.ended_at).where(Job.id.in_(ids))).all()
    took = sorted((ended - queued).total_seconds() for queued, ended in rows if ended is not None)
    return took[int(len(took) * 0.95)]


def memory(made: Plant) -> str:
    told: list[str] = []
    for name, process in (("server", made.processes[0]), ("worker", made.processes[1])):
        family = [psutil.Process(process.pid), *psutil.Process(process.pid).children(recursive=True)]
        own, *below = [one.memory_full_info().uss / 1e6 for one in family]
        told.append(f"{name} {own:.0f} MB" + (f" and its {len(below)} children {sum(below):.0f} MB" if below else ""))
    return f"idle: {', '.join(told)}"


def measure(kind: str, size: Size) -> None:
    with plant(kind) as made:
        tell(kind, alone, made, size)
        tell(kind, warm_slots, made, size)
        made.start_server()
        made.start_worker("worker", CORES)
        caller, light = made.caller(), made.publish(waiting(0))
        wait_until(lambda: answers(lambda: caller.queue(light)), 120, "the server")
        wait_until(lambda: left(made) == 0, 120, "the first job")
        settle(psutil.Process(made.processes[0].pid))
        print(f"{kind}: {memory(made)}", flush=True)
        for what in (overhead, isolated, knee):
            tell(kind, what, made, size)


def answers(ask: Callable[[], object]) -> bool:
    try:
        ask()
    except Exception:
        return False
    return True


def tell(kind: str, what: Callable[[Plant, Size], str], made: Plant, size: Size) -> None:
    try:
        print(f"{kind}: {what(made, size)}", flush=True)
    except TimeoutError as error:
        print(f"{kind}: {what.__name__}: {error}", flush=True)


def main() -> None:
    arguments = argparse.ArgumentParser()
    arguments.add_argument("kinds", nargs="*")
    arguments.add_argument("--short", action="store_true")
    given = arguments.parse_args()
    print(f"{CORES} processors, load {os.getloadavg()[0]:.1f}", flush=True)
    kinds: Sequence[str] = given.kinds or ("sqlite", "postgresql")
    for kind in kinds:
        measure(kind, SHORT if given.short else LONG)


if __name__ == "__main__":
    assert fibo(10) == 55
    main()
