"""Download against a real server that answers with what it was asked."""

from __future__ import annotations

import json
import threading
from collections.abc import Generator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from lxml import etree

from galleria.fields.types import Field, FieldType
from galleria.formula.environment import Environment
from galleria.runner.files import LocalFiles
from galleria.runner.world import OpenWorld
from galleria.table.table import Table
from galleria.tools.configuration import Configuration
from galleria.tools.connectors.download import Download
from galleria.tools.contract import Built, Context, Inputs, Wired

WORLD = OpenWorld()


class Echo(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def answer(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        told = {"method": self.command, "path": self.path, "headers": dict(self.headers), "body": body.decode("utf-8")}
        content = b"caf\xe9" if self.path == "/latin" else json.dumps(told).encode()
        self.send_response(404 if self.path == "/missing" else 200)
        self.send_header("Content-Length", str(len(content)))
        self.send_header("X-Seen", "yes")
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(content)

    do_GET = do_POST = do_PUT = do_DELETE = do_HEAD = do_PATCH = answer

    def log_message(self, format: str, *args: object) -> None: ...  # noqa: A002 (the base class's name)


@contextmanager
def serving() -> Generator[str]:
    server = ThreadingHTTPServer(("127.0.0.1", 0), Echo)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


@pytest.fixture(scope="module")
def address() -> Generator[str]:
    with serving() as address:
        yield address


def download(config: str, rows: dict[str, list[Any]], folder: Path) -> Built:
    frame = pl.DataFrame(rows)
    fields = [Field(name, FieldType.INT64 if dtype == pl.Int64 else FieldType.V_WSTRING) for name, dtype in frame.schema.items()]
    tool = Download.read(Configuration(etree.fromstring(f"<Configuration><URLField>url</URLField>{config}</Configuration>")))
    context = Context(7, LocalFiles(folder, folder, folder), Environment())
    return tool.act(Inputs({"Input": [Wired(Table(frame.lazy(), tuple(fields)))]}), context, WORLD)


def told(built: Built) -> list[Any]:
    return [json.loads(text) for text in built.outputs["Output"].frame.collect()["DownloadData"]]


HEADERS = (
    '<Headers><NameValues><Item name="X-Fixed" value="f"/></NameValues>'
    '<Fields><Field name="key"/><Field name="*Unknown" selected="False"/></Fields></Headers>'
)
COMPOSE = (
    '<QueryStringBodyMode>Compose</QueryStringBodyMode><ComposeNameValues><Item name="a" value="1 &amp; 2"/></ComposeNameValues>'
    '<ComposeFields><Field name="key"/><Field name="*Unknown" selected="False"/></ComposeFields>'
)


@pytest.mark.parametrize(
    ("payload", "method", "path", "body"),
    [
        ("<HTTPAction>GET</HTTPAction>" + COMPOSE, "GET", "/x?q=1&a=1%20%26%202&key=k%C3%A9", ""),
        ("<HTTPAction>POST</HTTPAction>" + COMPOSE, "POST", "/x?q=1", "a=1%20%26%202&key=k%C3%A9"),
        ("<HTTPAction>POST</HTTPAction><QueryStringBodyMode>Text</QueryStringBodyMode><Text>{1}</Text>", "POST", "/x?q=1", "{1}"),
        ("<HTTPAction>PUT</HTTPAction><QueryStringBodyMode>Field</QueryStringBodyMode><Field>key</Field>", "PUT", "/x?q=1", "ké"),
        ("<HTTPAction>GET</HTTPAction><QueryStringBodyMode>Field</QueryStringBodyMode><Field>n</Field>", "GET", "/x?q=1&7", ""),
        ("<HTTPAction>DELETE</HTTPAction>", "DELETE", "/x?q=1", ""),
        ("<HTTPAction>Custom</HTTPAction><CustomHTTPAction>patch</CustomHTTPAction>", "PATCH", "/x?q=1", ""),
    ],
)
def test_the_payload_goes_where_the_method_puts_it(address: str, tmp_path: Path, payload: str, method: str, path: str, body: str) -> None:
    built = download(f"<Payload>{payload}</Payload>", {"url": [f"{address}/x?q=1"], "key": ["ké"], "n": [7]}, tmp_path)
    (request,) = told(built)
    assert (request["method"], request["path"], request["body"]) == (method, path, body)


def test_headers_come_from_the_list_and_from_fields(address: str, tmp_path: Path) -> None:
    config = HEADERS + "<UserName>me</UserName><Password>secret</Password>"
    built = download(config, {"url": [address, address], "key": ["k", None]}, tmp_path)
    first, second = (request["headers"] for request in told(built))
    assert (first["X-Fixed"], first["key"], first["Authorization"]) == ("f", "k", "Basic bWU6c2VjcmV0")
    assert "key" not in second


def test_a_body_has_a_content_type_of_its_own_or_the_one_given(address: str, tmp_path: Path) -> None:
    payload = "<Payload><HTTPAction>POST</HTTPAction><QueryStringBodyMode>Text</QueryStringBodyMode><Text>x</Text></Payload>"
    given = '<Headers><NameValues><Item name="content-type" value="application/json"/></NameValues></Headers>'
    types = [told(download(config, {"url": [address]}, tmp_path))[0]["headers"] for config in (payload, payload + given)]
    assert types[0]["Content-Type"] == "application/x-www-form-urlencoded"
    assert [value for name, value in types[1].items() if name.lower() == "content-type"] == ["application/json"]


def test_a_header_with_a_line_break_is_not_sent(address: str, tmp_path: Path) -> None:
    built = download(HEADERS, {"url": [address], "key": ["a\r\nX: 1"]}, tmp_path)
    assert "Error transferring data: a header must not contain a line break" in [say.text for say in built.notes]


def test_addresses_are_encoded_where_asked(address: str, tmp_path: Path) -> None:
    built = download('<EncodeURLs value="True"/>', {"url": [f"{address}/a b?c=é&d=%20"]}, tmp_path)
    assert told(built)[0]["path"] == "/a%20b?c=%C3%A9&d=%20"


def test_a_scheme_may_be_left_out(address: str, tmp_path: Path) -> None:
    assert told(download("", {"url": [address.removeprefix("http://")]}, tmp_path))[0]["method"] == "GET"


def test_records_keep_their_order_and_messages_sum_them_up(address: str, tmp_path: Path) -> None:
    urls = [f"{address}/{number}" for number in range(20)]
    built = download("<numConnections>5</numConnections>", {"url": urls}, tmp_path)
    assert [request["path"] for request in told(built)] == [f"/{number}" for number in range(20)]
    assert (built.notes[0].status, built.notes[0].text) == (101, f"action:GET URL:{urls[0]}")
    assert built.notes[-1].text.startswith("Records transferred: 20; active connections: 5; average records per minute: ")


def test_an_error_status_is_an_answer(address: str, tmp_path: Path) -> None:
    built = download("", {"url": [f"{address}/missing"]}, tmp_path)
    headers = built.outputs["Output"].frame.collect()["DownloadHeaders"].item()
    assert headers.split("\r\n")[0] == "HTTP/1.1 404 Not Found"
    assert "X-Seen: yes" in headers.replace("x-seen", "X-Seen")


def test_the_code_page_reads_the_answer(address: str, tmp_path: Path) -> None:
    rows = {"url": [f"{address}/latin"]}
    texts = [
        download(f"<CodePage>{page}</CodePage>", rows, tmp_path).outputs["Output"].frame.collect()["DownloadData"]
        for page in (28591, 65001)
    ]
    assert [text.item() for text in texts] == ["café", "caf\ufffd"]


def test_answers_go_into_blobs_and_files(address: str, tmp_path: Path) -> None:
    rows = {"url": [f"{address}/latin"], "path": ["out.bin"]}
    blob = download("<OutputMode>Blob</OutputMode>", rows, tmp_path).outputs["Output"].frame.collect()
    assert blob["DownloadData"].item() == b"caf\xe9"
    temporary = download("<OutputMode>TempFile</OutputMode>", rows, tmp_path).outputs["Output"].frame.collect()
    assert Path(temporary["DownloadTempFile"].item()).read_bytes() == b"caf\xe9"
    download("<OutputMode>SpecificFile</OutputMode><OutputFileNameField>path</OutputFileNameField>", rows, tmp_path)
    assert (tmp_path / "out.bin").read_bytes() == b"caf\xe9"


def test_a_server_that_is_not_there_is_a_message(tmp_path: Path) -> None:
    with serving() as gone:
        pass
    built = download("<Timeout>5</Timeout>", {"url": [gone]}, tmp_path)
    assert built.outputs["Output"].frame.collect()["DownloadData"].item() is None
    assert [say.status for say in built.notes] == [101, 3, 1]
