"""`python -m galleria.runner`: the process that runs, checks and converts, apart from the server that asks for it."""

from __future__ import annotations

import json
import sys
from collections.abc import Sequence
from pathlib import Path

from galleria.errors import GalleriaError, InvalidError, UnsupportedError


def main(arguments: Sequence[str]) -> int:
    """Carry out one command; what goes wrong is a line on standard error and exit code 2.

    `--serve` · `run JOB_FOLDER` · `check SOURCE PACKAGE REPORT SHARED` (SOURCE packed to PACKAGE if it is no package yet, described in
    REPORT; SHARED is the JSON of `publishing.read_shared`) · `convert SOURCE TARGET` · `preview SOURCE REPORT` ·
    `plot SOURCE REPORT WANTED` (see `plot.py`; WANTED is JSON) ·
    `compare PACKAGE PACKAGE REPORT` (see `differences.py`)
    """
    try:
        return _obey(list(arguments))
    except UnsupportedError as error:
        print(f"unsupported: {error.message}", file=sys.stderr)
    except GalleriaError as error:
        print(f"invalid: {error.message}", file=sys.stderr)
    return 2


def _obey(arguments: list[str]) -> int:
    match arguments:
        case ["--serve"]:
            from galleria.runner.serve import serve

            return serve()
        case ["run", folder]:
            from galleria.runner.job import run_job

            return run_job(Path(folder))
        case ["check", source, package, report, shared]:
            from galleria.runner.publishing import package_and_report, read_shared

            found = package_and_report(Path(source), Path(package), read_shared(json.loads(shared)))
            Path(report).write_text(json.dumps(found, ensure_ascii=False), encoding="utf-8")
            return 0
        case ["convert", source, target]:
            from galleria.runner.conversion import convert

            convert(Path(source), Path(target))
            return 0
        case ["preview", source, report]:
            from galleria.runner.preview import preview

            found = preview(Path(source), Path(report).parent)
            Path(report).write_text(json.dumps(found, ensure_ascii=False), encoding="utf-8")
            return 0
        case ["plot", source, report, wanted]:
            from galleria.runner.plot import plot, wanted_from

            found = plot(Path(source), Path(report).parent, wanted_from(json.loads(wanted)))
            Path(report).write_text(json.dumps(found, ensure_ascii=False), encoding="utf-8")
            return 0
        case ["compare", before, after, report]:
            from galleria.runner.differences import differences

            found = differences(Path(before), Path(after))
            Path(report).write_text(json.dumps(found, ensure_ascii=False), encoding="utf-8")
            return 0
        case _:
            raise InvalidError(f"no such command: {' '.join(arguments) or 'none given'}")


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
