"""A worker in a process of its own whose runs know the benchmarks' tools: `_worker.py '{"url", "storage", "folder", "key", "name", ...}'`."""

from __future__ import annotations

import faulthandler
import json
import signal
import sys
from pathlib import Path

from benchmarks._runs import SERVER
from galleria.bootstrap import log_lines
from galleria.children.server import RunnerServer
from galleria.database.connect import connect
from galleria.database.migrate import PATIENCE_S, migrate
from galleria.database.vault import vault_from
from galleria.gallery.jobs.dispatch import Worker
from galleria.storage.place import storage_at
from galleria.worker.options import Options
from galleria.worker.work import Ending, work


def main() -> None:
    given = json.loads(sys.argv[1])
    log_lines()
    # Where it hangs, it says where.
    faulthandler.register(signal.SIGUSR1)
    ending = Ending()
    ending.on_signals()
    database = connect(given.pop("url"), vault_from([given.pop("key")]), given["slots"] + 6)
    migrate(database.engine, PATIENCE_S)
    storage, folder, name = storage_at(given.pop("storage")), Path(given.pop("folder")), given.pop("name")
    options = Options(Worker(name), folder=folder, memory_limit_bytes=2 << 30, **given)
    work(database, storage, options, ending, RunnerServer(SERVER))


if __name__ == "__main__":
    main()
