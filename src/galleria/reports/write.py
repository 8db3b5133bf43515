"""Reports written to files, in the form that a file's extension says."""

import shutil
from collections.abc import Mapping, Sequence
from pathlib import Path

from galleria.errors import UnsupportedError
from galleria.reports.document import Report
from galleria.reports.page import html_of
from galleria.reports.stored import store
from galleria.reports.typeset import typeset
from galleria.reports.word import write_word
from galleria.reports.workbook import write_workbook

KINDS = ("html", "pdf", "png", "docx", "xlsx", "pcxml")
_OTHER_NAMES = {"htm": "html"}
_KNOWN_ELSEWHERE: Mapping[str, str] = {
    "rtf": "rich text", "pptx": "presentations", "xls": "workbooks of the old kind", "zip": "packed reports",
}  # laid out by meaning # fmt: skip


def kind_of(extension: str) -> str:
    """Which of `KINDS` an extension (`.pdf`, `pdf`) means; raises UnsupportedError for any other."""
    wanted = extension.lower().lstrip(".")
    kind = _OTHER_NAMES.get(wanted, wanted)
    if kind not in KINDS:
        words = _KNOWN_ELSEWHERE.get(kind, f"files of the kind {kind}" if kind else "a file without an extension")
        raise UnsupportedError("Reports", f"{words} cannot be written; HTML, PDF, PNG, DOCX, XLSX and PCXML can")
    return kind


def write_report(report: Report, path: Path, scratch: Path, resolution: float = 96) -> Sequence[str]:
    """Write a report to `path`. `scratch` is a path that is free, for files in between; a picture shows one page as long as it must be.

    Gives a sentence for each thing that was lost, because the form cannot hold it.
    Raises UnsupportedError and InvalidError as the forms do.
    """
    kind = kind_of(path.suffix)
    if kind == "html":
        path.write_text(html_of(report, path.stem), encoding="utf-8")
    elif kind == "pcxml":
        store(report, path)
    else:
        scratch.mkdir(parents=True)
        try:
            if kind == "xlsx":
                return write_workbook(report, path, scratch)
            if kind == "docx":
                write_word(report, path, scratch)
            else:
                path.write_bytes(typeset(report, path.stem, scratch, kind, resolution))
        finally:
            shutil.rmtree(scratch, ignore_errors=True)
    return ()
