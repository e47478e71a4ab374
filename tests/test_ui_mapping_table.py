"""The table of columns: what it shows comes back as the same mapping, whatever is typed into it."""

from __future__ import annotations

from collections.abc import Mapping as MappingType
from dataclasses import replace
from typing import Any

import pandas as pd
import pytest
from builders import refusal
from files import SMALL, csv_text, read_here, taken_in
from hypothesis import given, strategies as st

from trustsurvey.harmonise import Choice, Problem, propose
from trustsurvey.language import speaking
from trustsurvey.model import AreaLevel, ColumnMap, Mapping
from trustsurvey.readers.raw import Raw
from trustsurvey.ui import mapping_table as mt

WARDS = AreaLevel("ward", "Wards", "", (("Mill", ""), ("Docks", "")))
LEVELS = (WARDS,)


def survey(**columns: list[object]) -> Raw:
    """Sixty answers in an id, wards, sex, and more columns as given (their cells repeated)."""
    cells = {"id": list(range(100, 160)), "ward": ["Mill", "Docks"], "sex": ["f", "m", "m"], **columns}
    rows = [[values[k % len(values)] for values in cells.values()] for k in range(60)]
    return read_here(csv_text([list(cells), *rows]))


def drawn(raw: Raw, mapping: Mapping | None = None) -> tuple[pd.DataFrame, Mapping]:
    """The table of a file under a mapping, or under the one that is proposed."""
    proposed, guesses = propose(raw, SMALL, LEVELS)
    mapping = mapping or proposed
    return mt.to_table(raw, mapping, guesses, SMALL, LEVELS), mapping


def back(table: pd.DataFrame, mapping: Mapping, **edits: MappingType[str, Any]) -> dict[str, ColumnMap]:
    """The entries after edits, given as cells by the name of the column."""
    edited = mt.with_edits(table, edits)
    changed = mt.from_table(edited, mapping, SMALL, LEVELS)
    return {column.column: column for column in changed.columns}


RAW = survey(kind=[1, 2, 5])
KIND = next(label for label in mt.choices(SMALL, LEVELS) if label.startswith("Question kind:"))


# --- in another language --------------------------------------------------------------------------------


def test_the_table_says_in_spanish_what_it_keeps_in_english() -> None:
    """What is kept must not change with the language of the reader: edits are made in one, and read in another."""
    table, mapping = drawn(RAW)
    with speaking("es"):
        spoken, _mapping = drawn(RAW)
        assert list(spoken[mt.IS]) == list(table[mt.IS])
        assert mt.from_table(spoken, mapping, SMALL, LEVELS) == mapping
        assert [mt.entry_told(label) for label in ("Area: Wards", "Not used", "Private: dropped")] == [
            "Área: Wards", "No se usa", "Privado: se descarta",
        ]  # fmt: skip
        assert mt.entry_told(KIND) == KIND.replace("Question", "Pregunta", 1)
        assert mt.entry_told("item 'x': not in this study").startswith("item")
    assert [mt.entry_told(label) for label in mt.choices(SMALL, LEVELS)] == list(mt.choices(SMALL, LEVELS))


def test_what_may_be_decided_is_told_in_spanish_and_areas_keep_their_names() -> None:
    own = (Choice("Leave them out", ()),)
    asked = Problem("map.area", "ward", "Wards", "Mil", 1, (2,), "an area", "", choices=own)
    with speaking("es"):
        assert mt.told(asked, mt.LEAVE_OUT) == "Dejarlo fuera"
        assert mt.told(asked, "Leave them out") == "Dejarlas fuera"
        assert mt.told(replace(asked, choices=()), "Leave them out") == "Leave them out"  # a place called so
        assert mt.told(asked, "Questions") == "Questions"
    assert mt.told(asked, mt.LEAVE_OUT) == mt.LEAVE_OUT


# --- there and back -------------------------------------------------------------------------------------


