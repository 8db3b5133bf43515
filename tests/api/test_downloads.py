import io

import pytest
from starlette.requests import Request
from starlette.responses import Response, StreamingResponse

from galleria.http.downloads import Download, answer, asked_span, base_name

CONTENT = b"0123456789"
TAG = '"0a1b.yxdb-a"'


@pytest.mark.parametrize(
    ("header", "span"),
    [
        ("", None),
        ("bytes=0-0", range(1)),
        ("bytes=2-5", range(2, 6)),
        ("bytes=7-", range(7, 10)),
        ("bytes=7-99", range(7, 10)),
        ("bytes=-3", range(7, 10)),
        ("bytes=-99", range(10)),
        ("Bytes = 2-5", range(2, 6)),
        ("bytes=10-", range(10, 10)),
        ("bytes=-0", range(10, 10)),
        ("bytes=5-2", None),
        ("bytes=-", None),
        ("bytes=a-b", None),
        ("bytes=0-1,4-5", None),
        ("bytes=²-", None),
        ("rows=0-1", None),
        ("bytes", None),
        ("bytes=" + "9" * 5000 + "-", None),
    ],
)
def test_a_range_header_is_read_or_ignored(header: str, span: range | None) -> None:
    assert asked_span(header, len(CONTENT)) == span


async def _sent(**headers: str) -> tuple[Response, bytes]:
    raw = [(name.replace("_", "-").encode(), value.encode()) for name, value in headers.items()]
    request = Request({"type": "http", "method": "GET", "headers": raw})
    stream = io.BytesIO(CONTENT)
    response = answer(request, Download(stream, len(CONTENT), 'out/da"y\r\n ä.yxdb', "outputs/1b/0a1b.yxdb"))
    body = b""
    if isinstance(response, StreamingResponse):
        body = b"".join([bytes(part) async for part in response.body_iterator])  # type: ignore[arg-type] - bytes or text
    assert stream.closed
    return response, body


@pytest.mark.parametrize(
    ("headers", "status", "body", "content_range"),
    [
        ({}, 200, CONTENT, None),
        ({"range": "bytes=2-5"}, 206, b"2345", "bytes 2-5/10"),
        ({"range": "bytes=2-5", "if_range": TAG}, 206, b"2345", "bytes 2-5/10"),
        ({"range": "bytes=2-5", "if_range": '"other"'}, 200, CONTENT, None),
        ({"range": "bytes=10-"}, 416, b"", "bytes */10"),
        ({"if_none_match": f'"x", W/{TAG}'}, 304, b"", None),
        ({"if_none_match": '"x"'}, 200, CONTENT, None),
    ],
)
@pytest.mark.anyio
async def test_a_file_is_sent_whole_in_part_or_not_again(
    headers: dict[str, str], status: int, body: bytes, content_range: str | None
) -> None:
    response, sent = await _sent(**headers)
    assert (response.status_code, sent, response.headers.get("content-range")) == (status, body, content_range)
    assert response.headers["etag"] == TAG
    if body:
        assert response.headers["content-length"] == str(len(body))


@pytest.mark.anyio
async def test_a_strange_file_name_stays_inside_its_header() -> None:
    response, _ = await _sent()
    assert response.headers["content-disposition"] == "attachment; filename=\"da_y _.yxdb\"; filename*=UTF-8''da%22y%20%C3%A4.yxdb"
    assert response.headers["content-security-policy"] == "sandbox"


@pytest.mark.parametrize(
    ("name", "base"), [("a/b.csv", "b.csv"), ("C:\\x\\b.csv", "b.csv"), ("", "file"), ("a/", "file"), ("\r\n", "file")]
)
def test_folders_and_control_characters_are_dropped_from_names(name: str, base: str) -> None:
    assert base_name(name) == base
