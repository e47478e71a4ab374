"""When residents answered: every way of writing a time, days in the right place, nothing made up."""

from __future__ import annotations

import warnings
from datetime import date, datetime, timedelta

import numpy as np
import pytest
from files import csv_text, read_here, taken_in
from hypothesis import given, strategies as st

from trustsurvey.harmonise import Problem, decide, timing
from trustsurvey.harmonise.timing import parse_times
from trustsurvey.mapping_file import mapping_from_yaml
from trustsurvey.model import ColumnMap, Mapping


def one(text: str, day_first: bool | None = None) -> str:
    """One time in ISO form to the second, empty where it cannot be read."""
    (found,) = parse_times([text], day_first)
    return "" if np.isnat(found) else str(found)[:19]


# --- forms of a time ------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("2026-05-03 09:05:01", "2026-05-03T09:05:01"),
        ("2026-05-03T09:05:01.123Z", "2026-05-03T09:05:01"),
        ("2026-05-03", "2026-05-03T00:00:00"),
        ("20260503", "2026-05-03T00:00:00"),
        ("05/13/2026 09:05:01 PM", "2026-05-13T21:05:01"),
        ("5/13/2026 9:05", "2026-05-13T09:05:00"),
        ("13/05/2026", "2026-05-13T00:00:00"),
        ("13.05.2026 09:05", "2026-05-13T09:05:00"),
        ("3.5.2026", "2026-05-03T00:00:00"),
        ("29-12-2018 23:46", "2018-12-29T23:46:00"),
        ("5/13/26", "2026-05-13T00:00:00"),
        ("May 3, 2026", "2026-05-03T00:00:00"),
        ("3 May 2026 09:05", "2026-05-03T09:05:00"),
        ("2026/05/03 9:05:01 PM", "2026-05-03T21:05:01"),
        ("2026/05/03 9:05:01 PM GMT+2", "2026-05-03T21:05:01"),
        ("2026/05/03 9:05:01 PM GMT+5:30", "2026-05-03T21:05:01"),
        ("2026/05/03 9:05:01 am EET", "2026-05-03T09:05:01"),
        ("2026/05/03 9:05:01 AM MDT", "2026-05-03T09:05:01"),
    ],
)
@pytest.mark.parametrize("day_first", [None, True, False])
def test_a_time_is_read_as_it_is_written(text: str, expected: str, day_first: bool | None) -> None:
    if text == "3.5.2026" and day_first is False:
        expected = "2026-03-05T00:00:00"
    assert one(text, day_first) == expected


@pytest.mark.parametrize(
    "text",
    ["", "x", "now", "today", "tomorrow", "5", "46143.5", "2026-02-30", "31/31/2026", "[not completed]", "1e400"],
)
def test_what_is_no_time_is_none(text: str) -> None:
    assert one(text) == ""


@pytest.mark.parametrize("text", ["9999-12-31", "9999-12-31 00:00:00", "0001-01-01", "12/31/9999", "1/1/1753"])
def test_dates_that_stand_for_no_date_are_none(text: str) -> None:
    assert one(text) == ""
    assert str(parse_times([text, "2026-05-03"], None)[1])[:10] == "2026-05-03"


# --- the order of day and month -------------------------------------------------------------------


def test_one_number_above_12_tells_the_order_for_all() -> None:
    assert [str(t)[:10] for t in parse_times(["03/04/2026", "13/04/2026"], None)] == ["2026-04-03", "2026-04-13"]
    assert [str(t)[:10] for t in parse_times(["03/04/2026", "04/13/2026"], None)] == ["2026-03-04", "2026-04-13"]


def test_what_the_platform_says_yields_to_a_number_above_12() -> None:
    assert [str(t)[:10] for t in parse_times(["03/04/2026", "13/04/2026"], False)] == ["2026-04-03", "2026-04-13"]
    assert [str(t)[:10] for t in parse_times(["03/04/2026", "04/13/2026"], True)] == ["2026-03-04", "2026-04-13"]


def test_where_nothing_tells_the_month_comes_first_unless_said_or_dotted() -> None:
    assert one("03/04/2026") == one("03/04/2026", False) == "2026-03-04T00:00:00"
    assert one("03/04/2026", True) == "2026-04-03T00:00:00"
    assert one("03.04.2026") == "2026-04-03T00:00:00"


def test_a_year_in_front_is_followed_by_the_month_whatever_is_said() -> None:
    assert one("2026/04/03 9:05:01 AM GMT+2", True) == "2026-04-03T09:05:01"


FORMS = [
    "%Y-%m-%d %H:%M:%S", "%m/%d/%Y %I:%M:%S %p", "%m/%d/%Y %H:%M", "%d.%m.%Y %H:%M", "%d/%m/%Y", "%Y/%m/%d %I:%M:%S %p",
    "%d-%m-%Y %H:%M:%S", "%d %B %Y",
]  # fmt: skip


@given(
    form=st.sampled_from(FORMS),
    moments=st.lists(st.datetimes(datetime(2015, 1, 1), datetime(2030, 1, 1)), min_size=1, max_size=12),
)
def test_a_column_of_times_comes_back(form: str, moments: list[datetime]) -> None:
    texts = [moment.strftime(form) for moment in moments]
    found = parse_times(texts, form.index("%d") < form.index("%m") if "%m" in form else True)
    assert found.tolist() == np.array([datetime.strptime(t, form) for t in texts], "M8[ns]").tolist()


def test_forms_may_be_mixed_and_gaps_stay_gaps() -> None:
    texts = ["5/13/2026 9:05", "", "5/14/2026", "May 15, 2026", "x"]
    assert [str(t)[:10] for t in parse_times(texts, None)] == ["2026-05-13", "NaT", "2026-05-14", "2026-05-15", "NaT"]
    assert len(parse_times([], None)) == 0


