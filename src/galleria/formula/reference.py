"""The reference of the functions, one page a family, made of their signatures, sentences and cases."""

from collections.abc import Mapping

from galleria.formula.cases import Case, all_cases
from galleria.formula.registry import Function, all_functions

_TITLES = {
    "angles": "Angles",
    "averages": "Averages",
    "bitwise": "Bits",
    "codes": "Characters, bits and code pages",
    "conditional": "Choices",
    "conversion": "Numbers and texts",
    "datetime_arithmetic": "Dates moved, subtracted and cut",
    "datetime_now": "The present moment and time zones",
    "datetime_parts": "Parts of dates",
    "datetime_text": "Dates written and read",
    "file": "File names",
    "finance": "Finance",
    "hashing": "Digests and identifiers",
    "math": "Numbers",
    "minmax": "Least and greatest",
    "phonetic": "Sounds, accents and addresses",
    "regex": "Regular expressions",
    "search": "Finding, replacing, parting",
    "spatial": "Spatial objects",
    "spatial_tests": "Spatial tests",
    "specialized": "Null, messages and the world outside",
    "string": "Text",
    "test": "Tests",
}


def reference_pages() -> Mapping[str, str]:
    """Markdown by family (`string`, `math`, ...), in the order of their titles."""
    cases = all_cases()
    by_family: dict[str, list[Function]] = {}
    for function in sorted(
        {function.name: function for function in all_functions().values()}.values(), key=lambda item: item.name.casefold()
    ):
        by_family.setdefault(function.family, []).append(function)
    return {family: _page(family, by_family[family], cases) for family in sorted(by_family, key=lambda name: _TITLES.get(name, name))}


def _page(family: str, functions: list[Function], cases: list[Case]) -> str:
    sections = [_section(function, [case for case in cases if case.family == family and _is_of(case, function)]) for function in functions]
    return "\n\n".join([f"# {_TITLES.get(family, family)}", *sections]) + "\n"


def _section(function: Function, cases: list[Case]) -> str:
    lines = [
        f"## {function.name}",
        "",
        f"`{function.signature.text}`",
        "",
        function.summary,
        "",
        "| expression | comes to | |",
        "|---|---|---|",
    ]
    lines += [f"| {_code(case.expression)} | {_result(case)} | {'' if case.is_verified else 'unverified'} |" for case in cases]
    return "\n".join(lines)


def _result(case: Case) -> str:
    if case.error is not None:
        return f"error: {case.error}".replace("|", "\\|")
    said = f", and says: {case.says}".replace("|", "\\|") if case.says else ""
    return _code(case.expected or "") + said


def _code(text: str) -> str:
    return f"`{text}`".replace("|", "\\|")


def _is_of(case: Case, function: Function) -> bool:
    """A case shows every function that it calls."""
    return f"{function.name.casefold()}(" in case.expression.casefold()
