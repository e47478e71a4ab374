"""Focus groups under Streamlit's own test runner: a transcript in, read, told; sources side by side."""

from __future__ import annotations

import re
import shutil
from pathlib import Path

import pandas as pd
import pytest
from conftest import ROOT
from streamlit.testing.v1 import AppTest
from test_pages import app, button, select, words
from test_pages_language import all_of, english

from trustsurvey import language
from trustsurvey.focus_groups.study import conversations, readings_of
from trustsurvey.store import Body, Store
from trustsurvey.text.language import sentences
from trustsurvey.voices.study import codebook_of

SLUG = "riverton-sample-study"
GROUPS = ROOT / "sample_data" / "focus_groups"


@pytest.fixture
def store(spoken_folder: Path, own_home: Path) -> Store:
    shutil.copytree(spoken_folder, own_home, dirs_exist_ok=True)
    return Store.open()


def uploaded(test: AppTest, at: int, path: Path) -> AppTest:
    return test.get("file_uploader")[at].upload(path.name, path.read_bytes(), "text/plain").run()


def test_a_transcript_is_understood_and_kept_under_pseudonyms(store: Store) -> None:
    for group in conversations(store, SLUG):
        store.collections.remove(SLUG, group.name, "to add it again")
    test = uploaded(app("focus_groups"), 0, GROUPS / "northside_zoom.txt")
    assert "213 turns of 11 speakers. From 18:31:" in words(test)
    assert "Who is who?" in words(test)
    test = uploaded(test, 1, GROUPS / "participants.csv")
    assert select(test, "Which group of the list is it?").value == "northside"
    test.text_input[0].set_value("Northside, April").run()
    button(test, "Keep this group").click().run()
    assert not test.exception
    assert "Northside, April is kept: 213 turns, eight participants." in words(test)
    group = conversations(store, SLUG)[0]
    assert (group.people["role"] == "participant").sum() == 8
    assert "Denise" not in group.turns.to_csv()
    assert "0 of 166 turns of participants were read" in words(test)


def test_what_is_no_transcript_is_a_sentence(spoken_seen: Path, tmp_path: Path) -> None:
    path = tmp_path / "picture.txt"
    path.write_bytes(b"\x89PNG\r\n\x1a\n" + bytes(range(256)))
    test = uploaded(app("focus_groups"), 0, path)
    assert not test.exception
    assert len(test.error) == 1


def test_one_persons_words_are_taken_out(store: Store) -> None:
    test = app("focus_groups")
    select(test, "Whose words are to go?").set_value("P2").run()
    test.text_input(key="why gone").set_value("asked").run()
    button(test, "Take these words out of everything").click().run()
    assert "The words of P2 are gone" in words(test)
    assert "P2" not in set(conversations(store, SLUG)[0].turns["speaker"])


def test_a_memo_is_kept(store: Store) -> None:
    test = app("focus_groups")
    test.text_area[0].set_value("Ask about the lamp.").run()
    button(test, "Save the memo").click().run()
    assert conversations(store, SLUG)[0].memo == "Ask about the lamp."


def test_turns_are_read_in_order_and_a_theme_may_be_of_some_sentences(store: Store) -> None:
    group = conversations(store, SLUG)[0]
    keys = group.turns["key"][group.turns["role"] == "participant"].tolist()
    answer = next(k for k in keys if group.turns.set_index("key")["text"][k].count(". ") > 1)
    with store.writer.begin() as connection:
        connection.exec_driver_sql("DELETE FROM coding WHERE answer = ?", (answer,))
    test = app("coding")
    test.segmented_control(key="of what").set_value("Focus groups").run()
    test.text_input(key="coder").set_value("Reader").run()
    waiting = group.turns[group.turns["role"].isin(("participant", "officer"))]
    read = set(readings_of(store, SLUG, group, codebook_of(store, SLUG)).counts())
    now = next(key for key in waiting["key"] if key not in read)
    assert test.session_state["draft"].answer == now
    assert "turns read" in test.get("progress")[0].proto.text
    while test.session_state["draft"].answer != answer:
        next(b for b in test.button if b.label == "No theme, next").click().run()
    first, *rest = sentences(group.turns.set_index("key")["text"][answer])
    assert rest
    test.session_state[test.session_state["draft"].parts] = [first]
    next(b for b in test.button if b.key == "code 0").click().run()
    next(b for b in test.button if b.label == "Save and next").click().run()
    mine = [
        c
        for c in store.voices.codings(SLUG, Body(group.name, "collection"))
        if c.answer == answer and c.coder == "Reader"
    ]
    assert [span[1:] for span in mine[-1].spans] == [first]


