"""Servers that are wrong, slow, broken or lie: each ends in words, and nothing is half here."""

import gzip
import ssl
import time
from collections.abc import Callable, Generator
from pathlib import Path

import pytest

from galleria.database.connect import Database
from galleria.errors import GalleriaError
from galleria.gallery.bringing.lines import Deed, Line
from galleria.gallery.bringing.lists import Reader
from galleria.gallery.bringing.notes import Move
from galleria.gallery.bringing.server import Access, UnreachableError, reading
from galleria.gallery.bringing.world import bring_world
from galleria.gallery.users.service import list_users
from galleria.storage.folder import Folder
from tests.clients.running import free_port
from tests.gallery.scene import SYSTEM
from tests.gallery.stranger import APP, SECRET, Answer, Stranger, a_world, package, saying, stranger, write_certificate

USERS = "/admin/v2/users"


@pytest.fixture
def played() -> Generator[Stranger]:
    with stranger() as made:
        yield made


@pytest.fixture
def database_kind() -> str:
    """What is tested here is the other server; the database's kinds are tested beside."""
    return "sqlite"


def _slow(_: dict[str, str]) -> Answer:
    time.sleep(5)
    return saying([])


FAILURES: dict[str, tuple[Callable[[dict[str, str]], Answer], str]] = {
    "not found": (lambda _: Answer(404, b"<html>"), "answered 404; is this the address of a gallery, like https://example.com/gallery?"),
    "a web page": (lambda _: Answer(body=b"<html>hello</html>"), "does not answer with JSON; is this the address of a gallery?"),
    "no list": (lambda _: saying({"users": []}), "is no list; is this the address of a gallery?"),
    "too deep": (lambda _: Answer(body=b"[" * 100_000), "does not answer with JSON"),
    "the wrong key": (
        lambda _: saying({"message": "The provided signature(oauth_signature) is invalid.\x1b[2J"}, 401),
        "does not accept the key (The provided signature(oauth_signature) is invalid. [2J). It takes a curator's own key",
    ),
    "forbidden": (lambda _: Answer(403), "does not accept the key"),
    "elsewhere": (lambda _: Answer(302, headers=(("Location", "https://x.example/"),)), "leads elsewhere, to https://x.example/"),
    "broken": (lambda _: saying({"message": "Object reference not set"}, 500), "was answered 500 (Object reference not set)"),
    "busy for ever": (lambda _: Answer(503), "was answered 503"),
    "cut off": (lambda _: Answer(body=b"[", claimed_bytes=10), "was cut off"),
    "too slow": (_slow, "did not answer in time, 4 times; a longer time can be given with --timeout"),
}


@pytest.mark.parametrize("failure", FAILURES)
def test_a_server_that_cannot_be_read_is_told_in_words(played: Stranger, failure: str) -> None:
    say, words = FAILURES[failure]
    for noun in ("users", "subscriptions"):
        for version in (1, 2):
            played.says[f"/admin/v{version}/{noun}"] = say
    with reading(played.access(timeout_s=0.1 if failure == "too slow" else 60)) as server, pytest.raises(GalleriaError) as raised:
        Reader(server).world()
    assert words in raised.value.message
    assert SECRET not in repr(raised.value)


@pytest.mark.parametrize(
    "url",
    [
        "example.com/gallery",
        "ftp://example.com",
        "https://user:pw@example.com",
        "https://",
        "https://x/?a=1",
        "https://[::1",
        "https://x:99999",
        "https://a b/",
    ],
)
def test_what_is_no_address_is_refused(url: str) -> None:
    with pytest.raises(GalleriaError, match="the address of a gallery is written like"), reading(Access(url, "k", SECRET)):
        pass


