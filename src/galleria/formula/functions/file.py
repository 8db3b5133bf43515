"""Names of files, in Windows's spelling."""

import polars as pl

from galleria.errors import UnsupportedError
from galleria.formula.by_row import by_row
from galleria.formula.operand import Operand
from galleria.formula.registry import Site, function

_SEPARATORS = r"\/"


@function("FileAddPaths(first: String, second: String) -> String")
def file_add_paths(first: pl.Expr, second: pl.Expr) -> pl.Expr:
    """Two parts of a path, with exactly one backslash between them."""
    return pl.concat_str(first.str.strip_chars_end(_SEPARATORS), pl.lit("\\"), second.str.strip_chars_start(_SEPARATORS))


@function("FileExists(path: String) -> Bool", detailed=True)
def file_exists(site: Site, path: Operand) -> pl.Expr:
    """Whether there is a file or folder of that name; False for Null."""
    find = site.environment.file_exists
    if find is None:
        raise UnsupportedError("function FileExists", "this run may not look at files")
    return by_row(find, pl.Boolean(), [path.expression]).fill_null(value=False)


@function("FileGetDir(path: String) -> String")
def file_get_dir(path: pl.Expr) -> pl.Expr:
    """The folder, without a backslash at its end; empty where the path names none."""
    return path.str.extract(r"(?s)\A(.*)[\\/][^\\/]*\z").fill_null(pl.when(path.is_not_null()).then(pl.lit("")))


@function("FileGetExt(path: String) -> String")
def file_get_ext(path: pl.Expr) -> pl.Expr:
    """The extension with its point; empty where there is none."""
    return path.str.extract(r"(?s)(\.[^.\\/]*)\z").fill_null(pl.when(path.is_not_null()).then(pl.lit("")))


@function("FileGetFileName(path: String) -> String")
def file_get_file_name(path: pl.Expr) -> pl.Expr:
    """The name of the file without folder and extension."""
    return path.str.extract(r"(?s)([^\\/]*?)(?:\.[^.\\/]*)?\z")
