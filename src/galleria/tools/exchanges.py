"""The requests that the rows of a Download tool ask for: address, headers, query string or body."""

import re
from base64 import b64encode
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Self
from urllib.parse import quote, urlsplit

import polars as pl

from galleria.errors import ToolError, UnsupportedError
from galleria.fields.columns import column
from galleria.fields.conversion import convert
from galleria.fields.names import same_name
from galleria.fields.types import Field, FieldType
from galleria.table.table import Table
from galleria.tools.configuration import Configuration

_ALLOWED_IN_ADDRESS = "!#$&'()*+,/:;=?@[]~%"
_UNKNOWN = "*Unknown"
# Whose text goes into the address; any other method has a body.
_WITHOUT_BODY = ("GET", "HEAD")


class PayloadMode(StrEnum):
    """How the query string or the body comes about."""

    COMPOSE = "Compose"
    FIELD = "Field"
    TEXT = "Text"


@dataclass(frozen=True)
class Exchange:
    """One request."""

    method: str
    address: str
    """The URL as its field says it, encoded where asked; what messages may show."""
    url: str
    """The address and the composed query string."""
    headers: Mapping[str, str]
    content: bytes | None
    problem: str = ""
    """Why it cannot be made."""


@dataclass(frozen=True)
class Choice:
    """A list of check marks over the fields."""

    marks: Mapping[str, bool]
    """By folded name; `*unknown` for every field that is not named."""

    def names(self, table: Table) -> list[str]:
        others = self.marks.get(_UNKNOWN.casefold(), False)
        return [name for name in table.names if self.marks.get(name.casefold(), others)]


@dataclass(frozen=True)
class Exchanges:
    url_field: str
    encode: bool
    headers: Mapping[str, str]
    header_fields: Choice
    method: str
    mode: PayloadMode
    payload_field: str
    payload_text: str
    pairs: Sequence[tuple[str, str]]
    pair_fields: Choice

    @classmethod
    def read(cls, config: Configuration, plugin: str) -> Self:
        payload = config.child("Payload")
        mode = PayloadMode(payload.choice("QueryStringBodyMode", list(PayloadMode), PayloadMode.COMPOSE))
        content_type = payload.value("ContentType") or "Urlencoded"
        if not same_name(content_type, "Urlencoded"):
            raise UnsupportedError(plugin, f"a body of the form {content_type}")
        headers = {item.attribute("name"): item.attribute("value") for item in config.each("Headers/NameValues/Item")}
        headers |= _authorization(config, plugin)
        return cls(
            url_field=config.value("URLField"),
            encode=config.flag("EncodeURLs"),
            headers={name: value for name, value in headers.items() if name},
            header_fields=_choice(config, "Headers/Fields/Field"),
            method=_method(payload, plugin),
            mode=mode,
            payload_field=payload.value("Field"),
            payload_text=payload.value("Text"),
            pairs=[(item.attribute("name"), item.attribute("value")) for item in payload.each("ComposeNameValues/Item")],
            pair_fields=_choice(payload, "ComposeFields/Field"),
        )

    def check(self, table: Table) -> None:
        """Raise ToolError where a field that is needed is missing."""
        table.field(self.url_field)
        if self.mode is PayloadMode.FIELD:
            table.field(self.payload_field)

    def prepare(self, table: Table, rows: pl.DataFrame) -> list[Exchange]:
        """The exchange of every row, in the rows' order."""
        self.check(table)
        addresses = _texts(table, rows, self.url_field)
        headers = {name: _texts(table, rows, name) for name in self.header_fields.names(table)}
        payloads = self._payloads(table, rows)
        return [
            self._exchange(address, {name: values[at] for name, values in headers.items()}, payload)
            for at, (address, payload) in enumerate(zip(addresses, payloads, strict=True))
        ]

    def _payloads(self, table: Table, rows: pl.DataFrame) -> Sequence[str | bytes | None]:
        if self.mode is PayloadMode.TEXT:
            return [self.payload_text] * len(rows)
        if self.mode is PayloadMode.FIELD:
            field = table.field(self.payload_field)
            return rows[field.name].to_list() if field.type.is_binary else _texts(table, rows, field.name)
        columns = {name: _texts(table, rows, name) for name in self.pair_fields.names(table)}
        return [_composed([*self.pairs, *((name, values[at] or "") for name, values in columns.items())]) for at in range(len(rows))]

    def _exchange(self, address: str | None, fields: Mapping[str, str | None], payload: str | bytes | None) -> Exchange:
        address = (address or "").strip()
        address = address if "://" in address or not address else f"http://{address}"
        address = quote(address, safe=_ALLOWED_IN_ADDRESS) if self.encode else address
        headers = {**self.headers, **{name: value for name, value in fields.items() if value is not None}}
        problem = "" if address else "URL using bad/illegal format or missing URL"
        if any(re.search(r"[\r\n\0]", name + value) for name, value in headers.items()):
            problem = "a header must not contain a line break"
        if self.method in _WITHOUT_BODY:
            try:
                return Exchange(self.method, address, _with_query(address, payload), headers, None, problem)
            except ValueError as error:
                return Exchange(self.method, address, address, headers, None, f"URL using bad/illegal format or missing URL: {error}")
        content = payload.encode() if isinstance(payload, str) else payload
        if content and not any(same_name(name, "Content-Type") for name in headers):
            headers = {**headers, "Content-Type": "application/x-www-form-urlencoded"}
        return Exchange(self.method, address, address, headers, content or b"", problem)


def _method(payload: Configuration, plugin: str) -> str:
    method = payload.value("HTTPAction").strip() or "GET"
    if same_name(method, "Custom"):
        method = payload.value("CustomHTTPAction").strip()
    if "FTP" in method.upper():
        raise UnsupportedError(plugin, f"transfers by FTP ({method})")
    if not re.fullmatch(r"[A-Za-z]+", method):
        raise ToolError(f"the HTTP action must be a word such as GET or POST, not {method!r}")
    return method.upper()


def _authorization(config: Configuration, plugin: str) -> dict[str, str]:
    user, password = config.value("UserName"), config.value("Password")
    if not user:
        return {}
    if re.fullmatch(r"[0-9A-Fa-f]{32,}", password):
        raise UnsupportedError(plugin, "a password that was encrypted on another machine")
    return {"Authorization": "Basic " + b64encode(f"{user}:{password}".encode()).decode()}


def _choice(config: Configuration, path: str) -> Choice:
    return Choice({item.attribute("name").casefold(): item.attribute_flag("selected", default=True) for item in config.each(path)})


def _composed(pairs: Sequence[tuple[str, str]]) -> str:
    return "&".join(f"{quote(name, safe='')}={quote(value, safe='')}" for name, value in pairs)


def _with_query(address: str, query: str | bytes | None) -> str:
    text = query.decode(errors="replace") if isinstance(query, bytes) else query
    if not text:
        return address
    parts = urlsplit(address)
    return parts._replace(query=f"{parts.query}&{text}" if parts.query else text).geturl()


def _texts(table: Table, rows: pl.DataFrame, name: str) -> list[str | None]:
    field = table.field(name)
    return rows.select(convert(column(field.name), field, Field(name, FieldType.V_WSTRING)).value).to_series().to_list()
