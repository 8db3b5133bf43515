"""A worker in a process of its own, for tests that kill and freeze it: `beside.py '{"url": ..., "storage": ..., "folder": ..., ...}'`.

The file `asked` is made when the worker has heard that it is to end.
"""

import json
import os
import sys
import threading
from pathlib import Path

from galleria.children.server import RunnerServer
from galleria.database.connect import connect
from galleria.gallery.jobs.dispatch import Worker
from galleria.storage.folder import Folder
from galleria.worker.options import Options
from galleria.worker.work import Ending, work
from tests.databases import new_vault
from tests.scripted import SERVER

given = json.loads(sys.argv[1])
url, storage, folder, asked = given.pop("url"), given.pop("storage"), given.pop("folder"), Path(given.pop("asked"))
ending = Ending()
threading.Thread(target=lambda: ending.is_asked.wait() and asked.touch(), daemon=True).start()
ending.on_signals()
ending.on_end_of(0)
options = Options(Worker(f"beside-{os.getpid()}"), folder=Path(folder), **given)
work(connect(url, new_vault()), Folder(Path(storage)), options, ending, RunnerServer(SERVER))
