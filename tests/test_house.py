"""Rules of the house that ruff, mypy and import-linter cannot check."""

from __future__ import annotations

import ast
import re
import subprocess
import sys
import tomllib
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
ROOMS = ("app", "storage", "pages")
LONGEST_PAGE = 120
OUTERMOST = ("app/ui/frame.py",)
"""The guard around every page, which shows words instead of a stack: the one place that catches all."""
LOOKED_AT = (
    *(ast.Import, ast.ImportFrom, ast.Call, ast.keyword, ast.ExceptHandler),
    *(ast.FunctionDef, ast.AsyncFunctionDef),
)
BETWEEN_LAYERS = re.compile(r"\b(dict|Mapping|MutableMapping)\[str, Any\]")

MAY_IMPORT = {
    "streamlit": ("streamlit_app.py", "pages/", "app/ui/", "app/server.py"),
    "sqlalchemy": ("storage/",),
    "alembic": ("storage/",),
    "chromadb": ("storage/",),
    "sqlite3": ("storage/",),
    "plotly": ("app/ui/",),
    "httpx": ("app/backends/",),
    "ollama": ("app/backends/",),
    "xllamacpp": ("app/backends/",),
    "onnxruntime": ("app/backends/",),
    "genai_prices": ("app/costs/",),
    # Where their being used would let a document or a model run code.
    "pickle": (),
    "marshal": (),
    "shelve": (),
    "multiprocessing": (),
}
SLOW = [
    *("chromadb", "docx", "genai_prices", "llama_index", "onnxruntime", "pandas", "plotly", "pypdfium2"),
    *("scipy", "sklearn", "streamlit", "xllamacpp"),
]
NOT_TO_BE_NAMED = [
    # Hosts of registries and paths of the machines that Assay was made on: put together here so that
    # this file does not name them either.
    "pypi" + ".org",
    "pythonhosted" + ".org",
    "proxy.golang" + ".org",
    "registry.npmjs" + ".org",
    "deb.debian" + ".org",
    "--index-" + "url",
    "/wo" + "rk/",
    "/ro" + "ot/",
]


def product() -> list[Path]:
    """Every Python file that is shipped."""
    found = [path for room in ROOMS for path in (ROOT / room).rglob("*.py") if "data" not in path.parts]
    return sorted([*found, *ROOT.glob("*.py")])


def name_of(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


@cache
def nodes() -> tuple[tuple[str, ast.AST], ...]:
    """The nodes of all files that the tests look at; reading them takes a while."""
    read = ((name_of(path), ast.parse(path.read_text(encoding="utf-8"))) for path in product())
    every = ((name, node) for name, tree in read for node in ast.walk(tree))
    return tuple((name, node) for name, node in every if isinstance(node, LOOKED_AT))


def committed() -> list[Path]:
    """Every file of the project as git knows it, new ones too; none in a copy without git."""
    listed = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
        cwd=ROOT, capture_output=True, check=False,
    )  # fmt: skip
    return [ROOT / name for name in listed.stdout.decode().split("\0") if name and (ROOT / name).is_file()]


def test_a_page_stays_short() -> None:
    lines = {path.name: len(path.read_text("utf-8").splitlines()) for path in (ROOT / "pages").glob("*.py")}
    assert {name: length for name, length in lines.items() if length > LONGEST_PAGE} == {}


def test_libraries_are_imported_in_their_rooms_only() -> None:
    for where, node in nodes():
        if isinstance(node, ast.Import):
            names = [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom) and node.level == 0:
            names = [node.module or ""]
        else:
            continue
        for name in names:
            rooms = MAY_IMPORT.get(name.split(".")[0], ("",))
            assert where.startswith(rooms) if rooms else False, f"{where} imports {name}"


def test_no_text_is_drawn_as_html() -> None:
    for where, node in nodes():
        if isinstance(node, ast.keyword):
            assert node.arg != "unsafe_allow_html", where
            assert node.arg != "unsafe_allow_javascript", where
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr == "html":
            # A style sheet of Assay's own is a constant; anything computed may hold somebody's text.
            assert all(isinstance(one, ast.Constant | ast.Name) for one in node.args), where
            names = [one.id for one in node.args if isinstance(one, ast.Name)]
            assert all(name.isupper() for name in names), f"{where}: {names}"


def test_csv_is_written_only_where_cells_are_protected() -> None:
    """A cell that a spreadsheet takes for a formula gets an apostrophe there; each place has its own test."""
    known = {"app/ui/tables.py", "app/evaluation/datasets/table.py", "app/commands.py"}
    calls = [(where, ast.unparse(node.func)) for where, node in nodes() if isinstance(node, ast.Call)]
    assert {where for where, name in calls if name in {"csv.writer", "csv.DictWriter"}} == known
    assert not [where for where, name in calls if name.endswith("to_csv")]


def test_every_table_has_its_download() -> None:
    """Tables are drawn in one module, whose functions all add the button but ``bare``.

    That one is for a preview of somebody's own file, and for own prices and all measures, which have exports
    of their own.
    """
    tables, may = "app/ui/tables.py", {"recorded_preview", "dataset_import", "prices_own", "measures"}
    calls = [(where, node.func) for where, node in nodes() if isinstance(node, ast.Call)]
    drawn = {where for where, name in calls if ast.unparse(name) in {"st.dataframe", "st.table"}}
    assert drawn == {tables}, "draw it by a function of that module"
    alone = {where for where, name in calls if ast.unparse(name).split(".")[-1] == "bare"} - {tables}
    assert alone == {f"app/ui/{one}.py" for one in may}, "use `show`, which adds the download"
    # A table that is typed into is a dataset, which is downloaded above it.
    typed = {where for where, name in calls if ast.unparse(name).endswith("data_editor")}
    assert typed == {"app/ui/dataset_table.py"}
    parsed = ast.parse((ROOT / tables).read_text("utf-8"))
    functions = {one.name: ast.unparse(one) for one in parsed.body if isinstance(one, ast.FunctionDef)}
    drawing = {name for name, words in functions.items() if "st.dataframe(" in words or "bare(" in words}
    assert {name for name in drawing if "download(" in functions[name]} == drawing - {"bare"}


