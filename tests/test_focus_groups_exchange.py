"""Readings of focus groups go to other programs and come back the same, at the same words."""

from __future__ import annotations

import os
import re
import sys
from dataclasses import replace
from datetime import date
from pathlib import Path

import numpy as np
import pytest
import xmlschema
from builders import refusal
from conftest import ROOT, SHARED
from focus_groups import conversation
from hypothesis import given, settings, strategies as st
from refi import NAME, TEXT, unzipped, zipped

from trustsurvey.export.workbook import csv_bytes
from trustsurvey.focus_groups.conversation import Conversation
from trustsurvey.focus_groups.exchange import as_qdpx, as_table, taken
from trustsurvey.model import Code, Codebook, Coding
from trustsurvey.text.refi_qda.project import Applied, Project, Remark, Source
from trustsurvey.text.refi_qda.read import project_from_qdpx
from trustsurvey.text.refi_qda.write import project_to_qdpx

sys.path.insert(0, str(ROOT))  # sample_data is not installed with the package

from sample_data import meetings

BOOK = Codebook("small", (Code("police", "The police"), Code("speed", "Speed of response", "police"),
                          Code("parks", "Parks & greens")))  # fmt: skip
NORTH = conversation("North", [
    ("Moderator", "What about the desk?", 3.0), ("P1", "They came late, \U0001f600 always late.", 761.9), ("", "Yes."),
    ("P2", "=The park <b>is</b> dark", 3765.0),
], date(2026, 4, 14), P1="harbour")  # fmt: skip
SOUTH = conversation("South", [("P1", "Yes."), ("P1", "Yes."), ("O", ""), ("P2", "No,\r\nnever.")])
CODINGS = {
    "North": (
        Coding("North 2", "Ann O.", (("speed", "negative"), ("police", "")), memo="with a smile",
               spans=(("speed", 10, 14), ("speed", 25, 29))),
        Coding("North 2", "Ben", (("speed", "positive"),)),
        Coding("North 3", "Ann O."),
        Coding("North 4", "Ann O.", (("parks", "suggestion"),), spans=(("parks", 0, 9),)),
    ),
    "South": (Coding("South 2", "Ben", (("police", ""),)), Coding("South 3", "Ben", memo="nods")),
}  # fmt: skip


def sent() -> Project:
    return project_from_qdpx(as_qdpx([NORTH, SOUTH], BOOK, CODINGS, "Town"))[0]


def told(codings: tuple[Coding, ...]) -> set[tuple[object, ...]]:
    """What is the same of a reading wherever it was made; one that found nothing leaves no trace."""
    return {(c.answer, c.coder, frozenset(c.codes), frozenset(c.spans), c.memo) for c in codings if c.codes or c.memo}


def test_readings_come_back_with_codes_tones_spans_coders_and_memos() -> None:
    back = taken(as_qdpx([NORTH, SOUTH], BOOK, CODINGS, "Town"), "p.qdpx", [SOUTH, NORTH], replace(BOOK, version=4))
    assert {name: told(readings) for name, readings in back.items()} == {
        name: told(readings) for name, readings in CODINGS.items()
    }
    assert {(c.queue, c.version, c.id) for readings in back.values() for c in readings} == {("training", 4, 0)}


def test_a_group_is_a_text_that_people_read() -> None:
    north, south = sent().sources
    assert north.text == (
        "Moderator [0:00:03]: What about the desk?\nP1 [0:12:41]: They came late, \U0001f600 always late.\n"
        "Not named: Yes.\nP2 [1:02:45]: =The park <b>is</b> dark\n"
    )
    assert south.text == "P1: Yes.\nP1: Yes.\nO: \nP2: No,  never.\n"
    assert [(a.code, a.coder, a.stance, north.text[a.start : a.end]) for a in north.applied] == [
        ("speed", "Ann O.", "negative", "late"),
        ("speed", "Ann O.", "negative", "late"),
        ("police", "Ann O.", "", "They came late, \U0001f600 always late."),
        ("speed", "Ben", "positive", "They came late, \U0001f600 always late."),
        ("parks", "Ann O.", "suggestion", "=The park"),
    ]
    assert [(r.text, r.coder, south.text[r.start : r.end]) for r in south.remarks] == [("nods", "Ben", "O: ")]


