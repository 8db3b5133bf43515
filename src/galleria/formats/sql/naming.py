"""Names and queries as documents write them behind `|||`, made safe to stand in a statement."""

import re

from galleria.errors import InvalidError

_PART = re.compile(r'\s*("(?:[^"]|"")*"|`[^`]*`|\[[^\]]*\]|[^."`\[\]]+)\s*(?:\.|$)')
_PLAIN = re.compile(r"[A-Za-z_][A-Za-z0-9_$]*")
_COMMENT = re.compile(r"\s*(?:--[^\n]*\n|/\*.*?\*/)", re.DOTALL)
_QUERIES = ("SELECT", "WITH", "VALUES", "TABLE", "(", "EXEC", "CALL", "SHOW")


def table_parts(text: str) -> list[tuple[str, bool]]:
    """Take a table's name apart: each part (catalogue, schema, table) and whether it stood in quotes. Raises InvalidError."""
    parts: list[tuple[str, bool]] = []
    at = 0
    text = text.strip()
    while at < len(text) or not parts:
        found = _PART.match(text, at)
        if found is None or found.end() == at:
            raise InvalidError(f'"{text[:80]}" is no name of a table')
        part = found[1].strip()
        quoted = part[0] in '"`[' and len(part) > 1
        parts.append((part[1:-1].replace('""', '"') if quoted else part, quoted))
        at = found.end()
    return parts


def quoted(name: str, marks: str = '""') -> str:
    """A name between a database's marks of quotation (`""`, two backticks, `[]`), those inside it doubled."""
    if "\0" in name or not name:
        raise InvalidError("a name in a database is empty or holds a NUL character")
    return f"{marks[0]}{name.replace(marks[1], marks[1] * 2)}{marks[1]}"


def quoted_table(text: str, marks: str = '""') -> str:
    """A table's whole name for a statement: what is quoted stays as it is, a plain word keeps the database's own letter case."""
    parts = table_parts(text)
    return ".".join(name if not was and _PLAIN.fullmatch(name) else quoted(name, marks) for name, was in parts)


def is_query(text: str) -> bool:
    """Whether this is a statement and no table's name."""
    while found := _COMMENT.match(text):
        text = text[found.end() :]
    text = text.strip()
    return text.upper().startswith(_QUERIES) and not _PLAIN.fullmatch(text)


def query_of(text: str, marks: str = '""') -> str:
    """The query that reads what is named: itself, or all of a table."""
    text = text.strip().rstrip(";").strip()
    if not text:
        raise InvalidError("the connection needs the name of a table, or a query, behind |||.")
    return text if is_query(text) else f"SELECT * FROM {quoted_table(text, marks)}"
