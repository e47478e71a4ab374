"""Which rows count: test answers, duplicates and partial answers go, each for its first reason; doubts are told."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from builders import refusal
from files import CORE, SMALL, TRUST, csv_text, items_of, qualtrics_rows, read_here, taken_in
from hypothesis import given, settings, strategies as st

from trustsurvey.harmonise import Harmonised, quality
from trustsurvey.harmonise.rows import device_keys
from trustsurvey.harmonise.values import ANSWERED, BLANK, DONT_KNOW, LEFT_OUT, NOT_APPLICABLE, REFUSED
from trustsurvey.model import ColumnMap, Mapping

ID = "same respondent id as an earlier row"
DEVICE = "same device as an earlier row within a day"
PARTIAL = "answered less than 50% of the questions put to everyone"
SAME = "identical to an earlier row in every answer"
TESTS = "test answers and previews"


def kept(result: Harmonised) -> list[int]:
    return result.wave.people["source_row"].tolist()


def answers(k: int) -> list[str]:
    """Ten answers that differ between residents."""
    return [str((k * 7 + j * j) % 5 + 1) for j in range(10)]


def small_table(head: str, rows: list[tuple[object, ...]], columns: str, rule: str = "") -> Harmonised:
    """Rows that end in an answer to 'kind'; the columns before it are mapped by ``columns``."""
    return taken_in(
        csv_text([[*head.split(","), "kind"], *rows]), f"{rule}\ncolumns:\n{columns}\n  kind: {{item: kind}}"
    )


# --- test answers ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("status", "numeric"),
    [("Survey Preview", False), ("survey test", False), ("Spam", False), ("1", True), ("8", True)],
)
def test_previews_go(status: str, numeric: bool) -> None:
    usual = "0" if numeric else "IP Address"
    rows = qualtrics_rows([("Q1", "Q")], [["4"], ["4"], ["5"]], numeric, status=[usual, status, usual])
    columns = "  Status: status\n  ResponseId: id\n  Q1: {item: kind}"
    result = taken_in(csv_text(rows), f"platform: qualtrics\ncolumns:\n{columns}")
    assert kept(result) == [4, 6]
    assert result.wave.report.dropped == ((TESTS, 1),)
    everyone = taken_in(csv_text(rows), f"platform: qualtrics\nkeep_tests: true\ncolumns:\n{columns}")
    assert kept(everyone) == [4, 5, 6]


def test_only_the_words_of_the_platform_mark_a_test() -> None:
    rows = csv_text([["Status", "kind"], ["Survey Preview", "4"], ["0", "5"], ["", "3"]])
    assert kept(taken_in(rows, "  Status: status\n  kind: {item: kind}")) == [2, 3, 4]


def test_rows_that_the_survey_tool_ruled_out_go_and_partial_ones_are_judged_by_their_answers() -> None:
    heads = ["Response ID", "Time Started", "Date Submitted", "Status", "kind"]
    states = ["Complete", "Partial", "Disqualified", "Complete"]
    rows = [heads, *([str(k), "2026-05-01 09:00:00", "", state, "4"] for k, state in enumerate(states))]
    columns = "  Status: status\n  Response ID: id\n  kind: {item: kind}"
    result = taken_in(csv_text(rows), f"platform: alchemer\npartial_below: 0\ncolumns:\n{columns}")
    assert kept(result) == [2, 3, 5]
    assert result.wave.report.dropped == (("turned away or ruled out in the survey tool", 1),)


def test_several_columns_of_states_are_read_together() -> None:
    rows = qualtrics_rows(
        [("Q1", "Q"), ("Q_TerminateFlag", "Q_TerminateFlag")], [["4", ""], ["4", "Screened"], ["5", ""]]
    )
    columns = "  Status: status\n  Finished: status\n  Q_TerminateFlag: status\n  ResponseId: id\n  Q1: {item: kind}"
    assert kept(taken_in(csv_text(rows), f"platform: qualtrics\ncolumns:\n{columns}")) == [4, 6]


# --- duplicates -----------------------------------------------------------------------------------


def test_the_second_row_of_an_id_goes() -> None:
    result = small_table("id", [("a", 1), ("b", 2), ("a", 3), ("", 4), ("", 4), ("A", 5)], "  id: id")
    assert kept(result) == [2, 3, 5, 6, 7]
    assert result.wave.report.dropped == ((ID, 1),)
    assert result.wave.report.rows_kept == 5


def test_duplicates_stay_on_request() -> None:
    rows = [("a", "198.51.100.1", "x", "2026-05-01 09:00", 1)] * 3
    columns = "  id: id\n  ip: device\n  agent: device\n  when: end"
    assert kept(small_table("id,ip,agent,when", rows, columns)) == [2]
    result = small_table("id,ip,agent,when", rows, columns, "keep_duplicates: true")
    assert kept(result) == [2, 3, 4]
    assert not result.wave.report.notices


@pytest.mark.parametrize(
    ("hours", "dropped"),
    [((0, 1), [False, True]), ((1, 0), [True, False]), ((0, 24), [False, True]), ((0, 25), [False, False]),
     ((0, 20, 44), [False, True, True]), ((0, None), [False, False])],
)  # fmt: skip
def test_the_same_device_within_a_day(hours: tuple[int | None, ...], dropped: list[bool]) -> None:
    start = np.datetime64("2026-05-01T00:00")
    when = np.array([np.datetime64("NaT") if h is None else start + np.timedelta64(h, "h") for h in hours], "M8[ns]")
    devices = np.array(["x"] * len(hours), dtype=object)
    assert quality.same_device(devices, when).tolist() == dropped
    assert not quality.same_device(np.array([""] * len(hours), dtype=object), when).any()
    assert not quality.same_device(devices, None).any()


def test_an_address_alone_drops_nobody_but_is_told() -> None:
    rows = [("198.51.100.1", f"2026-05-01 0{k}:00", k) for k in range(1, 6)]
    result = small_table("ip,when", rows, "  ip: device\n  when: end")
    assert kept(result) == [2, 3, 4, 5, 6]
    (notice,) = result.wave.report.notices
    assert notice.code == "quality.address"
    assert notice.text.startswith("4 answers")


def test_an_address_and_a_browser_tell_a_device() -> None:
    rows = [
        ("198.51.100.1", "x", "2026-05-01 09:00", 1),
        ("198.51.100.1", "y", "2026-05-01 09:00", 2),
        ("198.51.100.1", "x", "2026-05-01 10:00", 3),
        ("198.51.100.1", "x", "2026-05-09 10:00", 4),
        ("", "x", "2026-05-01 10:00", 5),
        ("", "x", "2026-05-01 10:00", 5),
    ]
    result = small_table("ip,agent,when", rows, "  ip: device\n  agent: device\n  when: end")
    assert kept(result) == [2, 3, 5, 6, 7]
    assert result.wave.report.dropped == ((DEVICE, 1),)
    assert not result.wave.report.notices


def test_a_device_is_all_its_columns_or_nothing() -> None:
    raw = read_here("ip,agent\n1,x\n1,\n,x\n11,x\n1,1x\n")
    mapping = Mapping((ColumnMap("ip", "device"), ColumnMap("agent", "device")))
    keys = device_keys(raw, mapping).tolist()
    assert keys[1:3] == ["", ""]
    assert len({keys[0], keys[3], keys[4]}) == 3


def identical_of(*rows: list[float]) -> list[bool]:
    return quality.identical(pd.DataFrame(list(rows), dtype=float), []).tolist()


def test_eight_answers_of_three_kinds_make_a_duplicate() -> None:
    varied = [1, 2, 3, 1, 2, 3, 1, 2]
    assert identical_of(varied, varied, varied) == [False, True, True]
    assert identical_of(varied[:7], varied[:7]) == [False, False]
    assert identical_of([4] * 12, [4] * 12) == [False, False]
    assert identical_of([4, 5] * 6, [4, 5] * 6) == [False, False]
    assert identical_of([*varied, np.nan], [*varied, np.nan]) == [False, True]
    assert identical_of([*varied, np.nan], [*varied, 1]) == [False, False]
    assert quality.identical(pd.DataFrame(), []).tolist() == []


def test_whatever_else_was_asked_must_be_the_same_too() -> None:
    ids = CORE[:10]
    rows = [[*answers(1), area, why] for area, why in (("N", "x"), ("N", "x"), ("S", "x"), ("N", "y"))]
    columns = "\n".join(f"  {name}: {{item: {name}}}" for name in ids)
    result = taken_in(
        csv_text([[*ids, "sex", "why"], *rows]), columns + "\n  sex: {group: sex}\n  why: {text: oe1}", TRUST
    )
    assert kept(result) == [2, 4, 5]
    assert result.wave.report.dropped == ((SAME, 1),)


# --- partial answers ------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("reasons", "dropped"),
    [
        ((ANSWERED, ANSWERED, BLANK, BLANK), False),
        ((ANSWERED, BLANK, BLANK, BLANK), True),
        ((ANSWERED, DONT_KNOW, BLANK, BLANK), False),
        ((ANSWERED, REFUSED, BLANK, BLANK), True),
        ((ANSWERED, NOT_APPLICABLE, LEFT_OUT, BLANK), True),
        ((BLANK,) * 4, True),
    ],
)
def test_half_of_the_questions_must_be_met(reasons: tuple[int, ...], dropped: bool) -> None:
    missing = pd.DataFrame([reasons], columns=["kind", "fair", "rude", "safe"])
    assert quality.partial(missing, SMALL, 0.5).tolist() == [dropped]
    assert quality.partial(missing, SMALL, 0).tolist() == [False]


def test_questions_put_to_some_only_do_not_count() -> None:
    missing = pd.DataFrame({"kind": [ANSWERED], "met": [BLANK]})
    assert quality.partial(missing, SMALL, 1.0).tolist() == [False]
    assert quality.partial(missing[["met"]], SMALL, 1.0).tolist() == [False]


def test_the_share_can_be_stated() -> None:
    text = csv_text([["kind", "fair", "rude"], [1, "", ""], [1, 2, ""], [1, 2, 3]])
    columns = "columns:\n  kind: {item: kind}\n  fair: {item: fair}\n  rude: {item: rude}"
    assert kept(taken_in(text, f"partial_below: 0\n{columns}")) == [2, 3, 4]
    assert kept(taken_in(text, columns)) == [3, 4]
    result = taken_in(text, f"partial_below: 0.7\n{columns}")
    assert kept(result) == [4]
    assert result.wave.report.dropped == (("answered less than 70% of the questions put to everyone", 2),)


def test_nobody_left_is_refused() -> None:
    with refusal("map.nobody", "survey.csv", f"2 {PARTIAL}", "marked as questions"):
        taken_in("kind,area\n,Docks\nNA,Mill\n", "columns:\n  kind: {item: kind}")


# --- the order of the rules -----------------------------------------------------------------------


def test_a_row_goes_for_its_first_reason_and_makes_nobody_a_duplicate() -> None:
    """A preview with somebody's id or device, and a partial answer with somebody's words, harm nobody."""
    ids = CORE[:10]
    blank = [""] * 10
    people = [
        ("R1", "1", *answers(0)),  # a preview under the id of the next row
        ("R1", "0", *answers(0)),
        ("R1", "0", *answers(1)),  # the same id
        ("R2", "0", *blank),  # partial
        ("R3", "0", *answers(0)),  # the same answers
        ("R4", "1", *blank),  # a preview before all else
    ]
    text = csv_text([["id", "status", *ids], *people])
    columns = "\n".join(f"  {name}: {{item: {name}}}" for name in ids)
    result = taken_in(text, f"platform: qualtrics\ncolumns:\n  id: id\n  status: status\n{columns}", TRUST)
    assert kept(result) == [3]
    assert result.wave.report.dropped == ((TESTS, 2), (ID, 1), (PARTIAL, 1), (SAME, 1))
    assert result.wave.report.rows_read == 6
    assert result.wave.report.rows_kept == len(result.wave) == 1


RECORD = st.tuples(
    st.sampled_from(["", "a", "b", "c"]), st.sampled_from(["0", "1"]), st.sampled_from([0, 1, 2]), st.booleans()
)


@settings(max_examples=40)
@given(records=st.lists(RECORD, min_size=1, max_size=12))
def test_rows_add_up_and_keep_their_order(records: list[tuple[str, str, int, bool]]) -> None:
    ids = CORE[:10]
    rows = [["x", "0", *answers(9)], *([i, s, *(answers(k) if full else [""] * 10)] for i, s, k, full in records)]
    mapping = Mapping((ColumnMap("id", "id"), ColumnMap("status", "status"), *items_of(*ids)), platform="qualtrics")
    wave = taken_in(csv_text([["id", "status", *ids], *rows]), mapping, TRUST).wave
    report = wave.report
    numbers = wave.people["source_row"].to_numpy()
    assert report.rows_read == len(rows)
    assert report.rows_kept == len(wave) == len(wave.answers) == len(wave.missing) == len(wave.design.weights)
    assert (np.diff(numbers) > 0).all()
    for number in numbers:
        identifier, status, *_ = rows[number - 2]
        assert status == "0"
        assert not identifier or [r[0] for r in rows[: number - 2] if r[1] == "0"].count(identifier) == 0
        assert wave.answers.loc[list(numbers).index(number)].tolist() == [float(v) for v in rows[number - 2][2:]]


# --- doubts ---------------------------------------------------------------------------------------


def test_hasty_answers_are_told_and_kept() -> None:
    seconds = np.array([300.0] * 20 + [90, 99, 100, np.nan])
    (doubt,) = quality.doubts(pd.DataFrame(index=range(24)), TRUST, seconds, None)
    notice = doubt.notice
    assert notice.code == "quality.speed"
    assert notice.text.startswith("2 answers")
    assert "5 minutes" in notice.text
    assert not quality.doubts(pd.DataFrame(index=range(5)), TRUST, seconds[15:20], None)


def test_the_same_answer_throughout_is_told_where_statements_are_turned_round() -> None:
    block = ["pj1", "pj2", "pj3", "pj4", "pj5r"]
    frame = pd.DataFrame([[4.0] * 5, [4, 4, 4, 4, 2], [4, 4, 4, 4, np.nan], [np.nan] * 5], columns=block)
    (doubt,) = quality.doubts(frame, TRUST, None, None)
    notice = doubt.notice
    assert (notice.code, notice.text.split()[0]) == ("quality.straight", "1")
    assert not quality.doubts(frame[block[:4]], TRUST, None, None)
    assert not quality.doubts(frame.assign(pj5r=frame["pj1"])[block[:4]], TRUST, None, None)


def test_nothing_doubtful_needs_no_notice() -> None:
    assert quality.doubts(pd.DataFrame({"pj1": [1.0, 2.0]}), TRUST, None, np.array([False, False])) == []
