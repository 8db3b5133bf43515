"""Workflows are packed with what they need, and unpacked again."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from zipfile import ZipFile

import pytest

from galleria.documents.assets import find_file, find_files, references
from galleria.documents.package import PackReport, main_candidates, pack, unpack
from galleria.documents.read import read_workflow_file
from galleria.errors import InvalidError, NotFoundError, TooLargeError
from tests.documents.small import document, node

INPUT = "AlteryxBasePluginsGui.DbFileInput.DbFileInput"


def reads(*names: str) -> str:
    return document("".join(node(number, f"<File>{name}</File>", INPUT) for number, name in enumerate(names, start=1)))


def uses(*macros: str) -> str:
    return document("".join(node(number, plugin="", macro=name) for number, name in enumerate(macros, start=1)))


def lay(folder: Path, files: Mapping[str, str]) -> Path:
    for name, text in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    return folder


def packed(tmp_path: Path, files: Mapping[str, str], main: str = "home/w.yxmd", **options: object) -> PackReport:
    lay(tmp_path, files)
    return pack(tmp_path / main, tmp_path / "out.yxzp", **options)  # pyright: ignore[reportArgumentType] - options by name


def file_names(package: Path, name: str = "w.yxmd") -> list[str]:
    """What a packed document names."""
    folder = package.parent / f"read {name.replace('/', ' ')}"
    unpack(package, folder)
    return [reference.name for reference in references(read_workflow_file(folder / name))]


@pytest.mark.parametrize(
    ("written", "lies"),
    [
        ("a.csv", "a.csv"),
        (r".\A.CSV", "a.csv"),
        (r"Inputs\Deep\a.csv", "inputs/deep/a.csv"),
        ("inputs/a.csv", "inputs/a.csv"),
        (r"inputs\..\a.csv", "a.csv"),
        ("a.xlsx|||`Sheet1$`", "a.xlsx"),
        ("a.xlsx|`Sheet1$`", "a.xlsx"),
        (r"%Engine.WorkflowDirectory%in\a.csv", "in/a.csv"),
        (r"_externals\1\a.csv", "_externals/1/a.csv"),
    ],
)
def test_a_file_named_relatively_is_packed_as_it_lies_and_the_document_byte_for_byte(tmp_path: Path, written: str, lies: str) -> None:
    report = packed(tmp_path, {"home/w.yxmd": reads(written), f"home/{lies}": "1", "home/unused.csv": "2"})
    assert (report.main, report.packed, report.missing) == ("w.yxmd", ("w.yxmd", lies), ())
    with ZipFile(report.package) as package:
        assert package.read("w.yxmd").decode() == reads(written)


def test_all_files_of_a_pattern_are_packed(tmp_path: Path) -> None:
    files = {"home/w.yxmd": reads(r"in\Month*.CSV"), "home/in/month1.csv": "", "home/in/month2.csv": "", "home/in/year.csv": ""}
    assert packed(tmp_path, files).packed == ("w.yxmd", "in/month1.csv", "in/month2.csv")


def test_macros_are_packed_with_theirs_and_their_files(tmp_path: Path) -> None:
    files = {
        "home/w.yxmd": uses(r"Macros\A.yxmc", r"macros\a.yxmc"),
        "home/Macros/A.yxmc": uses("B.yxmc"),
        "home/Macros/B.yxmc": reads("b.csv", "home.csv").replace("</Nodes>", node(9, plugin="", macro="A.yxmc") + "</Nodes>"),
        "home/Macros/b.csv": "",
        "home/home.csv": "",
    }
    report = packed(tmp_path, files)
    assert set(report.packed) == {"w.yxmd", "Macros/A.yxmc", "Macros/B.yxmc", "Macros/b.csv", "home.csv"}
    assert report.missing == ()


def test_other_places_that_name_files_are_known(tmp_path: Path) -> None:
    nodes = (
        node(1, "<InputConfiguration><Configuration><File>a.csv</File></Configuration></InputConfiguration>", "X.DynamicInput.DynamicInput")
        + node(2, "<FileInput><Configuration><File>b.csv</File></Configuration></FileInput>", "X.MacroInput.MacroInput")
        + node(3, '<Value name="Logo">pics\\c.png</Value><Value name="x">none.png</Value>', "", macro="Shipped.yxmc")
        + node(4, "<File>written.csv</File>", "AlteryxBasePluginsGui.DbFileOutput.DbFileOutput")
        + node(5, "<File>odbc:DSN=x;|||select 1</File>", INPUT)
    )
    runtime = (
        "<RuntimeProperties><Wiz_ChainRunWizard>next.yxwz</Wiz_ChainRunWizard><Questions><Question>"
        "<DW2_Path>d.yxdb</DW2_Path></Question></Questions></RuntimeProperties>"
    )
    lie = ["a.csv", "b.csv", "pics/c.png", "written.csv", "d.yxdb", "e.csv", "shape.shp", "shape.DBF"]
    files = {f"home/{name}": "" for name in lie} | {
        "home/w.yxwz": document(nodes, properties=runtime),
        "home/next.yxwz": reads("e.csv", "shape.shp"),
    }
    report = packed(tmp_path, files, "home/w.yxwz", shipped=["SHIPPED.yxmc"])
    assert set(report.packed) == {"w.yxwz", "next.yxwz", *lie} - {"written.csv"}
    assert report.missing == ()


def test_what_is_not_found_is_reported_and_stops_nothing(tmp_path: Path) -> None:
    inner = uses("Gone.yxmc").replace("</Nodes>", node(7, "<File>gone.csv</File>", INPUT) + "</Nodes>")
    report = packed(tmp_path, {"home/w.yxmd": uses("M.yxmc", "%User.m%.yxmc"), "home/M.yxmc": inner})
    assert [str(missing) for missing in report.missing] == [
        "w.yxmd: tool 2: %User.m%.yxmc: is known only when it runs",
        "M.yxmc: tool 1: Gone.yxmc: not found",
        "M.yxmc: tool 7: gone.csv: not found",
    ]


@pytest.mark.parametrize(
    "written", [r"..\data\a.csv", "../data/A.csv", "{tmp}/data/a.csv", r"C:\data\a.csv", r"\\server\data\a.csv", "/etc/passwd"]
)
def test_files_elsewhere_are_not_packed_and_not_even_looked_for(tmp_path: Path, written: str) -> None:
    name = written.format(tmp=tmp_path)
    report = packed(tmp_path, {"home/w.yxmd": reads(name), "data/a.csv": "secret"})
    assert report.packed == ("w.yxmd",)
    assert [str(missing) for missing in report.missing] == [f"w.yxmd: tool 1: {name}: lies outside the workflow's folder"]


def test_a_link_out_of_the_folder_is_not_followed(tmp_path: Path) -> None:
    lay(tmp_path, {"home/w.yxmd": reads("link.csv"), "data/a.csv": "secret"})
    (tmp_path / "home/link.csv").symlink_to(tmp_path / "data/a.csv")
    report = pack(tmp_path / "home/w.yxmd", tmp_path / "out.yxzp")
    assert (report.packed, report.missing[0].reason) == (("w.yxmd",), "lies outside the workflow's folder")
    assert pack(tmp_path / "home/w.yxmd", tmp_path / "out.yxzp", allowed=[tmp_path / "data"]).packed == ("w.yxmd", "link.csv")


def test_files_elsewhere_that_are_allowed_go_to_externals_and_the_document_says_so(tmp_path: Path) -> None:
    files = {
        "home/w.yxmd": reads(r"..\data\a.csv", r"..\data\in\b.xlsx|||S", f"{tmp_path}/home/own.csv", r"..\home\own.csv", r"..\more\*.csv"),
        "data/a.csv": "",
        "data/in/b.xlsx": "",
        "more/c.csv": "",
        "home/own.csv": "",
        "home/_externals/4/old.csv": "",
    }
    report = packed(tmp_path, files, allowed=[tmp_path / "data", tmp_path / "more"])
    assert report.packed == ("w.yxmd", "_externals/5/a.csv", "_externals/5/in/b.xlsx", "own.csv", "_externals/6/c.csv")
    assert report.missing == ()
    assert file_names(report.package) == [r"_externals\5\a.csv", r"_externals\5\in\b.xlsx", "own.csv", "own.csv", r"_externals\6\*.csv"]


def test_macros_from_a_macro_folder_find_theirs_in_the_package(tmp_path: Path) -> None:
    files = {
        "home/w.yxmd": uses(r"Tools\A.yxmc"),
        "macros/Tools/A.yxmc": uses(r"Inner\B.yxmc", "C.yxmc"),
        "macros/Tools/Inner/B.yxmc": reads(r"..\..\table.yxdb"),
        "macros/table.yxdb": "",
        "macros/C.yxmc": document(),
    }
    report = packed(tmp_path, files, macro_folders=[tmp_path / "macros"])
    names = ("_externals/1/A.yxmc", "_externals/1/Inner/B.yxmc", "_externals/2/C.yxmc", "_externals/2/table.yxdb")
    assert (set(report.packed), report.missing) == ({"w.yxmd", *names}, ())
    assert file_names(report.package) == [r"_externals\1\A.yxmc"]
    assert file_names(report.package, names[0]) == [r"Inner\B.yxmc", r"..\2\C.yxmc"]
    assert file_names(report.package, names[1]) == [r"..\..\2\table.yxdb"]


def test_an_unreadable_macro_is_packed_with_a_line_in_the_report(tmp_path: Path) -> None:
    files = {
        "home/w.yxmd": uses("A.yxmc", "B.yxmc"),
        "home/A.yxmc": "no XML",
        "home/B.yxmc": "<AlteryxDocument><EncryptedData/></AlteryxDocument>",
    }
    report = packed(tmp_path, files)
    assert set(report.packed) == {"w.yxmd", "A.yxmc", "B.yxmc"}
    assert [missing.reason[:45] for missing in report.missing] == [
        "is packed, but what it names is not known: " + end for end in ("A.", "en")
    ]


def test_a_workflow_that_cannot_be_read_is_not_packed(tmp_path: Path) -> None:
    with pytest.raises(InvalidError, match=r"w\.yxmd: line 1"):
        packed(tmp_path, {"home/w.yxmd": "no XML"})
    with pytest.raises(NotFoundError):
        pack(tmp_path / "home/none.yxmd", tmp_path / "out.yxzp")
    assert not (tmp_path / "out.yxzp").exists()


def test_a_chain_of_a_thousand_macros_is_packed(tmp_path: Path) -> None:
    files = {f"home/{number}.yxmc": uses(f"{number + 1}.yxmc") for number in range(1000)}
    report = packed(tmp_path, files, "home/0.yxmc")
    assert (len(report.packed), report.missing[0].name) == (1000, "1000.yxmc")


@pytest.mark.parametrize(
    ("names", "stem", "expected"),
    [
        (["in/a.csv", "w.yxmd"], "x", ["w.yxmd"]),
        (["m.yxmc", "sub/w.YXMD"], "x", ["sub/w.YXMD"]),
        (["sub/a.yxmd", "b.yxwz"], "a", ["b.yxwz"]),
        (["a.yxmd", "b.yxmd"], "B", ["b.yxmd"]),
        (["a.yxmd", "b.yxwz"], "x", ["a.yxmd", "b.yxwz"]),
        (["m.yxmc", "in/n.yxmc", "s.yxmcbatch"], "s", ["s.yxmcbatch"]),
        (["__MACOSX/._w.yxmd", "._v.yxmd", "deep/w.yxmd"], "x", ["deep/w.yxmd"]),
        (["a.csv"], "a", []),
    ],
)
def test_which_document_of_a_package_is_the_main_one(names: list[str], stem: str, expected: list[str]) -> None:
    assert main_candidates(names, stem) == expected


def test_of_chained_apps_the_first_is_the_main_one(tmp_path: Path) -> None:
    def chained(to: str) -> str:
        return document(properties=f"<RuntimeProperties><Wiz_ChainRunWizard>{to}</Wiz_ChainRunWizard></RuntimeProperties>")

    with ZipFile(tmp_path / "p.yxzp", "w") as package:
        for name, text in {"b.yxwz": chained("c.yxwz"), "c.yxwz": "broken", "a.yxwz": chained(r".\B.yxwz")}.items():
            package.writestr(name, text)
    assert unpack(tmp_path / "p.yxzp", tmp_path / "out").name == "a.yxwz"


def test_a_package_without_a_workflow_is_refused_and_nothing_is_unpacked(tmp_path: Path) -> None:
    with ZipFile(tmp_path / "p.yxzp", "w") as package:
        package.writestr("a.csv", "1")
    with pytest.raises(InvalidError, match=r"p\.yxzp holds no workflow"):
        unpack(tmp_path / "p.yxzp", tmp_path / "out")
    assert not (tmp_path / "out").exists()


def test_packing_keeps_to_the_limits_of_unpacking(tmp_path: Path) -> None:
    from galleria.documents.archive import Limits

    with pytest.raises(TooLargeError):
        packed(tmp_path, {"home/w.yxmd": reads("a.csv"), "home/a.csv": "1"}, limits=Limits(entries=1))


def test_files_are_found_whatever_their_letter_case_and_the_exact_one_first(tmp_path: Path) -> None:
    lay(tmp_path, {"In/A.csv": "", "In/a.csv": "", "In/b.CSV": ""})
    assert find_file(tmp_path, r"in\a.csv") == tmp_path / "In/a.csv"
    assert find_file(tmp_path, r"in\A.CSV") == tmp_path / "In/A.csv"
    assert find_file(tmp_path, "in") is None
    assert find_file(tmp_path, "a" * 5000) is None
    assert find_files(tmp_path, "IN/*.csv") == (tmp_path / "In/A.csv", tmp_path / "In/a.csv", tmp_path / "In/b.CSV")
    assert find_files(tmp_path, "gone/*.csv") == ()
