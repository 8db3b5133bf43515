"""What a run is given to log in with: found by the names in its documents, sealed in its folder, its key told to its process alone."""

from __future__ import annotations

import html
import json
import os
import re
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from functools import lru_cache
from pathlib import Path

from cryptography.fernet import Fernet

from galleria.connecting.address import place_of
from galleria.gallery.connections.records import Connection
from galleria.gallery.jobs.secrets import Given

SEALED = "connections.sealed"
_DOCUMENTS = (".yxmd", ".yxmc", ".yxwz")
_MARKS = ("aka:", "dcm:", 'dcmtitle="')


@dataclass(frozen=True)
class Named:
    """What the documents of a package, and a job's answers, say about connections."""

    text: str

    @classmethod
    def of(cls, package: Path, answers: Mapping[str, str]) -> Named:
        return cls("\n".join([_documents_in(package), *answers.values()]).casefold())

    @property
    def any(self) -> bool:
        return _says_any(self.text)

    def connection(self, connection: Connection) -> bool:
        """Whether the connection is named, or told by its id."""
        return connection.id.casefold() in self.text or any(self._says(mark, connection.name) for mark in _MARKS)

    def sources(self, known: Mapping[str, str]) -> Mapping[str, str]:
        """Those of the mapped data sources that are named, in small letters."""
        return {name.casefold(): text for name, text in known.items() if self._says("dsn=", name)}

    def _says(self, mark: str, name: str) -> bool:
        """The whole name, so that one that begins like another does not bring it along."""
        return re.search(rf"{re.escape(mark)}\s*\{{?{re.escape(name.casefold())}\}}?\s*(?:[|<;\"'\n]|$)", self.text) is not None


@dataclass(frozen=True)
class Handover:
    given: Given = field(default_factory=Given)
    sources: Mapping[str, str] = field(default_factory=dict[str, str], repr=False)

    @property
    def is_empty(self) -> bool:
        return not self.given.connections.addresses and not self.sources

    @property
    def places(self) -> Sequence[str]:
        """`host:port` of every server that an administrator or a Curator vouches for: the run may connect to it, wherever it is.

        What Members keep for themselves leads to public addresses, or to those that all runs may reach.
        """
        found = [place_of(text) for text in [*self.given.connections.vouched, *self.sources.values()]]
        return sorted({place for place in found if place})

    def seal(self, folder: Path) -> str:
        """Write it into a job's folder; gives the key, which opens this alone and is written nowhere."""
        account = None if self.given.account is None else asdict(self.given.account)
        connections, vouched = self.given.connections.addresses, self.given.connections.vouched
        strange = sorted({text for text in connections.values() if text not in vouched})
        content = {"connections": dict(connections), "strange": strange, "sources": dict(self.sources), "account": account}
        key = Fernet.generate_key()
        handle = os.open(folder / SEALED, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(handle, "wb") as file:
            file.write(Fernet(key).encrypt(json.dumps(content).encode()))
        return key.decode("ascii")


def _decoded(content: bytes) -> str:
    encoding = "utf-16" if content[:2] in (b"\xff\xfe", b"\xfe\xff") else "utf-8"
    return content.decode(encoding, "replace")


def _says_any(text: str) -> bool:
    return any(mark in text for mark in (*_MARKS, "usedcm", "dsn="))


@lru_cache(maxsize=64)
def _documents_in(package: Path) -> str:
    """All documents of an unpacked package, which never changes, in small letters; empty where none says anything about connections."""
    paths = sorted(path for path in package.rglob("*") if path.suffix.casefold() in _DOCUMENTS and path.is_file())
    # Names are written there as XML writes them.
    text = "\n".join(html.unescape(_decoded(path.read_bytes())) for path in paths).casefold()
    return text if _says_any(text) else ""
