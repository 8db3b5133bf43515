"""A file of a run written again in another form: a report as pages or a workbook, a table in another format."""

from pathlib import Path

from galleria.errors import InvalidError
from galleria.formats import convert as tables
from galleria.reports.stored import stored
from galleria.reports.write import write_report


def convert(source: Path, target: Path) -> None:
    """Write `source` to `target`, in the form that the target's extension tells. Raises as `formats.convert` and `reports.write` do.

    A report that cannot lie in that form whole is refused: here is nobody who reads warnings.
    """
    if source.suffix.lower() == ".pcxml" and target.suffix.lower() != ".zip":
        lost = write_report(stored(source), target, target.parent / "pages")
        if lost:
            target.unlink()
            raise InvalidError(f"the report does not fit into this form: {'; '.join(lost[:3])}. Fetch it in another one.")
    else:
        tables.convert(source, target)
