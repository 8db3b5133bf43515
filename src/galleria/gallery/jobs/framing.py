"""Which outputs are reports, and their page: shown in a frame that may do nothing."""

from collections.abc import Callable
from pathlib import Path, PurePosixPath

from galleria.errors import UnsupportedError
from galleria.gallery.jobs.fetch import RAW, Fetched, open_output
from galleria.gallery.jobs.records import JobOutput
from galleria.storage.contract import Storage

_PAGES = (".html", ".htm")
_REPORT = ".pcxml"


def is_report(output: JobOutput) -> bool:
    """Say whether an output is, or can become, a page to look at."""
    return _extension(output) in (*_PAGES, _REPORT)


def open_page(storage: Storage, convert: Callable[[Path, Path], None], output: JobOutput) -> Fetched:
    """Open an output as an HTML page; the caller closes the stream. A stranger's page: nothing in it may run.

    Converting may take long: call it outside of a transaction. Raises UnsupportedError for what is no report.
    """
    if not is_report(output):
        raise UnsupportedError("show an output as a page", f"{output.name} is no report")
    return open_output(storage, convert, output, RAW if _extension(output) in _PAGES else "Html")


def _extension(output: JobOutput) -> str:
    return PurePosixPath(output.name.replace("\\", "/")).suffix.lower()
