"""Who may import whom, read from the code: the folder listing stays a picture of how data flows."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest
from conftest import ROOT

PACKAGE = ROOT / "trustsurvey"
#: Third-party libraries that belong to some rooms only.
ROOMS = {
    "streamlit": ("ui/",),
    "plotly": ("present/", "ui/"),
    "jinja2": ("present/",),
    "weasyprint": ("present/",),
    "sqlalchemy": ("store/",),
    "alembic": ("store/",),
    "openpyxl": ("export/",),
    "python_calamine": ("readers/",),
    "pyreadstat": ("readers/", "export/"),
    "msoffcrypto": ("readers/",),
    "defusedxml": ("readers/", "text/refi_qda/", "transcripts/"),
    "click": ("cli/", "__main__.py"),
}
#: What a verb may not know: those who chain verbs, and those who keep, show and read.
ABOVE = (
    "analysis", "tabulate", "workbench", "workflow", "weighing", "notebook", "cli", "__main__",
    "ui", "store", "present", "export", "readers", "harmonise",
)  # fmt: skip
VERBS = tuple(
    f"trustsurvey.{name}"
    for name in ("weighting", "estimation", "replication", "scales", "comparison", "areas", "disclosure", "text")
)
#: What is worked out from turns of speech, as pure as a verb; its neighbours bring the turns from the store.
OF_TURNS = ("framework", "heard", "matrix", "quoted", "saturation", "sequences", "talk", "triangulate")
#: What each part of the package may not know about, by the start of its path.
FORBIDDEN = {
    "errors.py": ("trustsurvey",),
    "model/": tuple(f"trustsurvey.{p.stem}" for p in PACKAGE.glob("*") if p.stem not in ("errors", "model")),
    "readers/": ("trustsurvey.model", "trustsurvey.harmonise", "trustsurvey.store", "trustsurvey.ui"),
    "harmonise/": (*VERBS, "trustsurvey.store", "trustsurvey.ui"),
    "transcripts/": ("trustsurvey.harmonise", "trustsurvey.store", "trustsurvey.text", "trustsurvey.ui"),
    "present/": ("trustsurvey.store", "trustsurvey.harmonise", "trustsurvey.readers", "trustsurvey.ui"),
    "export/": ("trustsurvey.ui", "trustsurvey.harmonise", "trustsurvey.readers"),
    "store/": (*VERBS, "trustsurvey.harmonise", "trustsurvey.ui"),
    **{f"{verb.split('.')[1]}/": tuple(f"trustsurvey.{name}" for name in ABOVE) for verb in VERBS},
    **{f"focus_groups/{name}.py": tuple(f"trustsurvey.{above}" for above in ABOVE) for name in OF_TURNS},
}


def imports(path: Path) -> set[str]:
    """Modules that a file imports, those for type checkers alone left out."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    for node in ast.walk(tree):
        if isinstance(node, ast.If) and ast.unparse(node.test) == "TYPE_CHECKING":
            node.body = []
    found = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            found |= {f"{node.module}.{alias.name}" for alias in node.names} | {node.module}
    return found


def starts(module: str, prefix: str) -> bool:
    return module == prefix or module.startswith(prefix + ".")


MODULES = sorted(path for path in PACKAGE.rglob("*.py") if "migrations" not in path.parts)


@pytest.mark.parametrize("path", MODULES, ids=lambda p: str(p.relative_to(PACKAGE)))
def test_a_module_imports_only_what_lies_below_it(path: Path) -> None:
    here = path.relative_to(PACKAGE).as_posix()
    known = imports(path)
    for library, rooms in ROOMS.items():
        if any(starts(module, library) for module in known):
            assert here.startswith(rooms), f"{library} has no place in {here}"
    for room, banned in FORBIDDEN.items():
        if here.startswith(room):
            wrong = sorted(m for m in known if any(starts(m, b) for b in banned))
            assert not wrong, f"{here} must not know {wrong}"


@pytest.mark.parametrize("path", [ROOT / "app.py", *sorted((ROOT / "pages").glob("*.py"))], ids=lambda p: p.name)
def test_pages_ask_and_draw_and_compute_nothing(path: Path) -> None:
    wrong = [
        m for m in imports(path) if m.split(".")[0] in ("numpy", "scipy", "sklearn", "nltk", "openpyxl", "sqlalchemy")
    ]
    assert not wrong


@pytest.mark.parametrize("path", sorted((ROOT / "pages").glob("*.py")), ids=lambda p: p.name)
def test_every_page_passes_the_guard_first(path: Path) -> None:
    """The first thing a page calls is the guard; the bare address only leads on to a guarded page."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    first = next(n for n in tree.body if not isinstance(n, ast.Import | ast.ImportFrom) and not _docstring(n))
    call = ast.unparse(first)
    assert (
        "open_page(" in call or call.startswith('st.switch_page("pages/') or call.startswith("st.switch_page('pages/")
    )


def _docstring(node: ast.stmt) -> bool:
    return isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)


def test_no_file_has_grown_past_what_one_can_hold_in_mind() -> None:
    long = {p.name: n for p in MODULES if (n := len(p.read_text(encoding="utf-8").splitlines())) > 400}
    assert not long
