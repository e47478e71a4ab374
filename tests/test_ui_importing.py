"""What the import page keeps between reruns, with files of any name and tabs that go their own way."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pytest
from builders import refusal
from files import SMALL, csv_text, read_here
from streamlit.testing.v1 import AppTest

from trustsurvey import workflow
from trustsurvey.harmonise import mapping_to_yaml
from trustsurvey.model import AreaLevel, ColumnMap, Mapping, Study
from trustsurvey.store import Store
from trustsurvey.ui import importing, mapping_table

STUDY = Study("town", "Town", SMALL, (AreaLevel("ward", "Wards", "", (("Mill", ""), ("Docks", ""))),))
ANSWERS = csv_text([["id", "ward", "kind", "fair"], *[[k, "Mill", k % 5 + 1, 2] for k in range(60)]]).encode()


@dataclass
class Upload:
    """As Streamlit's uploaded file."""

    name: str = "answers.csv"
    content: bytes = ANSWERS
    file_id: str = "f1"

    @property
    def size(self) -> int:
        return len(self.content)

    def getbuffer(self) -> bytes:
        return self.content


class Reader:
    """Reads in this process, and counts."""

    def __init__(self) -> None:
        self.paths: list[Path] = []

    def __call__(self, path: Path, name: str, **_: Any) -> Any:
        self.paths.append(path)
        return read_here(path.read_bytes(), name)


@pytest.fixture
def session(monkeypatch: pytest.MonkeyPatch) -> dict[str, Any]:
    """The session of one tab."""
    state: dict[str, Any] = {}
    monkeypatch.setattr("trustsurvey.ui.importing.st.session_state", state)
    return state


@pytest.fixture
def reader(monkeypatch: pytest.MonkeyPatch) -> Reader:
    """The reader of uploads."""
    reading = Reader()
    monkeypatch.setattr(importing, "read", reading)
    return reading


@pytest.fixture
def town(own_home: Path) -> Iterator[Store]:
    """A store with two studies."""
    store = Store.open()
    store.create_study(STUDY)
    store.create_study(replace(STUDY, slug="town-2", name="Town 2"))
    yield store
    store.close()


def opened(store: Store, slug: str = "town", **upload: Any) -> importing.Opened:
    return importing.open_upload(store, slug, Upload(**upload), lambda share: None)


# --- the file ---------------------------------------------------------------------------------------------


def test_a_file_is_read_once_for_each_study_and_upload(town: Store, session: dict[str, Any], reader: Reader) -> None:
    first = opened(town)
    assert opened(town) is first
    assert opened(town, "town-2") is not first
    assert opened(town, file_id="f2") is not first
    assert len(reader.paths) == 3
    importing.forget()
    assert session == {}
    opened(town)
    assert len(reader.paths) == 4


def test_the_copy_of_an_upload_is_gone_once_it_is_read(town: Store, session: dict[str, Any], reader: Reader) -> None:
    opened(town)
    with refusal("read.one-column"):
        opened(town, content=b"only\n1\n", file_id="bad")
    assert [path.name for path in reader.paths] == ["upload", "upload"]
    assert not any(path.parent.exists() for path in reader.paths)
    assert session["opened"].key == "town f1"  # what was bad is not kept


@pytest.mark.parametrize(
    "name", ["../../etc/passwd.csv", "-rf.csv", "a b\u00e9\U0001f600.CSV", "x" * 250 + ".csv", "<b>.csv", "csv", ".csv"]
)
def test_the_name_of_a_file_is_only_a_name(name: str, town: Store, session: dict[str, Any], reader: Reader) -> None:
    found = opened(town, name=name)
    assert found.raw.rows == 60
    assert reader.paths[0].name == "upload"
    assert found.raw.source == name


