"""What the tools that read and write files share: their configuration, and how they speak of what went wrong."""

from collections.abc import Iterable

import polars as pl

from galleria.errors import ToolError, UnsupportedError
from galleria.formats.format import Circumstances
from galleria.formats.options import Options
from galleria.formats.reading import Answered, NameColumn, Request, split_name
from galleria.messages import Status, counted
from galleria.tools.configuration import Configuration
from galleria.tools.contract import Built, Context, Say, Seen

_TROUBLE = "trouble"
_NO_LIMIT = 2**32 - 1
"""More rows than a frame holds."""


def circumstances(context: Context) -> Circumstances:
    limits = (context.record_limit, context.problem_limit)
    return Circumstances(context.files.temporary, *limits, context.checking, context.databases)


def read_request(config: Configuration) -> Request:
    """What an Input Data configuration asks for; raises ToolError on nonsense, UnsupportedError for centroids instead of shapes."""
    file = config.child("File")
    name, part = named_source(config)
    column = file.attribute("OutputFileName").strip()
    try:
        name_column = NameColumn(column)
    except ValueError:
        raise ToolError(f"OutputFileName must be FileName or Path, not {column!r}") from None
    options = Options.of(config.child("FormatSpecificOptions").element)
    if options.flag("ReadCentroids"):
        raise UnsupportedError("option ReadCentroids", "spatial objects are read whole; the Spatial Info tool finds their centres")
    return Request(
        name,
        part,
        format_code(config),
        options,
        most_records(file, "RecordLimit"),
        name_column,
        file.attribute_flag("SearchSubDirs"),
    )


def named_source(config: Configuration) -> tuple[str, str]:
    """File and part, or the data connection that a configuration names by id or title, and its table or query."""
    options = config.child("FormatSpecificOptions")
    if not options.attribute_flag("UseDcm"):
        return split_name(config.child("File").text)
    connection = options.child("Connection")
    named = connection.text.strip() or connection.attribute("DcmTitle").strip()
    if not named:
        raise ToolError("The data connection is not named.")
    return f"dcm:{named}", options.value("Query").strip() or options.value("Table").strip()


def format_code(config: Configuration) -> int | None:
    """`File/@FileFormat`; None where the document leaves it to the file's extension."""
    file = config.child("File")
    return file.attribute_whole("FileFormat") if file.attribute("FileFormat").strip() else None


def built_of(answered: Answered) -> Built:
    """A tool's output that was read from files, with all that `read_messages` needs to know about these."""
    tallies = {} if answered.trouble is None else {_TROUBLE: answered.trouble}
    notes = [Say(status, text) for status, text in answered.notes]
    return Built({"Output": answered.table}, tallies=tallies, counts={one.name: one.table for one in answered.files}, notes=notes)


def read_messages(seen: Seen) -> Iterable[Say]:
    """What went wrong while files were read, then a line for each file."""
    if _TROUBLE in seen.tallies:
        yield from told(seen.tallies[_TROUBLE])
    for file, count in seen.counts.items():
        yield Say(Status.FILE_INPUT, f'{file}|{records_were(count, "read")} from "{file}"')


def told(trouble: pl.DataFrame) -> Iterable[Say]:
    """The messages for a collected `trouble` query, in its order."""
    for status, field, count, texts in trouble.iter_rows():
        about = "" if field is None else f"{field}: "
        for text in texts:
            yield Say(Status(status), f"{about}{text}")
        if count > len(texts):
            yield Say(Status.CONVERSION_LIMIT, f"{about}Field Conversion Error Limit Reached")


def records_were(number: int, what: str) -> str:
    """`1 record was read`, `4 records were read`."""
    return f"{counted(number, 'record')} {'was' if number == 1 else 'were'} {what}"


def most_records(file: Configuration, name: str) -> int:
    """The records that an attribute allows; 0 for all, as for a limit that no table reaches."""
    limit = file.attribute_whole(name)
    return limit if 0 < limit < _NO_LIMIT else 0
