"""Colours of styles in one spelling."""

import re

_NAMES = {
    "black": "#000000", "white": "#ffffff", "red": "#ff0000", "green": "#008000", "blue": "#0000ff", "yellow": "#ffff00",
    "orange": "#ffa500", "purple": "#800080", "gray": "#808080", "grey": "#808080", "silver": "#c0c0c0", "navy": "#000080",
    "teal": "#008080", "maroon": "#800000", "lime": "#00ff00", "aqua": "#00ffff", "fuchsia": "#ff00ff", "olive": "#808000",
}  # laid out by meaning # fmt: skip


def hex_colour(text: str) -> str | None:
    """The colour as `#rrggbb`; None for a name that is not known and for one that cannot be seen."""
    text = text.strip().lower()
    if text in _NAMES:
        return _NAMES[text]
    if re.fullmatch(r"#[0-9a-f]{6}(?:[0-9a-f]{2})?", text):
        return text[:7]
    if re.fullmatch(r"#[0-9a-f]{3,4}", text):
        return "#" + "".join(digit * 2 for digit in text[1:4])
    parts = [float(part) for part in re.findall(r"\d+(?:\.\d+)?", text)] if text.startswith("rgb") else []
    if len(parts) < 3 or (len(parts) > 3 and not parts[3]):
        return None
    return "#" + "".join(f"{min(round(part), 255):02x}" for part in parts[:3])