def test_everybody_is_a_case_with_what_is_known_and_what_they_said() -> None:
    project = sent()
    text = project.sources[0].text
    cases = {case.name: case for case in project.cases}
    assert list(cases) == ["North", "North: Moderator", "North: P1", "North: P2", "South", "South: P1", "South: O",
                           "South: P2"]  # fmt: skip
    assert (cases["North"].sources, cases["North"].variables) == (("North",), (("held", date(2026, 4, 14)),))
    assert cases["South"].variables == ()
    one = cases["North: P1"]
    assert one.variables == (("group", "North"), ("role", "participant"), ("area", "harbour"))
    assert [text[start:end] for _, start, end in one.parts] == ["They came late, \U0001f600 always late."]
    assert len(cases["South: P1"].parts) == 2


def test_the_file_is_valid_has_lf_line_ends_and_is_the_same_twice() -> None:
    data = as_qdpx([NORTH, SOUTH], BOOK, CODINGS, "Town")
    assert data == as_qdpx([NORTH, SOUTH], BOOK, CODINGS, "Town")
    members = unzipped(data)
    assert not any(b"\r" in member for member in members.values())
    path = Path(os.environ.get("TRUSTSURVEY_REFI_SCHEMA", SHARED / "refi" / "Project.xsd"))
    if not path.is_file():
        pytest.skip(f"the schema is not at {path}; set TRUSTSURVEY_REFI_SCHEMA to it")
    xmlschema.XMLSchema(path).validate(members["project.qde"].decode())


def test_speakers_are_codes_of_the_number_of_their_case() -> None:
    text = unzipped(as_qdpx([NORTH], BOOK, {}, "Town"))["project.qde"].decode()
    (case,) = re.findall(r'<Case guid="([^"]+)" name="North: P1"', text)
    assert f'<Code guid="{case}" name="North: P1" isCodable="true"' in text
    assert text.count(f'<CodeRef targetGUID="{case}"') == 1


@st.composite
def read_groups(draw: st.DrawFn) -> tuple[list[Conversation], dict[str, tuple[Coding, ...]]]:
    """Any groups, with any readings of their turns; the last of each person counts."""
    groups, codings = [], {}
    words = TEXT.map(str.strip)
    start = st.just(np.nan) | st.floats(0, 90_000)
    for name in draw(st.lists(NAME, max_size=3, unique_by=str.casefold)):
        lines = draw(st.lists(st.tuples(st.sampled_from(["Moderator", "P1", "P2", ""]), words, start), max_size=6))
        group = conversation(name, lines)
        made = []
        for key, text in zip(group.turns["key"], group.turns["text"], strict=True):
            for coder in draw(st.lists(NAME, max_size=2, unique=True)):
                # A turn without words has nothing that a code could lie on.
                chosen = draw(st.lists(st.sampled_from(BOOK.keys), unique=True)) if text else []
                stances = st.sampled_from(["", "positive", "negative", "suggestion"])
                places = [(a, b) for a in range(len(text)) for b in range(a + 1, len(text) + 1)][:-1]
                places = [(a, b) for a, b in places if (a, b) != (0, len(text))]
                spans = [(code, *place) for code in chosen if places and draw(st.booleans())
                         for place in draw(st.lists(st.sampled_from(places), max_size=3, unique=True))]  # fmt: skip
                made.append(Coding(key, coder, tuple((code, draw(stances)) for code in chosen), memo=draw(TEXT),
                                   spans=tuple(spans)))  # fmt: skip
        groups.append(group)
        codings[name] = tuple(made)
    return groups, codings


@settings(max_examples=80, deadline=None)
@given(read_groups())
def test_any_readings_come_back_the_same(drawn: tuple[list[Conversation], dict[str, tuple[Coding, ...]]]) -> None:
    groups, codings = drawn
    data = as_qdpx(groups, BOOK, codings, "Town")
    if not groups:
        with refusal("codings.strangers"):
            taken(data, "p.qdpx", groups, BOOK)
        return
    back = taken(data, "p.qdpx", groups, BOOK)
    expected = {name: told(readings) for name, readings in codings.items()}
    assert {name: told(readings) for name, readings in back.items()} == {k: v for k, v in expected.items() if v}


def coded(text: str, *applied: Applied, remarks: tuple[Remark, ...] = (), name: str = "North") -> bytes:
    return project_to_qdpx(Project("p", BOOK, (Source(name, text, applied, remarks=remarks),)))


