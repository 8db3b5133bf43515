"""The package of a Word document: its parts, what they are, and which pictures belong to which."""

import zipfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from galleria.reports.pictures import kind_of

_RELATIONS = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_PACKAGE = "http://schemas.openxmlformats.org/package/2006"
_TYPES = "application/vnd.openxmlformats-officedocument.wordprocessingml"
NAMESPACES = " ".join(
    f'xmlns:{prefix}="http://schemas.openxmlformats.org/{name}"'
    for prefix, name in (
        ("w", "wordprocessingml/2006/main"),
        ("r", "officeDocument/2006/relationships"),
        ("wp", "drawingml/2006/wordprocessingDrawing"),
        ("a", "drawingml/2006/main"),
        ("pic", "drawingml/2006/picture"),
    )
)
DOCUMENT = "document"
EMPTY = '<w:p><w:pPr><w:spacing w:before="0" w:after="0"/></w:pPr></w:p>'
PAGE_BREAK = '<w:p><w:r><w:br w:type="page"/></w:r></w:p>'
RULE = '<w:p><w:pPr><w:pBdr><w:bottom w:val="single" w:sz="6" w:space="1" w:color="auto"/></w:pBdr></w:pPr></w:p>'
_START = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>'


@dataclass(frozen=True)
class Part:
    """`document`, `header` or `footer`."""

    xml: str
    pictures: Sequence[bytes]
    """The first is `picture1` in the XML."""


def write_package(package: zipfile.ZipFile, parts: Mapping[str, Part]) -> None:
    """Write all parts; the document refers to the header and footer by their names."""
    kinds = "".join(f'<Default Extension="{kind}" ContentType="image/{kind}"/>' for kind in ("png", "jpeg", "gif"))
    types = {name: f"{_TYPES}.{'document.main' if name == DOCUMENT else name}+xml" for name in parts}
    overrides = "".join(f'<Override PartName="/word/{name}.xml" ContentType="{kind}"/>' for name, kind in types.items())
    package.writestr(
        "[Content_Types].xml",
        f'{_START}<Types xmlns="{_PACKAGE}/content-types"><Default Extension="rels" ContentType="application/vnd.openxmlformats-package'
        f'.relationships+xml"/><Default Extension="xml" ContentType="application/xml"/>{kinds}{overrides}</Types>',
    )
    package.writestr("_rels/.rels", _relations([("document", "officeDocument", "word/document.xml")]))
    for name, part in parts.items():
        found = [(other, other, f"{other}.xml") for other in parts if name == DOCUMENT and other != DOCUMENT]
        for number, content in enumerate(part.pictures, 1):
            file = f"media/{name}{number}.{kind_of(content) or 'png'}"
            package.writestr(f"word/{file}", content)
            found.append((f"picture{number}", "image", file))
        package.writestr(f"word/{name}.xml", _START + part.xml)
        package.writestr(f"word/_rels/{name}.xml.rels", _relations(found))


def _relations(found: Sequence[tuple[str, str, str]]) -> str:
    """`Relationships` of identifiers, kinds and targets."""
    entries = "".join(f'<Relationship Id="{key}" Type="{_RELATIONS}/{kind}" Target="{target}"/>' for key, kind, target in found)
    return f'{_START}<Relationships xmlns="{_PACKAGE}/relationships">{entries}</Relationships>'
