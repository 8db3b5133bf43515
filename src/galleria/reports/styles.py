"""Styles of report markup: a few CSS properties, each with the values that it may have. All else is left out."""

import re
from collections.abc import Mapping

_LENGTH = r"\d{1,5}(?:\.\d{1,4})?(?:px|pt|%|em|in|cm|mm)?"
_COLOUR = r"#[0-9a-f]{3,8}|rgba?\([\d., ]{5,30}\)|[a-z]{3,20}"
_BORDER = rf"none|{_LENGTH} (?:solid|dashed|dotted|double) (?:{_COLOUR})"
_PROPERTIES = {
    "color": _COLOUR,
    "background-color": _COLOUR,
    "font-family": r"[\w ,.-]{1,100}",
    "font-size": _LENGTH,
    "font-weight": r"bold|bolder|normal|[1-9]00",
    "font-style": r"italic|normal",
    "text-decoration": r"underline|line-through|none",
    "text-align": r"left|right|center|justify",
    "vertical-align": r"top|middle|bottom",
    "width": _LENGTH,
    "height": _LENGTH,
    **dict.fromkeys((f"{box}{side}" for box in ("padding", "margin") for side in ("", "-left", "-right", "-top", "-bottom")), _LENGTH),
    **dict.fromkeys(("border", "border-left", "border-right", "border-top", "border-bottom"), _BORDER),
}
_ALLOWED = {name: re.compile(f"(?:{value})", re.IGNORECASE) for name, value in _PROPERTIES.items()}

Style = Mapping[str, str]


def parse_style(text: str) -> dict[str, str]:
    """The declarations of a `style` attribute that are allowed, later ones winning."""
    found: dict[str, str] = {}
    for declaration in text.split(";"):
        name, _, value = declaration.partition(":")
        name, value = name.strip().lower(), re.sub(r"['\"]|\s*!important\s*$", "", value).strip()
        if name in _ALLOWED and _ALLOWED[name].fullmatch(value):
            found[name] = value
    return found


def style_text(style: Style) -> str:
    """The style as an attribute's value, what is not allowed left out."""
    return ";".join(f"{name}:{value}" for name, value in parse_style(";".join(f"{k}:{v}" for k, v in style.items())).items())


def style_attribute(style: Style) -> str:
    """` style="..."`, or nothing for no style."""
    text = style_text(style)
    return f' style="{text}"' if text else ""


def length(text: str) -> str:
    """A width of a configuration (`100%`, `192` pixels, nothing) as a length."""
    text = text.strip()
    return f"{text}px" if re.fullmatch(r"\d+(?:\.\d+)?", text) else text


def font_style(font: str, size: str = "", colour: str = "", back: str = "") -> dict[str, str]:
    """The style that a configuration's words mean: `B-Arial` is bold, `--Arial` plain, a size counts points."""
    marks, _, name = found.groups() if (found := re.fullmatch(r"([BIU-]*)(-)(.+)", font.strip())) else ("", "", font.strip())
    style = {
        "font-family": name,
        "font-weight": "bold" if "B" in marks else "",
        "font-style": "italic" if "I" in marks else "",
        "text-decoration": "underline" if "U" in marks else "",
        "font-size": f"{size.strip()}pt" if size.strip() else "",
        "color": colour.strip(),
        "background-color": back.strip(),
    }
    return {name: value for name, value in style.items() if value}


_PER_INCH = {"px": 96.0, "pt": 72.0, "in": 1.0, "cm": 2.54, "mm": 25.4, "": 96.0}


def points(text: str) -> float | None:
    """A length in points; None for a share or for none."""
    found = re.fullmatch(r"(\d+(?:\.\d+)?)(px|pt|in|cm|mm|)", text.strip())
    return float(found[1]) / _PER_INCH[found[2]] * 72 if found else None


def border_of(text: str) -> tuple[float, str] | None:
    """Width in points and colour of a `border`; None for none."""
    found = re.fullmatch(rf"({_LENGTH}) \w+ (.+)", text.strip(), re.IGNORECASE)
    width = points(found[1]) if found else None
    return (width, found[2]) if found and width else None