@pytest.mark.parametrize(
    ("url", "base", "name"),
    [
        ("https://Example.com/gallery/", "https://Example.com/gallery/api", "example.com"),
        ("https://example.com", "https://example.com/gallery/api", "example.com"),
        ("http://example.com:80/gallery/api/", "http://example.com:80/gallery/api", "example.com"),
        ("https://example.com/team/gallery", "https://example.com/team/gallery/api", "example.com/team"),
        ("https://example.com/webapi/", "https://example.com/webapi", "example.com"),
    ],
)
def test_a_server_has_one_name_however_it_is_reached(url: str, base: str, name: str) -> None:
    access = Access(url, "k", SECRET)
    assert (access.base, access.name) == (base, name)
    assert SECRET not in repr(access)


def test_nobody_at_the_address() -> None:
    access = Access(f"http://127.0.0.1:{free_port()}/gallery", "k", SECRET, pause_s=0.01)
    with reading(access) as server, pytest.raises(UnreachableError, match=r"cannot be reached: .*refused"):
        server.read(USERS)


@pytest.mark.parametrize(
    ("answer", "words"),
    [
        (Answer(body=gzip.compress(bytes(1 << 24)), headers=(("Content-Encoding", "gzip"),)), "is larger than 65,536 bytes"),
        (saying(["token"]), "gives no token"),
        (Answer(body=b"[" * 60_000), "gives no token"),
        (saying({"error_description": "unknown client"}, 400), "does not accept the key (unknown client)"),
    ],
)
def test_a_token_that_is_none_is_told_in_words(played: Stranger, answer: Answer, words: str) -> None:
    played.says["/webapi/oauth2/token"] = lambda _: answer
    with reading(Access(f"{played.url}/webapi", "key", SECRET, timeout_s=60)) as other, pytest.raises(GalleriaError) as refused:
        other.read("/v3/users")
    assert words in refused.value.message
    assert SECRET not in refused.value.message


def test_a_passing_failure_is_tried_again(played: Stranger) -> None:
    answers = iter([Answer(503), Answer(429, headers=(("Retry-After", "0"),)), saying([{"id": "f" * 24}])])
    played.says[USERS] = lambda _: next(answers)
    with reading(played.access()) as server:
        assert server.read(USERS) == [{"id": "f" * 24}]


def test_a_certificate_of_its_own_must_be_given(tmp_path: Path) -> None:
    certificate, private = write_certificate(tmp_path)
    trust = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    trust.load_cert_chain(certificate, private)
    with stranger(trust) as played:
        with reading(played.access()) as server, pytest.raises(UnreachableError, match=r"does not prove who it is .*--authority FILE"):
            server.read(USERS)
        with reading(played.access(authority=certificate)) as server:
            assert server.read(USERS) == []
    nothing = tmp_path / "nothing.pem"
    nothing.write_text("no certificate")
    with pytest.raises(GalleriaError, match="holds no certificates"), reading(played.access(authority=nothing)):
        pass


@pytest.mark.parametrize("first", [0, 1])
@pytest.mark.parametrize("count", [0, 1, 2, 3, 4, 5])
def test_every_page_is_read_whether_they_count_from_0_or_1(played: Stranger, first: int, count: int) -> None:
    rows = [{"id": f"{number:024x}"} for number in range(count)]

    def page(query: dict[str, str]) -> Answer:
        number, size = int(query["page"]) - first, int(query["pageSize"])
        return saying({"message": "no page 0"}, 400) if number < 0 else saying(rows[number * size : (number + 1) * size])

    played.says["/admin/v2/subscriptions"] = page
    with reading(played.access()) as server:
        assert [studio.id for studio in Reader(server, page_size=2).world().studios] == [row["id"] for row in rows]


def test_a_server_that_sends_the_same_page_for_ever_comes_to_an_end(played: Stranger) -> None:
    same = [{"id": f"{number:024x}", "name": "x", "publishedVersionOwner": None} for number in range(2)]
    for path in ("/admin/v2/subscriptions", "/admin/v1/workflows"):
        played.says[path] = lambda _: saying(same)
    with reading(played.access()) as server:
        world = Reader(server, page_size=2).world()
    assert (len(world.studios), len(world.workflows)) == (2, 2)
    assert len(played.asked) < 50


