"""The page's own signatures are the ones that the server checks."""

import json
import shutil
import subprocess
from importlib.resources import files

import pytest

from galleria.api.oauth1 import SignedRequest, is_signed_with, read_claim

SIGNING = str(files("galleria.api.documentation").joinpath("signing.js"))
SCRIPT = f"""
const signing = require({json.dumps(SIGNING)});
const [method, address, key, secret] = process.argv.slice(1);
console.log(signing.authorization(method, address, key, secret, "n0nce", "1700000000"));
"""


@pytest.mark.skipif(shutil.which("node") is None, reason="node is not installed")
@pytest.mark.parametrize(
    ("query", "secret"),
    [
        ("", "c0ffee"),
        ("?search=daily%20sales", "c0ffee"),
        ("?search=daily+sales&sortField=name&limit=", "c0ffee"),
        ("?search=%C3%A4%26%3D~*'()!%2B", "s" * 64),
        ("?a=2&a=1&b=%F0%9F%99%82", "s" * 200),
        ("?x=" + "y" * 5000, "c0ffee"),
    ],
)
def test_a_signature_made_in_the_page_is_accepted(query: str, secret: str) -> None:
    path = "http://127.0.0.1:8080/gallery/api/v1/workflows/subscription/"
    done = subprocess.run(["node", "-e", SCRIPT, "get", path + query, "AB12", secret], capture_output=True, text=True, timeout=180)
    assert done.returncode == 0, done.stderr
    request = SignedRequest("GET", query[1:], "", done.stdout.strip(), (path,))
    claim = read_claim(request, 1_700_000_000, 300)
    assert is_signed_with(secret, request, claim)
    assert not is_signed_with(secret + "x", request, claim)
