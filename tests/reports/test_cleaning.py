"""What snippets may hold, whoever wrote them."""

import pytest

from galleria.errors import InvalidError
from galleria.reports.document import Paper, Report, Separator
from galleria.reports.page import POLICY, body_of, html_of

HARMLESS = [
    ("<p>a</p>", "<p>a</p>"),
    ('<span style="color:#ff0000;font-weight:bold">a</span>', '<span style="color:#ff0000;font-weight:bold">a</span>'),
    ('<a href="https://example.org/?a=1&amp;b=2">x</a>', '<a href="https://example.org/?a=1&amp;b=2">x</a>'),
    ('<font color="red" face="Arial">x</font>', '<span style="color:red;font-family:Arial">x</span>'),
    ("a &lt;script&gt; &amp; b", "a &lt;script&gt; &amp; b"),
    ("<unknown><b>x</b></unknown>", "<b>x</b>"),
    ("<b>open", "<b>open</b>"),
    ("a < b", "a  b"),
    (
        '<datatable width="100%"><thead><tr></tr></thead><dbody><dr><cell class=" column0">a<nbsp/>b</cell></dr></dbody></datatable>',
        '<table style="width:100%"><thead><tr></tr></thead><tbody><tr><td>a\u00a0b</td></tr></tbody></table>',
    ),
]
HARMFUL = [
    ("<p>a<script>alert(1)</script>b</p>", "<p>ab</p>"),
    ("<SCRIPT>alert(1)</SCRIPT>", ""),
    ('<p onclick="x()" id="a">a</p>', "<p>a</p>"),
    ('<a href="javascript:alert(1)">x</a>', "<a>x</a>"),
    ('<a href=" java\nscript:alert(1)">x</a>', "<a>x</a>"),
    ('<img src="https://example.org/x.png"/>', ""),
    ('<img src="data:image/svg+xml;base64,AAAA"/>', ""),
    ('<img src="data:image/png;base64,AAAA" onerror="x()"/>', '<img src="data:image/png;base64,AAAA">'),
    ('<iframe src="https://example.org"></iframe>', ""),
    ("<svg><foreignObject><p>x</p></foreignObject></svg>", '<svg xmlns="http://www.w3.org/2000/svg"></svg>'),
    (
        '<svg><rect fill="url(https://example.org/#a)" width="1"/></svg>',
        '<svg xmlns="http://www.w3.org/2000/svg"><rect width="1"></rect></svg>',
    ),
    ('<p style="background-image:url(https://example.org);color:red">a</p>', '<p style="color:red">a</p>'),
    ('<p style="color:expression(alert(1))">a</p>', "<p>a</p>"),
    ("<style>*{color:red}</style>a", "a"),
    ('<meta http-equiv="refresh" content="0"/>a', "a"),
    ("<!DOCTYPE a [<!ENTITY x 'boom'>]>&x;", "]&gt;"),
    ("<!--<p>x</p>-->a", "a"),
    ('<div class="on hidden admin">a</div>', '<div class="on">a</div>'),
]


@pytest.mark.parametrize(("snippet", "shown"), [*HARMLESS, *HARMFUL])
def test_only_what_is_known_is_shown(snippet: str, shown: str) -> None:
    assert body_of(snippet) == f"<div>{shown}</div>"


def test_a_snippet_that_nests_without_end_is_refused() -> None:
    with pytest.raises(InvalidError, match="nests more than"):
        body_of("<b>" * 5000)


def test_a_table_gives_its_cells_the_style_of_columns_rows_and_stripes() -> None:
    shown = body_of(
        '<table class="data" data-alternate="#eeeeee 1" data-lines="1 #000000"><colgroup><col style="text-align:right"/></colgroup>'
        '<tbody><tr><td>1</td></tr><tr><td style="color:#ff0000">2</td></tr></tbody></table>'
    )
    assert '<td style="border:1px solid #000000;text-align:right">1</td>' in shown
    assert '<td style="border:1px solid #000000;background-color:#eeeeee;text-align:right;color:#ff0000">2</td>' in shown


def test_a_page_allows_no_script_and_nothing_from_outside() -> None:
    page = html_of(Report(["<p>a</p>", "<p>b</p>"], Separator.BREAKING, "h", "", True, Paper(), {"color": "red"}), "a <b>")
    assert f'content="{POLICY}"' in page
    assert "default-src 'none'" in POLICY
    assert "script" not in POLICY
    assert "<title>a &lt;b&gt;</title>" in page
    assert '<header><div>h</div></header><main><div><p>a</p></div><hr class="break"/><div><p>b</p></div></main>' in page