def test_elements_that_make_no_sense_are_left_out_and_told(played: Stranger) -> None:
    played.says_list(
        USERS, {"id": "../../etc"}, {"email": "x@y"}, 7, {"id": "f" * 24, "email": 5, "expirationDate": "soon"}, {"id": "a" * 24}
    )
    with reading(played.access()) as server:
        world = Reader(server).world()
    assert [user.id for user in world.users] == ["a" * 24]
    assert world.oddities == (
        "a user could not be read: '../../etc' is no id: one has 24 hexadecimal digits",
        "a user could not be read: it has no id",
        "a user could not be read: 'soon' is no time",
    )


def test_texts_that_no_database_holds_are_mended(played: Stranger, database: Database, storage: Folder) -> None:
    a_world(played, user={"firstName": "A\ud800\0nn", "lastName": "x" * 1000}, studio={"name": "\udfff"})
    lines = imported(played, Move(database, storage, SYSTEM, "old"))
    assert {line.deed for line in lines} == {Deed.BROUGHT}
    with database.read() as db:
        [user] = list_users(db, SYSTEM)
    assert (user.first_name, user.last_name) == ("A?nn", "x" * 200)


BAD_PACKAGES: dict[str, tuple[Answer, str]] = {
    "cut off": (Answer(body=package()[:100], claimed_bytes=5000), "was cut off"),
    "no zip": (Answer(body=b"no zip at all"), "zip"),
    "half a zip": (Answer(body=package()[: len(package()) // 2]), "zip"),
    "too large": (Answer(body=b"x" * 20_001), "larger than 20,000 bytes"),
    "too large once unpacked": (Answer(body=gzip.compress(bytes(1 << 24)), headers=(("Content-Encoding", "gzip"),)), "larger than 20,000"),
    "gone": (Answer(404), "was answered 404"),
}


@pytest.mark.parametrize("kind", BAD_PACKAGES)
def test_a_package_that_is_none_leaves_nothing_behind(
    played: Stranger, database: Database, storage: Folder, tmp_path: Path, kind: str
) -> None:
    answer, words = BAD_PACKAGES[kind]
    a_world(played)
    played.says[f"/admin/v1/{APP}/package"] = lambda _: answer
    work = tmp_path / "work"
    work.mkdir()
    lines = imported(played, Move(database, storage, SYSTEM, "old", package_limit_bytes=20_000, folder=work))
    [workflow] = [line for line in lines if line.thing == "workflow"]
    assert (workflow.deed, words in workflow.notes[0]) == (Deed.REFUSED, True), workflow.notes
    [schedule] = [line for line in lines if line.thing == "schedule"]
    assert schedule.notes == ("its workflow was not brought along",)
    assert not list(work.iterdir())
    assert not [path for path in (tmp_path / "storage").rglob("*") if path.is_file()]


def imported(played: Stranger, move: Move) -> list[Line]:
    with reading(played.access()) as server:
        world = Reader(server).world()
        return [line for line in bring_world(move, server, world) if isinstance(line, Line)]


def test_a_server_that_stops_answering_stops_the_import_with_what_came_kept(played: Stranger, database: Database, storage: Folder) -> None:
    a_world(played)
    rows = [{"id": f"{number:024x}", "publishedVersionId": "1" * 24, "publishedVersionOwner": {"id": "b" * 24}} for number in range(5)]
    played.says_list("/admin/v1/workflows", *rows)
    for row in rows[1:]:
        played.says[f"/admin/v1/{row['id']}/package"] = lambda _: Answer(body=b"P", claimed_bytes=100)
    played.says[f"/admin/v1/{rows[0]['id']}/package"] = lambda _: Answer(body=package())
    with pytest.raises(UnreachableError, match="what was brought so far stays, run the import again"):
        imported(played, Move(database, storage, SYSTEM, "old"))
    played.says |= {f"/admin/v1/{row['id']}/package": lambda _: Answer(body=package()) for row in rows}
    lines = imported(played, Move(database, storage, SYSTEM, "old"))
    assert [line.deed for line in lines if line.thing == "workflow"] == [Deed.UNCHANGED, *[Deed.BROUGHT] * 4]
