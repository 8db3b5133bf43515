"""The reference shows every function with a case."""

from galleria.formula.reference import reference_pages
from galleria.formula.registry import all_functions


def test_every_function_has_its_section_with_cases() -> None:
    pages = reference_pages()
    for function in all_functions().values():
        section = pages[function.family].partition(f"## {function.name}\n")[2].partition("\n## ")[0]
        assert f"`{function.signature.text}`" in section
        assert "| `" in section, function.name


def test_every_family_has_a_title_of_its_own() -> None:
    titles = [page.splitlines()[0] for page in reference_pages().values()]
    assert len(set(titles)) == len(titles)
    assert not any("_" in title for title in titles)