def at(text: str, words: str, code: str = "speed", coder: str = "Ann", **more: str) -> Applied:
    start = text.index(words)
    return Applied(code, coder, start, start + len(words), **more)  # type: ignore[arg-type]


TEXT_NORTH = sent().sources[0].text


def test_a_part_over_several_turns_is_of_the_words_of_each() -> None:
    part = at(TEXT_NORTH, "always late.\nNot named: Yes.\nP2 [1:02:45]: =The", memo="all three")
    back = taken(coded(TEXT_NORTH, part), "p.qdpx", [NORTH], BOOK)["North"]
    assert [(c.answer, c.spans, c.memo) for c in back] == [
        ("North 2", (("speed", 18, 30),), "all three"), ("North 3", (), ""), ("North 4", (("speed", 0, 4),), ""),
    ]  # fmt: skip


def test_a_part_that_begins_amid_a_label_is_of_the_words_and_a_label_alone_is_nothing() -> None:
    part, nothing = at(TEXT_NORTH, "12:41]: They came"), at(TEXT_NORTH, "P2 [1:02:45]: ")
    back = taken(coded(TEXT_NORTH, part, nothing), "p.qdpx", [NORTH], BOOK)["North"]
    assert [(c.answer, c.spans) for c in back] == [("North 2", (("speed", 0, 9),))]


def test_a_code_on_the_whole_turn_and_on_a_part_is_on_the_whole_turn() -> None:
    parts = (at(TEXT_NORTH, "=The park"), at(TEXT_NORTH, "=The park <b>is</b> dark\n", stance="negative"))
    (back,) = taken(coded(TEXT_NORTH, *parts), "p.qdpx", [NORTH], BOOK)["North"]
    assert (back.codes, back.spans) == ((("speed", "negative"),), ())


def test_a_tone_that_is_told_of_one_part_is_kept() -> None:
    parts = (at(TEXT_NORTH, "came", stance="negative"), at(TEXT_NORTH, "always"))
    (back,) = taken(coded(TEXT_NORTH, *parts), "p.qdpx", [NORTH], BOOK)["North"]
    assert (back.codes, back.spans) == ((("speed", "negative"),), (("speed", 5, 9), ("speed", 18, 24)))


def test_codes_that_the_codebook_no_longer_has_stay_here() -> None:
    coding = Coding("North 3", "Ann O.", (("gone", ""), ("speed", "")), spans=(("gone", 0, 2),))
    (back,) = taken(as_qdpx([NORTH], BOOK, {"North": [coding]}, "Town"), "p.qdpx", [NORTH], BOOK)["North"]
    assert (back.codes, back.spans) == ((("speed", ""),), ())


def test_what_is_of_the_whole_group_is_of_no_turn_and_the_nameless_get_a_name() -> None:
    remark = Remark("why?", TEXT_NORTH.index("Not named"), len(TEXT_NORTH))
    data = coded(TEXT_NORTH, Applied("speed", "Ann"), remarks=(remark,))
    (back,) = taken(data, "p.qdpx", [NORTH], BOOK)["North"]
    assert (back.answer, back.coder, back.codes, back.memo) == ("North 3", "unknown", (), "why?")


def test_lines_that_were_added_or_taken_away_elsewhere_do_no_harm() -> None:
    text = "Focus group\n\n" + TEXT_NORTH.replace("Moderator [0:00:03]: What about the desk?\n", "").replace(
        "\n", "\n\n"
    )
    data = coded(text, at(text, "always"), at(text, "dark", "parks"))
    back = taken(data, "p.qdpx", [NORTH], BOOK)["North"]
    assert [(c.answer, c.spans) for c in back] == [
        ("North 2", (("speed", 18, 24),)),
        ("North 4", (("parks", 20, 24),)),
    ]
    with refusal("codings.changed", "North, line 1"):
        taken(coded(text, at(text, "Focus")), "p.qdpx", [NORTH], BOOK)


def test_a_part_in_words_that_were_put_right_since_is_of_the_whole_turn() -> None:
    turns = NORTH.turns.assign(text=NORTH.turns["text"].str.replace("late, ", "late, said [person 1], "))
    (back,) = taken(coded(TEXT_NORTH, at(TEXT_NORTH, "came")), "p.qdpx", [replace(NORTH, turns=turns)], BOOK)["North"]
    assert (back.answer, back.codes, back.spans) == ("North 2", (("speed", ""),), ())