def test_a_file_above_the_limit_is_not_read(
    town: Store, session: dict[str, Any], reader: Reader, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(importing, "UPLOAD_LIMIT", len(ANSWERS) - 1)
    with refusal("read.large", "answers.csv"):
        opened(town)
    assert reader.paths == []


# --- a mapping file ---------------------------------------------------------------------------------------


def test_a_mapping_file_decides_for_every_column(town: Store, session: dict[str, Any], reader: Reader) -> None:
    found = opened(town)
    content = b"\xef\xbb\xbfpartial_below: 0.25\nkeep_tests: yes\ncolumns:\n  kind: {item: fair, flip: true}\n"
    used = importing.use_mapping_file(found, content, "m.yaml")
    assert used.mapping.columns == (
        ColumnMap("id", "ignore"), ColumnMap("ward", "ignore"), ColumnMap("kind", "item", "fair", flip=True),
        ColumnMap("fair", "ignore"),
    )  # fmt: skip
    assert (used.mapping.partial_below, used.mapping.keep_tests, used.mapping.platform) == (0.25, True, "plain")
    assert all(guess.sure for guess in used.guesses)
    # Another content is another state of the page; taken away again, the file's own proposal is back.
    other = importing.use_mapping_file(found, content + b"  fair: {item: kind}\n", "m.yaml")
    assert len({found.key, used.key, other.key}) == 3
    assert opened(town) is found


def test_a_mapping_for_another_file_is_refused_by_the_column_that_is_not_there(
    town: Store, session: dict[str, Any], reader: Reader
) -> None:
    found = importing.use_mapping_file(opened(town), b"columns:\n  kind: {item: kind}\n  wieght: weight\n", "m.yaml")
    table = mapping_table.to_table(found.raw, found.mapping, found.guesses, SMALL, STUDY.levels)
    mapping = mapping_table.from_table(table, found.mapping, SMALL, STUDY.levels)
    with refusal("map.column-absent", "wieght"):
        importing.preview(town, "town", found, mapping)


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (b"", "map.columns"),
        (b"\x00", "map.yaml"),
        (b"columns: [kind]", "map.columns"),
        (b"columns: {kind: nonsense}", "map.role"),
        ("columns: {stra\u00dfe: ignore}".encode("latin-1"), "upload.text"),
        (b"columns: &a {kind: *a}", "map.alias"),
        (b"!!python/object/apply:os.system [true]", "map.yaml"),
    ],
)
def test_a_mapping_file_that_is_unsound_is_refused(
    content: bytes, code: str, town: Store, session: dict[str, Any], reader: Reader
) -> None:
    with refusal(code, "m.yaml"):
        importing.use_mapping_file(opened(town), content, "m.yaml")


# --- the preview --------------------------------------------------------------------------------------------


def test_a_preview_is_made_once_for_a_mapping_and_two_are_kept(
    town: Store, session: dict[str, Any], reader: Reader, monkeypatch: pytest.MonkeyPatch
) -> None:
    found = opened(town)
    made: list[Mapping] = []
    prepare = workflow.prepare

    def counting(store: Store, slug: str, raw: Any, mapping: Mapping, *more: Any) -> Any:
        made.append(mapping)
        return prepare(store, slug, raw, mapping, *more)

    monkeypatch.setattr("trustsurvey.ui.importing.workflow.prepare", counting)
    mappings = [replace(found.mapping, partial_below=share) for share in (0.1, 0.2, 0.3)]
    first = importing.preview(town, "town", found, mappings[0])
    assert importing.preview(town, "town", found, mappings[0]) is first
    for mapping in (*mappings, *mappings[1:]):
        importing.preview(town, "town", found, mapping)
    assert made == mappings
    assert len(session["previews"]) == 2
    assert len(first.wave) == 60
    assert first.wave.name == ""


def test_another_study_has_its_own_preview(town: Store, session: dict[str, Any], reader: Reader) -> None:
    """Pseudonyms of two studies must not be the same, and a study has its own areas."""
    one = importing.preview(town, "town", opened(town), opened(town).mapping).wave
    other = opened(town, "town-2")
    two = importing.preview(town, "town-2", other, other.mapping).wave
    assert not set(one.people["respondent"]) & set(two.people["respondent"])


def test_a_refused_mapping_is_not_kept_as_a_preview(town: Store, session: dict[str, Any], reader: Reader) -> None:
    found = opened(town)
    nothing = Mapping(tuple(ColumnMap(column.name, "ignore") for column in found.raw.columns))
    for _ in range(2):
        with refusal("map.no-items"):
            importing.preview(town, "town", found, nothing)
    assert session["previews"] == {}


# --- the page -----------------------------------------------------------------------------------------------


def test_an_upload_is_kept_through_reruns_and_read_anew_when_the_study_changes(town: Store) -> None:
    """One tab of the page itself, without its widgets: switch the study while a file lies there."""

    def page(content: bytes) -> None:
        from unittest import mock

        import streamlit as st
        from files import read_here
        from test_ui_importing import Upload

        from trustsurvey.ui import cache, importing
        from trustsurvey.ui.guard import choose_study

        store = cache.store()
        study = choose_study(store)
        assert study is not None
        with mock.patch.object(importing, "read", lambda path, name, **_: read_here(path.read_bytes(), name)):
            found = importing.open_upload(store, study.slug, Upload(content=content), lambda share: None)
        wave = importing.preview(store, study.slug, found, found.mapping).wave
        st.code(f"{found.key} {len(wave)} {len(st.session_state['previews'])}")

    test = AppTest.from_function(page, args=(ANSWERS,)).run()
    assert not test.exception
    assert test.code[0].value == "town f1 60 1"
    test.selectbox[0].set_value(1).run()
    assert test.code[0].value == "town-2 f1 60 2"


def test_a_saved_mapping_is_read_back_by_the_page_as_it_was(
    town: Store, session: dict[str, Any], reader: Reader
) -> None:
    found = opened(town)
    again = importing.use_mapping_file(found, mapping_to_yaml(found.mapping).encode(), "mapping.yaml")
    assert again.mapping == found.mapping