@pytest.mark.parametrize("view", ["Themes", "One theme", "Who spoke", "When themes came up", "Files"])
def test_what_groups_say_claims_no_share_of_residents(spoken_seen: Path, view: str) -> None:
    test = app("groups")
    test.segmented_control[0].set_value(view).run()
    assert not test.exception
    said = words(test)
    assert "Six groups, 48 people who took part. All 1,011 turns of participants were read." in said
    assert "how many think so, only the survey tells" in said
    told = [df.value.to_csv() for df in test.dataframe]
    if view in ("Themes", "One theme", "When themes came up"):
        assert "%" not in said + "".join(told)
    assert not any(name in said + "".join(told) for name in ("Denise", "Jayden", "Dunmore", "Kessling"))


def test_themes_are_counted_in_people_of_each_group(spoken_seen: Path) -> None:
    table = app("groups").dataframe[0].value.set_index("Theme")
    truth = _truth()
    assert table.loc["Homelessness", "Groups"] == "1 of 6"
    assert table.loc["Bias and discrimination", "Northside residents"] == f"{truth['northside', 'bias']} of 8"


def _truth() -> dict[tuple[str, str], int]:
    """How many people raised a theme in a group, from the readings that come with the sample."""
    people = pd.read_csv(GROUPS / "participants.csv", dtype=str, keep_default_na=False)
    names = {(p.group, n): p.speaker for p in people.itertuples() for n in (p.speaker, *p.also.split(";")) if n}
    rows = pd.read_csv(GROUPS / "readings_groups.csv", dtype=str, keep_default_na=False)
    found: dict[tuple[str, str], set[str]] = {}
    for row in rows.itertuples():
        for code in row.codes.split(";"):
            found.setdefault((row.group, code), set()).add(names[row.group, row.speaker])
    return {key: len(who) for key, who in found.items()}


def test_files_of_groups_name_nobody(store: Store) -> None:
    test = app("groups")
    test.segmented_control[0].set_value("Files").run()
    button(test, "Prepare the files").click().run()
    assert not test.exception
    files = test.session_state["group files"][2]
    assert {name.rsplit(".")[-1].rstrip(")") for name in files} == {"xlsx", "qdpx", "csv", "html"}
    for content, name in files.values():
        assert content
        if name.endswith((".csv", ".html")):
            assert not any(who in content.decode() for who in ("Denise", "Jayden", "Kessling"))


def test_sources_stand_side_by_side(spoken_seen: Path) -> None:
    test = app("beside")
    assert not test.exception
    table = test.dataframe[0].value.set_index("Theme")
    assert table.loc["Crime", "Together"] == "more in the groups"
    assert table.loc["Community policing and visibility", "Together"] == "they agree"
    assert "Many residents write about it in the survey" in words(test)
    assert "all six groups raised it" in words(test)
    test = select(test, "Theme").set_value("homelessness").run()
    assert "one of six groups" in words(test)


@pytest.mark.parametrize(("page", "view"), [("beside", ""), ("focus_groups", ""), ("groups", "Themes"),
                                            ("groups", "One theme"), ("groups", "Who spoke"),
                                            ("groups", "When themes came up"), ("groups", "Files")])  # fmt: skip
def test_no_sentence_about_groups_is_left_in_english(page: str, view: str, spoken_seen: Path) -> None:
    test = app(page, lang="es")
    if view:
        with language.speaking("es"):
            test.segmented_control[0].set_value(view).run()
        assert test.segmented_control[0].value == view
    assert not test.exception
    assert not test.error
    # What was said is in the language in which it was said.
    said = re.sub(r"^> .*$", "", all_of(test), flags=re.MULTILINE)
    assert len(said) > 500
    assert [pattern.pattern for pattern in english() if pattern.search(said)] == []


def test_sources_are_set_side_by_side_in_spanish(spoken_seen: Path) -> None:
    test = app("beside", lang="es")
    table = test.dataframe[0].value.set_index("Tema")
    assert set(table["En conjunto"]) >= {"m\u00e1s en los grupos", "coinciden"}
    assert "los seis grupos lo mencionaron" in words(test)
    assert "Muchos residentes escriben sobre ello en la encuesta (" in words(test)


def test_pages_of_groups_without_any(store: Store) -> None:
    for group in conversations(store, SLUG):
        store.collections.remove(SLUG, group.name, "gone")
    for page in ("focus_groups", "groups", "beside"):
        test = app(page)
        assert not test.exception
        assert "No focus group was added yet." in words(test)
