"""Email by a real SMTP server."""

import socketserver
import threading
from collections.abc import Generator
from email import message_from_string
from pathlib import Path

import polars as pl
import pytest
from lxml import etree

from galleria.errors import ToolError
from galleria.fields.types import Field, FieldType
from galleria.formula.environment import Environment
from galleria.runner.files import LocalFiles
from galleria.runner.world import OpenWorld
from galleria.table.table import Table
from galleria.tools.configuration import Configuration
from galleria.tools.contract import Built, Context, Inputs, Wired
from galleria.tools.developer.email import Email


class Mailbox(socketserver.StreamRequestHandler):
    received: list[tuple[list[str], str]]

    def handle(self) -> None:
        self.wfile.write(b"220 here\r\n")
        recipients: list[str] = []
        while line := self.rfile.readline().decode().strip():
            word = line.split()[0].upper()
            if word == "RCPT":
                recipients.append(line.partition("<")[2].partition(">")[0])
            if word == "DATA":
                self.wfile.write(b"354 go on\r\n")
                lines: list[str] = []
                while (text := self.rfile.readline().decode()) != ".\r\n":
                    lines.append(text)
                self.received.append((recipients, "".join(lines)))
                recipients = []
            self.wfile.write(b"221 bye\r\n" if word == "QUIT" else b"250 ok\r\n")


@pytest.fixture
def server() -> Generator[socketserver.TCPServer]:
    Mailbox.received = []
    with socketserver.ThreadingTCPServer(("127.0.0.1", 0), Mailbox) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield server
        server.shutdown()
        thread.join()


def send(port: int, folder: Path, rows: dict[str, list[str | None]]) -> Built:
    config = f"""<Configuration><SMTPServerName>127.0.0.1</SMTPServerName><ToIsField value="True"/><To>to</To><Cc>c@x.org; d@x.org</Cc>
        <From>me@x.org</From><SubjectIsField value="True"/><Subject>about</Subject><Body>Größe</Body><Port>{port}</Port></Configuration>"""
    frame = pl.DataFrame(rows, schema=dict.fromkeys(rows, pl.String()))
    table = Table(frame.lazy(), tuple(Field(name, FieldType.V_WSTRING) for name in rows))
    context = Context(1, LocalFiles(folder, folder, folder), Environment())
    return Email.read(Configuration(etree.fromstring(config))).act(Inputs({"Input": [Wired(table)]}), context, OpenWorld())


def test_every_record_is_a_mail(server: socketserver.TCPServer, tmp_path: Path) -> None:
    built = send(server.server_address[1], tmp_path, {"to": ["a@x.org", "b@x.org"], "about": ["Hi\nBcc: evil@x.org", "Ho"]})
    assert [say.text for say in built.notes] == ["2 emails were sent"]
    assert [recipients for recipients, _ in Mailbox.received] == [["a@x.org", "c@x.org", "d@x.org"], ["b@x.org", "c@x.org", "d@x.org"]]
    first = message_from_string(Mailbox.received[0][1])
    assert (first["Subject"], first["From"], first.get_content_type()) == ("Hi Bcc: evil@x.org", "me@x.org", "text/plain")


@pytest.mark.parametrize("mark", ["\r\n", "\v", "\x1c", "\x85", "\u2028"])
def test_no_end_of_a_line_begins_a_header(server: socketserver.TCPServer, tmp_path: Path, mark: str) -> None:
    send(server.server_address[1], tmp_path, {"to": ["a@x.org"], "about": [f"Hi{mark}Bcc: evil@x.org"]})
    assert message_from_string(Mailbox.received[0][1])["Subject"] == "Hi Bcc: evil@x.org"


def test_an_address_that_is_none_is_told(server: socketserver.TCPServer, tmp_path: Path) -> None:
    with pytest.raises(ToolError, match=r"The To of an email cannot be 'a@\[b'"):
        send(server.server_address[1], tmp_path, {"to": ["a@[b"], "about": ["Hi"]})


def test_no_records_send_nothing(server: socketserver.TCPServer, tmp_path: Path) -> None:
    built = send(server.server_address[1], tmp_path, {"to": [], "about": []})
    assert ([say.text for say in built.notes], Mailbox.received) == (["0 emails were sent"], [])


def test_a_server_that_is_not_there_is_an_error(server: socketserver.TCPServer, tmp_path: Path) -> None:
    port = server.server_address[1]
    server.shutdown()
    server.server_close()
    with pytest.raises(ToolError, match=r"The email could not be sent by 127.0.0.1"):
        send(port, tmp_path, {"to": ["a@x.org"], "about": ["x"]})