def test_what_is_proposed_comes_back_unchanged() -> None:
    table, mapping = drawn(survey(kind=[1, 2, 5], why=["words"], zzz=["x"]))
    assert mt.from_table(table, mapping, SMALL, LEVELS) == mapping
    assert mt.from_table(mt.with_edits(table, {}), mapping, SMALL, LEVELS) == mapping
    assert list(table[mt.IS]) == [
        "Respondent id", "Area: Wards", mt.PLAIN["group"], KIND, "Question why: What would you change?", "Not used",
    ]  # fmt: skip


words = st.lists(st.text(min_size=1).filter(str.strip).map(str.strip), max_size=4).map(tuple)


@given(words, words, st.booleans())
def test_every_entry_survives_the_table(unsure: tuple[str, ...], left: tuple[str, ...], flip: bool) -> None:
    kept = ColumnMap("kind", "item", "kind", (("best", "5"),), unsure, ("no",), ("n/a",), left, flip)
    mapping = Mapping((kept, ColumnMap("sex", "group", "sex", (("f", "women"),))), "plain", 0.3, True, True, True)
    table, _ = drawn(RAW, mapping)
    changed = mt.from_table(table, mapping, SMALL, LEVELS)
    used = {column.column: column for column in changed.columns if column.role != "ignore"}
    assert used == {column.column: column for column in mapping.columns}
    assert (changed.partial_below, changed.day_first, changed.keep_tests) == (0.3, True, True)


def test_an_answer_with_a_comma_stays_one_answer() -> None:
    mapping = Mapping((ColumnMap("kind", "item", "kind", dont_know=("No idea, sorry", "9")),))
    table, _ = drawn(RAW, mapping)
    (shown,) = [row[mt.UNSURE] for row in table.to_dict("records") if row[mt.COLUMN] == "kind"]
    assert shown == '"No idea, sorry", 9'
    more = back(table, mapping, kind={mt.UNSURE: shown + " ,8,, "})
    assert more["kind"].dont_know == ("No idea, sorry", "9", "8")


def test_what_the_codes_of_a_group_stand_for_is_said_in_the_table() -> None:
    mapping = Mapping((ColumnMap("kind", "ignore"),))
    table, _ = drawn(RAW, mapping)
    named = back(
        table, mapping,
        kind={mt.IS: mt.PLAIN["group"], mt.GROUP: "age", mt.MEANING: '1 = 18-29, "2 = 30-44, or so", 5=45+, six, =7'},
    )  # fmt: skip
    values = (("1", "18-29"), ("2", "30-44, or so"), ("5", "45+"))
    assert (named["kind"].role, named["kind"].target, named["kind"].values) == ("group", "age", values)
    kept = Mapping((named["kind"],))
    again, _ = drawn(RAW, kept)
    (shown,) = [row[mt.MEANING] for row in again.to_dict("records") if row[mt.COLUMN] == "kind"]
    assert shown == '1 = 18-29, "2 = 30-44, or so", 5 = 45+'
    assert back(again, kept)["kind"] == named["kind"]
    assert back(again, kept, kind={mt.MEANING: None})["kind"].values == ()
    # The values of a question, and years of birth, are said elsewhere.
    for other in (ColumnMap("kind", "item", "kind", (("best", "5"),)), ColumnMap("kind", "group", "age", born=True)):
        assert set(drawn(RAW, Mapping((other,)))[0][mt.MEANING]) == {""}
    # What an "=" is part of comes back as it was.
    strange = ColumnMap("kind", "group", "age", (("a=b", "c"),))
    assert back(drawn(RAW, Mapping((strange,)))[0], Mapping((strange,)))["kind"] == strange