def test_what_is_drawn_anew_by_itself_has_a_place_of_its_own() -> None:
    """Else it may take the place of what stands behind it (app/ui/work.py, ``watched``).

    These stand in a container of their own, with nothing behind them there.
    """
    alone = {"app/ui/lanes.py", "app/ui/upload.py", "app/ui/upkeep.py", "app/ui/experiments.py"}
    alone |= {"app/ui/models.py"}  # what a model answered to a prompt that was tried
    timed = {where for where, node in nodes() if isinstance(node, ast.keyword) and node.arg == "run_every"}
    assert timed == {"app/ui/work.py", *alone}


def test_no_error_is_swallowed_whole() -> None:
    found = []
    for where, node in nodes():
        if not isinstance(node, ast.ExceptHandler) or where in OUTERMOST:
            continue
        caught = node.type.elts if isinstance(node.type, ast.Tuple) else [node.type]
        names = {one.id if isinstance(one, ast.Name) else "" if one else "everything" for one in caught}
        raised_again = any(isinstance(one, ast.Raise) and one.exc is None for one in ast.walk(node))
        if names & {"Exception", "everything"} or (names & {"BaseException"} and not raised_again):
            found.append(f"{where}:{node.lineno}")
    assert found == []


def test_no_untyped_tables_go_between_layers() -> None:
    for where, node in nodes():
        if not isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) or node.name.startswith("_"):
            continue
        arguments = [*node.args.args, *node.args.kwonlyargs, *node.args.posonlyargs]
        annotations = [one.annotation for one in arguments] + [node.returns]
        words = " ".join(ast.unparse(one) for one in annotations if one)
        assert not BETWEEN_LAYERS.search(words), f"{where}:{node.lineno} {node.name}"


def test_the_words_of_a_test_are_made_in_one_place() -> None:
    """Whoever says "decisive" takes the constants beside the test; docstrings are on no screen."""
    written = re.compile(r"\b(in)?decisive(ly)?\b|\bdecidedly\b", re.IGNORECASE)
    paths = [*(ROOT / "app" / "ui").rglob("*.py"), *(ROOT / "pages").glob("*.py")]
    found = [
        f"{name_of(path)}:{line}: {text}"
        for path in paths
        for line, text in said_in(ast.parse(path.read_text(encoding="utf-8")))
        if written.search(text)
    ]
    assert found == []


def said_in(tree: ast.AST) -> list[tuple[int, str]]:
    """The texts in a module that are no docstrings, with their lines."""
    alone = {id(one.value) for one in ast.walk(tree) if isinstance(one, ast.Expr)}
    texts = (one for one in ast.walk(tree) if isinstance(one, ast.Constant) and id(one) not in alone)
    return [(one.lineno, one.value) for one in texts if isinstance(one.value, str)]


def modules(folder: str) -> list[str]:
    paths = [path for path in product() if name_of(path).startswith(folder)]
    names = [name_of(path).removesuffix(".py").replace("/", ".").removesuffix(".__init__") for path in paths]
    return [name for name in names if not name.endswith("__main__") and ".migrations" not in name]


@pytest.mark.integration
@pytest.mark.parametrize(
    ("what", "allowed"),
    [("app/", set()), ("app/ui/", {"streamlit", "plotly"}), ("storage/", set())],
)
def test_nothing_slow_is_imported_at_import(what: str, allowed: set[str]) -> None:
    """A module that needs a slow library imports it late, where it uses it."""
    names = [one for one in modules(what) if what == "app/ui/" or not one.startswith("app.ui")]
    program = (
        f"import importlib, sys, threading\n"
        f"for name in {names!r}: importlib.import_module(name)\n"
        f"print([one for one in {SLOW!r} if one in sys.modules], threading.active_count())"
    )
    done = subprocess.run(
        [sys.executable, "-c", program], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    loaded, _, threads = done.stdout.strip().rpartition(" ")
    assert set(ast.literal_eval(loaded)) <= allowed
    if what != "app/ui/":
        assert threads == "1"


def test_every_module_of_app_stands_on_a_floor() -> None:
    contracts = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["importlinter"]["contracts"]
    floors = next(one["layers"] for one in contracts if one["type"] == "layers")
    known = {name.strip() for floor in floors for name in floor.split("|")}
    standing = {".".join(name.split(".")[:2]) for name in modules("app/")} - {"app"}
    assert standing <= known


@pytest.mark.parametrize("words", NOT_TO_BE_NAMED)
def test_no_file_names_a_registry_or_a_place_of_one_machine(words: str) -> None:
    for path in committed():
        assert words.encode() not in path.read_bytes(), name_of(path)


def test_nothing_large_or_private_is_committed() -> None:
    for path in committed():
        assert path.stat().st_size < 2_000_000, name_of(path)
        assert path.name not in {"secrets.toml", ".env", "assay.sqlite3"}, name_of(path)
        assert path.suffix not in {".gguf", ".onnx", ".safetensors", ".sqlite3"}, name_of(path)