def test_what_was_read_in_words_that_were_withdrawn_since_is_left_aside() -> None:
    less = replace(NORTH, turns=NORTH.turns[NORTH.turns["speaker"] != "P1"].reset_index(drop=True), withdrawn=("P1",))
    data = coded(TEXT_NORTH, at(TEXT_NORTH, "came"), at(TEXT_NORTH, "late.\nNot named: Yes."))
    (back,) = taken(data, "p.qdpx", [less], BOOK)["North"]
    assert (back.answer, back.spans) == ("North 3", ())
    assert b"came" not in unzipped(as_qdpx([less], BOOK, CODINGS, "Town")).popitem()[1]


def test_a_group_under_another_name_is_known_by_its_text() -> None:
    data = coded(TEXT_NORTH.rstrip(), at(TEXT_NORTH, "dark", "parks"), name="Document 1")
    assert set(taken(data, "p.qdpx", [SOUTH, NORTH], BOOK)) == {"North"}


def test_codes_are_known_by_title_and_new_ones_are_left_aside() -> None:
    theirs = Codebook("t", (Code("x", "SPEED of response"), Code("new", "New")))
    parts = (replace(at(TEXT_NORTH, "dark"), code="x"), replace(at(TEXT_NORTH, "Yes."), code="new"))
    data = project_to_qdpx(Project("p", theirs, (Source("North", TEXT_NORTH, parts),)))
    (back,) = taken(data, "p.qdpx", [NORTH], BOOK)["North"]
    assert (back.answer, back.codes, back.spans) == ("North 4", (("speed", ""),), (("speed", 20, 24),))
    with refusal("codings.code"):
        taken(project_to_qdpx(Project("p", theirs, (Source("North", TEXT_NORTH, parts[1:]),))), "p", [NORTH], BOOK)


def test_strangers_and_what_is_no_project_are_refused() -> None:
    with refusal("codings.strangers", "p.qdpx"):
        taken(as_qdpx([SOUTH], BOOK, CODINGS, "Town"), "p.qdpx", [NORTH], BOOK)
    with refusal("refi.damaged"):
        taken(b"no archive", "p.qdpx", [NORTH], BOOK)
    with refusal("refi.absent"):
        taken(zipped({"a.txt": b""}), "p.qdpx", [NORTH], BOOK)


def test_a_table_has_a_row_for_each_turn_coder_and_code_and_no_formula() -> None:
    table = as_table([NORTH, SOUTH], CODINGS)
    assert table[["turn", "coder", "code", "stance", "part"]].to_numpy().tolist() == [
        ["North 2", "Ann O.", "speed", "negative", "late [...] late"],
        ["North 2", "Ann O.", "police", "", ""],
        ["North 2", "Ben", "speed", "positive", ""],
        ["North 3", "Ann O.", "", "", ""],
        ["North 4", "Ann O.", "parks", "suggestion", "=The park"],
        ["South 2", "Ben", "police", "", ""],
        ["South 3", "Ben", "", "", ""],
    ]
    first = table.iloc[0]
    assert (first["group"], first["speaker"], first["role"], first["place"], first["start"], first["memo"]) == (
        "North", "P1", "participant", "12:41, line 2", 761.9, "with a smile")  # fmt: skip
    assert "'=The park <b>is</b> dark" in csv_bytes(table).decode("utf-8-sig")
    assert as_table([], {}).columns.tolist() == table.columns.tolist()


def test_the_sample_groups_come_back() -> None:
    groups, codings = [], {}
    for meeting in meetings.meetings():
        group = conversation(meeting.group, [(f"P {turn.who}", turn.text) for turn in meeting.turns])
        codings[group.name] = tuple(
            Coding(key, "Ann", (("speed", "negative"),), spans=(("speed", 0, len(text) // 2),) if len(text) > 9 else ())
            for key, text in group.turns[["key", "text"]].itertuples(index=False)
        )
        groups.append(group)
    back = taken(as_qdpx(groups, BOOK, codings, "Town"), "p.qdpx", groups, BOOK)
    assert {name: told(readings) for name, readings in back.items()} == {
        name: told(readings) for name, readings in codings.items()
    }
    assert sum(map(len, back.values())) == sum(len(group.turns) for group in groups) > 1000