def test_private_columns_and_rare_answers_are_not_shown() -> None:
    raw = survey(kind=["1"] * 29 + ["2"] * 28 + ["Jo Muster", "5", "5"], mail=[f"a{k}@b.example" for k in range(60)])
    table, _ = drawn(raw)
    shown = dict(zip(table[mt.COLUMN], table[mt.EXAMPLES], strict=True))
    assert shown["id"] == shown["mail"] == ""
    assert shown["kind"] == "1, 2"
    assert shown["ward"] in ("Mill, Docks", "Docks, Mill")
    for role in ("id", "private", "device", "text"):
        hidden, _ = drawn(raw, Mapping((ColumnMap("ward", role, "why" if role == "text" else ""),)))  # type: ignore[arg-type]
        assert hidden[mt.EXAMPLES][list(hidden[mt.COLUMN]).index("ward")] == ""


def test_long_questions_and_answers_are_shortened() -> None:
    item = replace(SMALL.items[0], text="long " * 40)
    instrument = replace(SMALL, items=(item, *SMALL.items[1:]))
    (label,) = [label for label in mt.choices(instrument, ()) if label.startswith("Question kind:")]
    assert len(label) < 80
    table, _ = drawn(survey(zzz=["y" * 500]))
    assert max(len(shown) for shown in table[mt.EXAMPLES]) <= 30


def test_unsure_guesses_are_marked() -> None:
    raw = survey(**{"Officers here are kind to everybody.": ["Agree", "Disagree"]})
    table, _ = drawn(raw)
    assert table[mt.WHY].iloc[-1] == "asked in similar words \u2013 please check"


# --- typed into it ------------------------------------------------------------------------------------------


def test_a_cell_that_was_cleared_says_nothing() -> None:
    table, mapping = drawn(survey(kind=[1, 2, 5], zzz=["x"]))
    for column in (mt.IS, mt.GROUP, mt.UNSURE, mt.FLIP):
        changed = back(table, mapping, sex={column: None}, kind={column: None})
        assert changed["sex"] == (ColumnMap("sex", "ignore") if column == mt.IS else ColumnMap("sex", "group", "sex"))
        assert changed["kind"] == ColumnMap("kind", *(("ignore",) if column == mt.IS else ("item", "kind")))


def test_a_cell_without_a_value_says_nothing_either() -> None:
    table, mapping = drawn(survey(kind=[1, 2, 5]))
    table.loc[table[mt.COLUMN] == "sex", [mt.GROUP, mt.UNSURE, mt.SAYS]] = float("nan")
    changed = {column.column: column for column in mt.from_table(table, mapping, SMALL, LEVELS).columns}
    assert changed["sex"] == ColumnMap("sex", "group", "sex")


def test_edits_are_taken_as_meant() -> None:
    table, mapping = drawn(survey(kind=[1, 2, 5], zzz=["x"]))
    changed = back(
        table, mapping, kind={mt.FLIP: True, mt.UNSURE: " 8, 9"}, sex={mt.GROUP: "  gender "},
        zzz={mt.IS: mt.PLAIN["weight"]}, ward={mt.IS: mt.PLAIN["private"]},
    )  # fmt: skip
    assert changed["kind"] == ColumnMap("kind", "item", "kind", dont_know=("8", "9"), flip=True)
    assert changed["sex"] == ColumnMap("sex", "group", "gender")
    assert changed["zzz"] == ColumnMap("zzz", "weight")
    assert changed["ward"] == ColumnMap("ward", "private")


def test_a_new_meaning_drops_the_recodes_of_the_old_one() -> None:
    kept = ColumnMap("kind", "item", "kind", (("best", "5"),), leave_out=("8",))
    table, mapping = drawn(RAW, Mapping((kept,)))
    assert back(table, mapping)["kind"] == kept
    assert back(table, mapping, kind={mt.IS: mt.PLAIN["weight"]})["kind"] == ColumnMap("kind", "weight")
    fair = next(label for label in mt.choices(SMALL, ()) if label.startswith("Question fair:"))
    assert back(table, mapping, kind={mt.IS: fair})["kind"] == ColumnMap("kind", "item", "fair")


@pytest.mark.parametrize("nonsense", ["", "nonsense", "Question kind", 7, float("nan"), "item", "<b>"])
def test_nonsense_in_the_table_is_not_used(nonsense: object) -> None:
    table, mapping = drawn(survey(kind=[1, 2, 5]))
    assert back(table, mapping, kind={mt.IS: nonsense})["kind"].role == "ignore"


