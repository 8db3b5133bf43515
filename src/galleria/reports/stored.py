"""Reports kept as they are, to be written in another form later: an XML document of our own in a `.pcxml` file."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from lxml import etree

from galleria.errors import UnreadableError
from galleria.reports.document import Paper, Report, Separator
from galleria.reports.markup import without_controls

if TYPE_CHECKING:
    from lxml.etree import _Element as Element  # pyright: ignore[reportPrivateUsage] - lxml has no public name for it

_ROOT = "galleria-report"
_NUMBERS = ("width", "height", "left", "right", "top", "bottom")


def store(report: Report, path: Path) -> None:
    """Write the report to a file."""
    root = etree.Element(_ROOT, separator=report.separator.value, first=str(report.on_first_page))
    numbers = {name: f"{getattr(report.paper, name):g}" for name in _NUMBERS}
    etree.SubElement(root, "paper", portrait=str(report.paper.is_portrait), attrib=numbers)
    etree.SubElement(root, "style", attrib=report.style)
    for name, text in (("header", report.header), ("footer", report.footer)):
        etree.SubElement(root, name).text = without_controls(text)
    for snippet in report.snippets:
        etree.SubElement(root, "snippet").text = without_controls(snippet)
    path.write_bytes(etree.tostring(root, encoding="utf-8", xml_declaration=True) + b"\n")


def stored(path: Path) -> Report:
    """The report in a file that `store` wrote; raises UnreadableError for any other."""
    parser = etree.XMLParser(resolve_entities=False, no_network=True, huge_tree=True)
    try:
        return _report(etree.fromstring(path.read_bytes(), parser))
    except (etree.XMLSyntaxError, ValueError) as error:
        raise UnreadableError(f"{path.name} is no report of this gallery") from error


def _report(root: Element) -> Report:
    """Raises ValueError for what is none."""
    paper = root.find("paper")
    if root.tag != _ROOT or paper is None:
        raise ValueError(root.tag)
    numbers = {name: float(paper.get(name, "0")) for name in _NUMBERS}
    style = root.find("style")
    return Report(
        snippets=[one.text or "" for one in root.iterfind("snippet")],
        separator=Separator(root.get("separator", "")),
        header=root.findtext("header") or "",
        footer=root.findtext("footer") or "",
        on_first_page=root.get("first") == "True",
        paper=Paper(**numbers, is_portrait=paper.get("portrait") == "True"),
        style={} if style is None else {str(name): str(value) for name, value in style.attrib.items()},
    )
