"""Sentences about promises: they say what went with what, with its range, and never that one came of the other."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import date

import pytest
from stores import LEVELS, STUDY
from voices import BOOK

from trustsurvey.actions.before_after import BeforeAfter
from trustsurvey.actions.follow_up import Record, Unanswered
from trustsurvey.export.actions import actions_table
from trustsurvey.language import speaking
from trustsurvey.model import Action
from trustsurvey.present import actions as present

TODAY = date(2026, 7, 1)
DESK = Action(
    "Open a desk in the library.", "Harbour team", "done", due=date(2025, 12, 1), done=date(2025, 12, 8),
    level="ward", area="Docks", score="trust", by="ward", group="Docks", id=1,
)  # fmt: skip
ROW = {"before": 41.2, "after": 46.4, "diff": 5.2, "lci": 0.8, "uci": 9.6, "detectable": 6.1, "verdict": "up"}
NONE = {**ROW, "lci": -1.4, "uci": 11.8, "detectable": 8.2, "verdict": "none"}
BESIDE = {"diff": 4.1, "lci": 0.4, "uci": 7.8, "verdict": "up"}


def record(*actions: Action, found: BeforeAfter | None = None) -> Record:
    whole = actions or (DESK,)
    return Record(replace(STUDY, levels=LEVELS), BOOK, whole, TODAY, {} if found is None else {whole[0].id: found})


def told(found: BeforeAfter, action: Action = DESK) -> str:
    return " ".join(present.assessment_words(action, record(action, found=replace(found, action=action))))


def test_a_change_is_told_with_its_range_and_no_cause() -> None:
    found = BeforeAfter(DESK, None, ("2025 Q4",), ("2026 Q1",), ROW, BESIDE)
    assert told(found) == (
        "Trust index in Docks was 41 before (2025 Q4) and 46 after (2026 Q1): higher by 5 points, likely between 1 and "
        "10. It went with what was done; that does not show why. Set against everybody else over the same time, it "
        "moved up by 4 points, likely by up to 8."
    )
    down = told(replace(found, row={**ROW, "diff": -5.2, "lci": -9.6, "uci": -0.8, "verdict": "down"}, beside=None))
    assert "lower by 5 points, likely between 1 and 10. It went with what was done; that does not show why." in down
    tiny = {**ROW, "diff": 0.3, "lci": 0.1, "uci": 0.6}
    assert "higher by less than 1 point, likely by up to 1." in told(replace(found, row=tiny))


def test_a_change_that_could_be_chance_is_called_so() -> None:
    same = {"diff": 0.7, "lci": -6.1, "uci": 7.5, "verdict": "none"}
    found = BeforeAfter(DESK, None, ("2025 Q4",), ("2026 Q1",), NONE, same)
    assert told(found) == (
        "Trust index in Docks was 41 before (2025 Q4) and 46 after (2026 Q1); that could be chance. The change is "
        "likely between -1 and +12. We would probably have seen a change of 9 points or more. Set against everybody "
        "else over the same time, the change is likely between -6 and +8 points: no detectable difference."
    )


@pytest.mark.parametrize(
    ("verdict", "words"),
    [
        ("withheld", "Trust index in Docks: Too few answers to compare."),
        ("guarded", "Trust index in Docks: Not compared, to protect a small group."),
        ("break", "Trust index in Docks: Not comparable with Q1: some questions were not asked in the same way."),
    ],
)
def test_nothing_of_what_is_hidden_is_told(verdict: str, words: str) -> None:
    found = BeforeAfter(DESK, None, ("Q1",), ("Q2",), {**ROW, "verdict": verdict})
    assert told(found) == words
    table = actions_table(record(DESK, found=found)).iloc[0]
    assert table[["before", "after", "diff", "lci", "uci", "detectable"]].isna().all()
    assert (table["verdict"], table["in_words"]) == (verdict, words)


@pytest.mark.parametrize(
    ("missing", "words"),
    [
        ("open", ""),
        ("unnamed", "Nothing was named that should change"),
        ("undated", "The surveys carry no dates"),
        ("no before", "No survey ended before it was done"),
        ("no after", "No survey began since it was done; the next one will tell."),
        ("not asked", "Trust index in Docks cannot be told for both Q1 and Q2."),
        ("few read", "Too few answers of Q1 or Q2 were read at random"),
    ],
)
def test_why_there_is_nothing_to_compare(missing: str, words: str) -> None:
    said = told(BeforeAfter(DESK, missing, ("Q1",), ("Q2",)))  # type: ignore[arg-type]
    assert said.startswith(words)
    assert bool(said) == bool(words)


def test_what_was_left_out_and_what_was_named_late_is_said() -> None:
    found = BeforeAfter(DESK, None, ("Q1", "Q2", "Q3"), ("Q5", "Q6", "Q7"), NONE, None, ("Q4",), True)
    said = told(found)
    assert "was 41 before (Q1 to Q3) and 46 after (Q5 to Q7)" in said
    assert "Q4 is left out: people were asked while it was done." in said
    assert "What to look at was written down after that survey" in said
    none = BeforeAfter(DESK, "no after", during=("Q4",))
    assert told(none).endswith("Q4 is left out: people were asked while it was done.")


def test_shares_are_told_of_a_hundred() -> None:
    row = {name: value / 100 if isinstance(value, float) else value for name, value in NONE.items()}
    whole = replace(DESK, score="", share="speed", by="", group="")
    found = BeforeAfter(whole, None, ("Q1",), ("Q2",), row)
    assert told(found, whole).startswith(
        "Mentions of \u201cSpeed of response\u201d: of a hundred who answered in their own words, 41 before (Q1) and "
        "46 after (Q2); that could be chance. The change is likely between -1 and +12."
    )
    of_group = replace(whole, by="age", group="18-29")
    said = told(found, of_group)
    assert said.startswith("Mentions of \u201cSpeed of response\u201d among age 18-29:")
    assert said.endswith("Others are not set beside it: that is worked out for scores alone.")


def test_where_a_promise_stands() -> None:
    def stands(**changes: object) -> str:
        return present.state_words(replace(DESK, **changes), TODAY)  # type: ignore[arg-type]

    assert stands() == "Done on 8 December 2025, seven days later than promised."
    assert stands(due=date(2025, 12, 8)) == stands(due=None) == "Done on 8 December 2025."
    assert stands(due=date(2025, 12, 7)).endswith(", one day later than promised.")
    planned = {"state": "planned", "done": None}
    assert stands(**planned) == "Planned, and overdue: it was promised for 1 December 2025."
    assert stands(**{**planned, "due": TODAY}) == "Planned, promised for 1 July 2026."
    assert stands(**{**planned, "due": None, "state": "under way"}) == "Under way; no day was named."
    assert stands(state="dropped", done=None, reason="The house\nis sold") == "Dropped: The house is sold."


def open_action(number: int, due: date | None, state: str = "planned") -> Action:
    return Action(f"P{number}", state=state, due=due, id=number)  # type: ignore[arg-type]


def test_what_is_overdue_comes_first_and_what_was_done_last_before_the_rest() -> None:
    actions = (
        DESK, replace(DESK, id=2, done=date(2026, 2, 1)), open_action(3, None), open_action(4, date(2026, 8, 1)),
        open_action(5, date(2026, 6, 1)), open_action(6, date(2026, 1, 1)), open_action(7, None, "under way"),
        Action("P8", state="dropped", reason="r", id=8),
    )  # fmt: skip
    whole = record(*actions)
    assert [action.id for action in present.in_order(whole)] == [6, 5, 7, 4, 3, 2, 1, 8]
    assert present.tally_words(whole) == (
        "Eight promises: two done, one under way, four planned, one dropped. Two are overdue."
    )
    assert list(actions_table(whole)["number"]) == [6, 5, 7, 4, 3, 2, 1, 8]
    lines = present.record_lines(whole, 3)
    assert lines[0] == ("P6", "All areas. Planned, and overdue: it was promised for 1 January 2026.")
    assert lines[3:] == [("", "And five more actions; see the record.")]


def test_of_an_area_its_own_promises_come_before_those_of_what_it_lies_in() -> None:
    late, soon = date(2026, 1, 1), date(2026, 9, 1)
    actions = (
        open_action(1, late), replace(open_action(2, late), level="district", area="East"),
        replace(DESK, id=3), replace(open_action(4, soon), level="ward", area="Docks"),
        replace(open_action(5, late), level="ward", area="Docks"),
        replace(open_action(6, late), level="ward", area="Mill"),
    )  # fmt: skip
    whole = record(*actions)
    assert [action.id for action in present.in_order(whole)] == [1, 2, 5, 6, 4, 3]
    assert [action.id for action in present.in_order(whole.of_place("ward", "Docks"))] == [5, 4, 3, 2, 1]


def test_an_empty_record_says_so() -> None:
    empty = replace(record(), actions=())
    assert present.record_lines(empty) == [("", present.NOTHING)]
    assert present.tally_words(empty) == ""
    assert present.spoken(empty) == []
    assert actions_table(empty).empty


def test_a_promise_for_more_than_the_reader_sees_is_marked_and_told_alone() -> None:
    action = Action("Open a desk", "Harbour team", "planned", level="district", area="East", due=date(2026, 9, 1), id=1)
    beyond = replace(record(action), read_only=frozenset({1}))
    assert present.action_line(action, beyond) == (
        "Open a desk",
        f"East. Planned, promised for 1 September 2026. Promised by: Harbour team. {present.BEYOND}",
    )
    assert present.spoken(beyond)[0].startswith("For all of East we promised: Open a desk. ")
    row = actions_table(beyond).iloc[0]
    assert (row["promised"], row["verdict"], row["in_words"]) == ("Open a desk", "", "")


def test_the_record_for_the_ear() -> None:
    found = BeforeAfter(DESK, None, ("Q1",), ("Q2",), NONE)
    (said,) = present.spoken(record(replace(DESK, outcome="Twenty people come"), found=found))
    assert said.startswith(
        "We promised: Open a desk in the library. That was done on 8 December 2025. Twenty people come. Trust index in "
        "Docks was 41 before (Q1) and 46 after (Q2); that could be chance."
    )
    late, dropped, begun = present.spoken(
        record(
            open_action(1, date(2026, 6, 1)), replace(DESK, state="dropped", done=None, reason="No money"),
            open_action(3, date(2026, 9, 1), "under way"),
        )
    )  # fmt: skip
    assert late == "We promised: P1. It was to be done by 1 June 2026. It is not done yet."
    assert dropped == "We promised: Open a desk in the library. We gave it up. No money."
    assert begun == "We promised: P3. It is under way. It is to be done by 1 September 2026."
    many = present.spoken(record(*(open_action(k, None) for k in range(1, 8))))
    assert many[-1] == "Two more promises are recorded."


def test_in_spanish_it_says_as_much_and_no_more() -> None:
    found = BeforeAfter(DESK, None, ("2025 Q4",), ("2026 Q1",), ROW, BESIDE)
    late = open_action(2, date(2026, 6, 1))
    with speaking("es"):
        assert told(found) == (
            "Índice de confianza en Docks: 41 antes (2025 Q4) y 46 después (2026 Q1): una diferencia hacia arriba "
            "de 5 puntos, probablemente entre 1 y 10. Acompañó a lo que se hizo; eso no muestra por qué. Frente a "
            "todas las demás personas en el mismo tiempo, se movió hacia arriba 4 puntos, probablemente hasta 8."
        )
        tally = present.tally_words(record(DESK, late))
        assert tally == "Dos promesas: una cumplida, una planeada. Una está retrasada."
        days = [present.state_words(replace(DESK, done=date(2025, 12, k)), TODAY) for k in (2, 8)]
        assert days == [
            "Hecho el 2 de diciembre de 2025, un día más tarde de lo prometido.",
            "Hecho el 8 de diciembre de 2025, siete días más tarde de lo prometido.",
        ]
        assert present.spoken(record(late)) == [
            "Prometimos: P2. Debía hacerse a más tardar el 1 de junio de 2026. Todavía no está hecho."
        ]


def test_a_theme_of_which_nothing_was_promised() -> None:
    theme = Unanswered("parks", "Parks", "Why?", "2026 Q2", 0.141, 0.112, 0.17)
    assert present.unanswered_line(theme) == (
        "Parks", "of a hundred who answered in 2026 Q2, 14 mentioned it, likely between 11 and 17.",
    )  # fmt: skip


def test_no_sentence_claims_a_cause() -> None:
    everything = " ".join(
        told(BeforeAfter(DESK, None, ("Q1",), ("Q2",), {**ROW, "verdict": v}, BESIDE)) for v in ("up", "down", "none")
    )
    assert not re.search(r"because|thanks to|led to|caused?\b|effect|helped|improved|worked", everything)


def test_the_table_has_everything_that_was_written_down() -> None:
    found = BeforeAfter(DESK, None, ("Q1", "Q2"), ("Q3",), ROW, BESIDE)
    row = actions_table(record(DESK, found=found)).iloc[0]
    assert (row["promised"], row["area"], row["due"], row["done"]) == (
        "Open a desk in the library.", "Docks", "2025-12-01", "2025-12-08",
    )  # fmt: skip
    assert (row["wave_before"], row["wave_after"], row["diff"], row["verdict"]) == ("Q1, Q2", "Q3", 5.2, "up")
    assert (row["against_others_diff"], row["against_others_verdict"], row["overdue"]) == (4.1, "up", False)