def test_lists_typed_badly_never_break_the_page() -> None:
    table, mapping = drawn(RAW)
    for typed in ('"', '"9', '9"', '""', '" ", 9', 'a "b", c', ",,,", '"a""b"', "line\nline, x"):
        for word in back(table, mapping, kind={mt.UNSURE: typed})["kind"].dont_know:
            assert word.strip()
    assert back(table, mapping, kind={mt.UNSURE: 'say "so", 9'})["kind"].dont_know == ('say "so"', "9")


def test_a_group_without_a_name_is_called_after_its_question() -> None:
    heading = "How often, on average, do you meet the police?"
    table, mapping = drawn(survey(**{heading: ["x", "y"]}))
    changed = back(table, mapping, **{heading: {mt.IS: mt.PLAIN["group"]}})
    assert changed[heading].target == "how_often_on_average"
    assert mt.group_name("???") == mt.group_name("") == "group"
    assert mt.group_name("\u5e74\u9f62 \u2013 Alter?") == "\u5e74\u9f62_alter"


def test_two_columns_for_one_question_are_refused_by_name() -> None:
    raw = survey(kind=[1, 2, 5], other=[1, 2, 5])
    table, mapping = drawn(raw)
    changed = replace(mapping, columns=tuple(back(table, mapping, other={mt.IS: KIND}).values()))
    with refusal("map.target-twice", "'kind', 'other'"):
        taken_in(raw, changed, levels=LEVELS)


# --- what the study or the file lacks -----------------------------------------------------------------------


@pytest.mark.parametrize(
    ("entry", "code"),
    [
        (ColumnMap("kind", "item", "gone"), "map.item-unknown"),
        (ColumnMap("kind", "text", "gone"), "map.item-unknown"),
        (ColumnMap("ward", "area", "borough"), "map.area-unknown"),
        (ColumnMap("absent", "weight"), "map.column-absent"),
    ],
)
def test_what_the_study_or_the_file_lacks_is_refused_and_not_left_out_in_silence(entry: ColumnMap, code: str) -> None:
    mapping = Mapping((ColumnMap("sex", "group", "sex"), entry))
    table, _ = drawn(RAW, mapping)
    changed = mt.from_table(table, mapping, SMALL, LEVELS)
    assert entry in changed.columns
    with refusal(code):
        taken_in(RAW, changed, levels=LEVELS)


def test_what_the_study_lacks_can_be_set_aside_in_the_table() -> None:
    mapping = Mapping((ColumnMap("kind", "item", "gone", (("a", "1"),)),))
    table, _ = drawn(RAW, mapping)
    assert "item 'gone': not in this study" in list(table[mt.IS])
    assert back(table, mapping, kind={mt.IS: mt.PLAIN["ignore"]})["kind"] == ColumnMap("kind", "ignore")
    assert back(table, mapping, kind={mt.IS: KIND})["kind"] == ColumnMap("kind", "item", "kind")


def test_a_plain_role_with_a_needless_name_is_still_that_role() -> None:
    mapping = Mapping((ColumnMap("kind", "weight", "w"),))
    table, _ = drawn(RAW, mapping)
    assert back(table, mapping)["kind"].role == "weight"


# --- decisions ----------------------------------------------------------------------------------------------


def decided(raw: Raw, mapping: Mapping, choose: MappingType[str, str]) -> tuple[Mapping, int]:
    """The mapping after each value in ``choose`` was decided, and how many problems are left."""
    asked = mt.questions(taken_in(raw, mapping, levels=LEVELS).problems)
    decisions = {key: choose[key[1]] for key in asked if key[1] in choose}
    for key, decision in decisions.items():
        assert decision in mt.answers_to(asked[key][0], SMALL, LEVELS, mapping)
    mapping = mt.decide(mapping, asked, decisions)
    return mapping, len(taken_in(raw, mapping, levels=LEVELS).problems)


