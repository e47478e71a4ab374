"""Each role on every page: shown whole or refused in a sentence; and what a role is there for can be done."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from conftest import ROOT
from stores import STUDY
from test_pages import app, button, choose, words

from trustsurvey.rights import ROLES, Action, Person, Place, Role, allowed
from trustsurvey.store import Store

SLUG = "riverton-sample-study"
#: The right that each page needs, as app.py lists them.
NEEDED: dict[str, Action] = {
    "trust": "see", "actions": "see", "neighbourhood": "see", "voices": "see", "beside": "see", "start": "import",
    "import_wave": "import", "weighting": "weigh", "coding": "code", "reading": "code", "groups": "code",
    "comments": "import", "focus_groups": "import", "codebook": "edit codebook", "redaction": "see unredacted",
    "analyst": "analyse", "downloads": "download results", "study": "edit study", "accounts": "manage accounts",
    "audit": "see audit",
}  # fmt: skip
HARBOUR = (Place(SLUG, "district", "Harbour"),)


@pytest.fixture
def being(monkeypatch: pytest.MonkeyPatch) -> Callable[..., Person]:
    """Whoever asks from now on, by their role."""

    def become(*roles: Role, places: tuple[Place, ...] = ()) -> Person:
        person = Person("Somebody", frozenset(roles), places)
        monkeypatch.setattr("trustsurvey.ui.guard.person", lambda: person)
        return person

    return become


def test_every_page_is_listed() -> None:
    assert set(NEEDED) == {file.stem for file in (ROOT / "pages").glob("*.py")} - {"home"}


@pytest.mark.parametrize(("role", "places"), [*((role, ()) for role in ROLES), ("commander", HARBOUR)])
def test_a_role_is_shown_its_pages_whole_and_refused_the_others(
    role: Role, places: tuple[Place, ...], sample_visited: Path, being: Callable[..., Person]
) -> None:
    person = being(role, places=places)
    for page, needed in NEEDED.items():
        test = app(page)
        assert not test.exception, page
        refused = "You do not have the right to see this page" in words(test)
        assert refused is not allowed(person, needed, "*"), page
        assert len(test.error) == refused, (page, words(test))


def test_nobody_without_a_role_is_shown_anything(sample_visited: Path, being: Callable[..., Person]) -> None:
    being()
    for page in NEEDED:
        assert "You do not have the right to see this page" in words(app(page)), page


def test_a_liaison_officer_weighs_and_releases(sample_home: Path, being: Callable[..., Person]) -> None:
    being("liaison")
    test = app("weighting")
    button(test, "Make weights").click().run()
    next(f for f in test.text_input if "Why are its weights changed" in f.label).set_value("checked again").run()
    button(test, "Save these weights").click().run()
    assert "The weights of 2026 Q2 are saved." in words(test)
    button(test, "Release this wave").click().run()
    assert "2026 Q2 is released." in words(test)
    assert not test.error
    assert Store.open().waves(SLUG)[-1].released


def test_a_commander_writes_a_promise_down(sample_home: Path, being: Callable[..., Person]) -> None:
    being("commander")
    test = app("actions")
    button(test, "Write down a promise").click().run()
    next(f for f in test.text_area if f.label == "What was promised?").set_value("Light the path").run()
    choose(test, "Heard in", "2026 Q1")
    button(test, "Save").click().run()
    assert not test.error
    assert "Written down." in words(test)
    newest = Store.open().actions.listed(SLUG)[-1]
    assert (newest.action.promised, newest.action.wave, newest.person) == ("Light the path", "2026 Q1", "Somebody")


def test_an_administrator_sees_studies_and_changes_no_wave(sample_home: Path, being: Callable[..., Person]) -> None:
    being("administrator")
    test = app("study")
    assert "**2026 Q2**" in words(test)
    assert "A new study" in words(test)
    assert not {"Release", "Take back", "Remove", "Remove the sample study"} & {b.label for b in test.button}
    being("analyst")
    assert "Remove the sample study" in {b.label for b in app("study").button}


def test_an_area_limited_commander_is_given_the_margins_of_their_areas_alone(
    sample_home: Path, being: Callable[..., Person]
) -> None:
    from trustsurvey.ui import takeaway

    store = Store.open()
    records = store.waves(SLUG)
    whole = takeaway.results(store, SLUG, records, 7, None)
    mine = takeaway.results(store.acting_as(being("commander", places=HARBOUR)), SLUG, records, 7, None)
    assert set(whole) == set(mine)
    of = {name: set(t.loc[t["variable"] == "district", "category"]) for name, t in
          (("whole", whole["Margins"]), ("mine", mine["Margins"]))}  # fmt: skip
    assert of["mine"] == {"Harbour"} < of["whole"]
    for name, table in mine.items():
        if name not in ("Method", "Actions"):  # those tell in words of the study as a whole
            assert not table.astype(str).apply(lambda column: column.str.fullmatch("Northside")).any(axis=None), name


@pytest.mark.parametrize(("role", "may"), [("liaison", True), ("commander", False)])
def test_what_is_missing_is_told_with_what_whoever_reads_it_can_do(
    role: Role, may: bool, sample_visited: Path, being: Callable[..., Person], monkeypatch: pytest.MonkeyPatch
) -> None:
    being(role)
    people = "sk a liaison officer or an analyst"
    told = words(app("voices", wave="2024 Q3"))
    assert ("Read some on the page \u201cCoding\u201d." in told) is may
    assert (f"A{people} to read some." in told) is not may
    told = words(app("beside"))
    assert ("Add a transcript on the page \u201cFocus groups\u201d." in told) is may
    assert (f"If one was held, a{people} to add its transcript." in told) is not may
    monkeypatch.setattr("trustsurvey.ui.voices.answers", lambda *_: [[]])
    for page in ("voices", "beside"):
        told = words(app(page))
        assert ("Import it again to read them." in told) is may
        assert (f"A{people} whether it can be imported again." in told) is not may
    assert "Remove it on the page" not in told  # a sample study is removed by others


@pytest.mark.parametrize(
    ("role", "study", "wave"),
    [
        ("commander", "Ask an analyst or an administrator to create one.", "Ask a liaison officer or an analyst: "),
        ("analyst", "Create one on the page \u201cStudies\u201d.", "Import the first survey export."),
        ("administrator", "Create one on the page \u201cStudies\u201d.", "Ask a liaison officer or an analyst: "),
    ],
)
def test_where_nothing_is_yet_each_role_is_told_what_it_can_do(
    role: Role, study: str, wave: str, own_home: Path, being: Callable[..., Person]
) -> None:
    being(role)
    assert study in words(app("trust"))
    store = Store.open()
    store.create_study(STUDY)
    assert f"This study has no wave to show yet. {wave}" in words(app("trust"))