def test_reading_times_makes_no_noise() -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        for text in ("13/05/2026", "05/13/2026", "x", "", "3.5.2026 9:05", "2026/05/03 9:05:01 PM MDT"):
            for day_first in (None, True, False):
                one(text, day_first)


def test_a_hundred_thousand_local_times_are_no_burden() -> None:
    start = datetime(2026, 1, 1)
    texts = [(start + timedelta(seconds=k)).strftime("%m/%d/%Y %I:%M:%S %p") for k in range(100_000)]
    assert not np.isnat(parse_times(texts, False)).any()


# --- the period and the pace ----------------------------------------------------------------------


def mapping(*roles: str) -> Mapping:
    return Mapping(tuple(ColumnMap(role, role) for role in roles))  # type: ignore[arg-type]


def test_the_period_runs_from_the_first_start_to_the_last_end_of_the_rows_kept() -> None:
    raw = read_here(
        "start,end\n2026-05-01 23:50,2026-05-02 00:10\n2026-04-20 10:00,2026-04-20 10:05\n2026-05-03 10:00,x\n"
    )
    both, keep = mapping("start", "end"), np.array([True, False, True])
    assert timing.period(raw, both, keep) == (date(2026, 5, 1), date(2026, 5, 2))
    assert timing.period(raw, mapping("start"), keep) == (date(2026, 5, 1), date(2026, 5, 3))
    assert timing.period(raw, mapping("end"), keep) == (date(2026, 5, 2), date(2026, 5, 2))
    assert timing.period(raw, mapping(), keep) == (None, None)
    assert timing.period(raw, both, np.array([False, False, False])) == (None, None)


def test_the_pace_is_stated_or_counted() -> None:
    raw = read_here("start,end,duration\n2026-05-01 09:00,2026-05-01 09:05,77\n2026-05-01 09:00,,x\n")
    assert timing.seconds(raw, mapping("start", "end", "duration"))[0] == 77
    counted = timing.seconds(raw, mapping("start", "end"))
    assert counted is not None
    assert counted[0] == 300
    assert np.isnan(counted[1])
    assert timing.seconds(raw, mapping("end")) is None


def test_texts_and_times_are_none_without_a_column() -> None:
    raw = read_here("a,b\n1,2\n")
    assert timing.texts(raw, mapping(), "id") is None
    assert timing.times(raw, mapping(), "start", "end") is None


def test_the_days_of_a_wave_can_be_stated() -> None:
    text = csv_text([["kind", "when"], [4, "2026-05-03"], [5, "2026-05-09"]])
    columns = "  kind: {item: kind}\n  when: end"
    assert (taken_in(text, columns).wave.start, taken_in(text, columns).wave.end) == (
        date(2026, 5, 3),
        date(2026, 5, 9),
    )
    wave = taken_in(text, columns, start=date(2026, 4, 1), end=date(2026, 6, 30)).wave
    assert (wave.start, wave.end) == (date(2026, 4, 1), date(2026, 6, 30))


def test_a_date_that_stands_for_none_does_not_stretch_the_wave() -> None:
    text = csv_text([["kind", "when"], [4, "2026-05-03"], [5, "9999-12-31"]])
    assert taken_in(text, "  kind: {item: kind}\n  when: end").wave.end == date(2026, 5, 3)


# --- asked ------------------------------------------------------------------------------------------


def dates_asked(*cells: str, rule: str = "") -> Problem | None:
    raw = read_here(csv_text([["kind", "when"], *[[k % 5 + 1, cell] for k, cell in enumerate(cells)]]))
    mapping = mapping_from_yaml(f"{rule}\ncolumns: {{kind: {{item: kind}}, when: end}}")
    return timing.date_problem(raw, mapping)


def test_dates_that_may_be_two_days_are_asked_about() -> None:
    problem = dates_asked("03/05/2021 10:00", "04/05/2021", "09/05/2021", "12/05/2021")
    assert problem is not None
    assert [choice.text for choice in problem.choices] == ["The day first: 3 May 2021", "The month first: 5 March 2021"]
    assert problem.suggestion == "The day first: 3 May 2021"
    assert (problem.count, problem.rows) == (4, (2, 3, 4, 5))
    mapping = mapping_from_yaml("columns: {kind: {item: kind}, when: end}")
    assert decide(mapping, problem, problem.suggestion).day_first is True
    month = dates_asked("03/05/2021", "03/07/2021", "03/12/2021")
    assert month is not None
    assert month.suggestion.startswith("The month first")
    far = dates_asked("01/05/2021", "05/01/2021")
    assert far is not None
    assert far.suggestion == ""


@pytest.mark.parametrize(
    ("cells", "rule"),
    [
        (("03/05/2021", "13/05/2021"), ""),
        (("03/05/2021", "05/13/2021"), ""),
        (("03.05.2021", "04.05.2021"), ""),
        (("2021-05-03", "2021-04-05"), ""),
        (("03/03/2021", "04/04/2021"), ""),
        (("03/05/2021", "04/05/2021"), "day_first: true"),
        (("", ""), ""),
    ],
)
def test_dates_that_are_clear_are_not(cells: tuple[str, ...], rule: str) -> None:
    assert dates_asked(*cells, rule=rule) is None


def test_a_reading_that_lies_in_the_future_is_not_suggested() -> None:
    year = date.today().year + 1
    problem = dates_asked(f"01/12/{year}", f"02/12/{year}")
    assert problem is not None
    assert problem.suggestion == ""