def items(*names: str) -> Mapping:
    return Mapping((*(ColumnMap(name, "item", name) for name in names), ColumnMap("ward", "area", "ward")))


def test_one_value_is_asked_about_once_for_all_questions_on_a_scale() -> None:
    raw = survey(kind=[1, 7], fair=[7, 2], rude=[1, 2])
    (key,) = asked = mt.questions(taken_in(raw, items("kind", "fair", "rude"), levels=LEVELS).problems)
    assert [problem.column for problem in asked[key]] == ["kind", "fair"]
    mapping, left = decided(raw, items("kind", "fair", "rude"), {"7": mt.DONT_KNOW})
    assert left == 0
    assert [column.dont_know for column in mapping.columns] == [("7",), ("7",), (), ()]


def test_one_value_on_two_scales_is_two_questions() -> None:
    """A 5 of five means something else on a scale of four, or nothing."""
    raw = survey(kind=[1, "maybe"], safe=[1, "maybe"])
    problems = taken_in(raw, items("kind", "safe"), levels=LEVELS).problems
    asked = mt.questions(problems)
    assert [[problem.column for problem in group] for group in asked.values()] == [["kind"], ["safe"]]
    first, second = asked
    mapping = mt.decide(items("kind", "safe"), asked, {first: "5 Strongly agree", second: mt.LEAVE_OUT})
    assert [(c.values, c.leave_out) for c in mapping.columns[:2]] == [((("maybe", "5"),), ()), ((), ("maybe",))]
    assert not taken_in(raw, mapping, levels=LEVELS).problems


def test_words_stand_beside_the_codes_unless_scales_of_one_length_differ_in_them() -> None:
    often = replace(SMALL.item("kind").scale, name="often", anchors=((1.0, "Never"), (5.0, "Always")))
    mixed = replace(SMALL, items=(*SMALL.items, replace(SMALL.items[0], id="often", scale=often)))
    number = Problem("map.outside", "kind", "", "7", 1, (2,), "1 to 5", "")
    word = replace(number, code="map.unclear", value="maybe")
    assert "5 Strongly agree" in mt.answers_to(number, mixed, LEVELS, items("kind", "fair"))
    both = Mapping((*items("kind").columns, ColumnMap("often", "item", "often")))
    assert mt.answers_to(number, mixed, LEVELS, both)[4:] == ["1", "2", "3", "4", "5"]
    assert "5 Strongly agree" in mt.answers_to(word, mixed, LEVELS, both)


def test_an_area_is_decided_by_name_and_the_suggestion_comes_first() -> None:
    raw = read_here(csv_text([["ward", "kind"], *[["Dokcs", 1], ["Mill", 2], ["Nowhere", 3]] * 20]))
    asked = mt.questions(taken_in(raw, items("kind"), levels=LEVELS).problems)
    offered = {key[1]: mt.answers_to(group[0], SMALL, LEVELS, items("kind")) for key, group in asked.items()}
    assert offered["Dokcs"] == [mt.UNDECIDED, "Docks", mt.LEAVE_OUT, "Mill"]
    assert offered["Nowhere"][:2] == [mt.UNDECIDED, mt.LEAVE_OUT]
    mapping, left = decided(raw, items("kind"), {"Dokcs": "Docks", "Nowhere": mt.LEAVE_OUT})
    assert left == 0
    assert mapping.columns[1] == ColumnMap("ward", "area", "ward", (("Dokcs", "Docks"),), leave_out=("Nowhere",))


def test_what_is_undecided_or_no_longer_asked_changes_nothing() -> None:
    raw = survey(kind=[1, 7])
    asked = mt.questions(taken_in(raw, items("kind"), levels=LEVELS).problems)
    old = {("map.outside 1 to 9", "7"): "3", **dict.fromkeys(asked, mt.UNDECIDED)}
    assert mt.decide(items("kind"), asked, old) == items("kind")
