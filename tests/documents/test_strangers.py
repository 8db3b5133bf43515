"""Whatever comes in, what goes out is plain data or an error of ours, soon."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from galleria.documents.archive import Limits, entries
from galleria.documents.destination import parse_destination
from galleria.documents.read import read_document
from galleria.errors import GalleriaError
from tests.documents.small import document, node, wire

WHOLE = document(node(1, '<A x="1">t</A>') + node(2), wire(1, 2), "<Constants><Constant><Name>n</Name></Constant></Constants>").encode()


def refusal(act: Callable[[], object]) -> str | None:
    """What an error of ours says; None where there is none. Any other error fails the test."""
    try:
        act()
    except GalleriaError as error:
        return error.message
    return None


def read_or_refuse(data: bytes) -> None:
    assert "strange.yxmd" in (refusal(lambda: read_document(data, "strange.yxmd")) or "strange.yxmd")


@given(st.binary(max_size=200))
@settings(max_examples=200, deadline=None)
def test_any_bytes_are_read_or_refused(data: bytes) -> None:
    read_or_refuse(data)
    read_or_refuse(b"<AlteryxDocument>" + data + b"</AlteryxDocument>")


@given(st.integers(0, len(WHOLE) - 1), st.binary(max_size=3), st.integers(0, 5))
@settings(max_examples=300, deadline=None)
def test_any_change_of_a_document_is_read_or_refused(at: int, new: bytes, cut: int) -> None:
    read_or_refuse(WHOLE[:at] + new + WHOLE[at + cut :])


@given(st.text(alphabet="1/a[]@='\" \n", max_size=60))
@settings(max_examples=300, deadline=None)
def test_any_destination_is_understood_or_refused(text: str) -> None:
    assert "destination" in (refusal(lambda: parse_destination(text)) or "destination")


@given(data=st.binary(max_size=120))
@settings(max_examples=200, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_any_bytes_are_a_package_or_refused(data: bytes, tmp_path: Path) -> None:
    package = tmp_path / "strange.yxzp"
    package.write_bytes(data + b"PK\x05\x06" + data[:18].ljust(18, b"\x00"))
    assert "strange.yxzp" in (refusal(lambda: entries(package, Limits())) or "strange.yxzp")


@pytest.mark.parametrize(
    "text",
    ["1/" + "a[@b='c']" * 5000 + "!", "1/a" + "[@b='']" * 5000 + "x", "1/a[@b='" + "']['" * 5000, "1/" + "a/" * 20000 + "]"],
)
def test_long_destinations_are_refused_soon(text: str) -> None:
    started = time.perf_counter()
    with pytest.raises(GalleriaError):
        parse_destination(text)
    assert time.perf_counter() - started < 2
