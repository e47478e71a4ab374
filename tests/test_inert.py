"""What residents write, and whatever somebody else named, is text and nothing more: on all pages and in all files."""

from __future__ import annotations

import csv
import io
import re
from pathlib import Path

import pytest
import yaml
from hostile import ANCHOR, HOSTILE, IMAGE, LINK, SCRIPT, TAIL, alive, alive_in_file
from planted import SECRET, SLUG, made
from pypdf import PdfWriter
from walk import Walk, Walker, pages, read_file

from trustsurvey import workflow
from trustsurvey.export.takeaway import Choice
from trustsurvey.inert import guarded, unguarded
from trustsurvey.present import pdf
from trustsurvey.store import Store
from trustsurvey.takeaway import take_away

#: Buttons that would change the study.
CHANGES = re.compile(r"Save|Release|Take|Remove|Add|Keep|Create|Change|Undo|Hand|Close")


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A study in which everything that can be named has a name that would do something."""
    folder = tmp_path_factory.mktemp("hostile")
    made(folder, HOSTILE)
    return folder


@pytest.fixture(scope="module")
def walked(home: Path) -> Walk:
    """All pages, by somebody who may do everything."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("TRUSTSURVEY_HOME", str(home))
        patch.setenv("TRUSTSURVEY_SECRET", SECRET)
        walker = Walker(patch, lambda label: not CHANGES.match(label))
        for page in pages():
            walker.visit(page, 2 if page == "pages/groups.py" else 1)
        return walker.walk


def test_nothing_on_a_page_is_more_than_text(walked: Walk) -> None:
    shown = " ".join(one for lines in walked.told().values() for one in lines)
    for hostile in (SCRIPT, "evil.example", "javascript", "alert(1)"):
        assert shown.count(hostile) > 50, hostile  # it is there, as text
    assert [one for message in walked.elements.values() for one in alive(message)] == []


def test_nothing_in_a_file_is_more_than_text(walked: Walk) -> None:
    # A name may be offered at many steps, with other content each time.
    named = {(name.rsplit(": ", 1)[-1], content) for name, content in walked.files.items()}
    kinds = {name.rsplit(".", 1)[-1] for name, _ in named}
    assert kinds >= {"xlsx", "zip", "csv", "html", "txt", "yaml", "qdpx", "qdc"} | (
        {"pdf"} if pdf.available() else set()
    )
    assert len(named) > len({name for name, _ in named})
    assert [one for name, content in named for one in alive_in_file(name, content)] == []
    for name, content in named:
        if name.endswith(".yaml"):
            assert yaml.safe_load(content.decode())
        if name.endswith(".pdf"):
            assert SCRIPT in "".join(read_file(content))  # it is there, as text


def test_answers_for_other_programs_hold_text_and_no_code(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TRUSTSURVEY_HOME", str(home))
    monkeypatch.setenv("TRUSTSURVEY_SECRET", SECRET)
    store = Store.open()
    waves, _ = workflow.load_waves(store, SLUG)
    picture = workflow.load_picture(store, SLUG)
    files = take_away(store, picture, waves, f"to look {SCRIPT} {TAIL}", Choice(open_answers=True))
    store.close()
    assert {name.rsplit(".", 1)[-1] for name in files} >= {"csv", "R", "sps", "sav", "dta", "yaml"}
    assert [one for name, content in files.items() for one in alive_in_file(name, content)] == []
    for name in ("figures.R", "answers.sps"):
        assert SCRIPT in files[name].decode("utf-8-sig")  # it is there, as text


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("x.R", 'label <- "a"\nsystem("evil")'), ("x.sps", "VARIABLE LABELS a 'b'.\nHOST COMMAND=['evil'] calc."),
        ("x.csv", "a,=1+1\n"), ("x.html", f"<p>{ANCHOR}</p>"), ("x.svg", f"<svg>{SCRIPT}</svg>"),
    ],
)  # fmt: skip
def test_what_would_act_is_found(name: str, content: str) -> None:
    """So that the tests above can fail."""
    assert alive_in_file(name, content.encode()) != []


def test_what_would_act_in_a_pdf_is_found() -> None:
    if not pdf.available():
        pytest.skip("the PDF renderer is not installed: pip install 'trustsurvey[pdf]'")
    plain = pdf.as_pdf("<p>http://evil.example</p>")
    assert alive_in_file("x.pdf", plain) == []
    assert "x.pdf: /URI" in alive_in_file("x.pdf", pdf.as_pdf(ANCHOR))
    with PdfWriter(clone_from=io.BytesIO(plain)) as writer:
        writer.add_attachment("x.js", b"evil")
        writer.write(out := io.BytesIO())
    assert "x.pdf: /EmbeddedFiles" in alive_in_file("x.pdf", out.getvalue())


@pytest.mark.parametrize(
    "text", [SCRIPT, IMAGE, LINK, ANCHOR, TAIL, "=1", "'=1", "''=1", "+", "-1", "@x", "\t=1", "1", ""]
)
def test_a_guarded_cell_is_no_formula_and_comes_back(text: str) -> None:
    assert unguarded(guarded(text)) == text
    row = io.StringIO()
    csv.writer(row).writerow([guarded(text)])
    assert alive_in_file("x.csv", row.getvalue().encode()) == []
