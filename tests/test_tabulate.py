"""Tables that are asked for: what is refused, what is protected, and the command line that gives the same."""

from __future__ import annotations

import io
import itertools
import shlex
from collections.abc import Callable
from dataclasses import replace
from datetime import date
from typing import Any, get_args

import numpy as np
import pandas as pd
import pytest
from builders import margins_of, refusal, row_of
from conftest import Told
from hypothesis import given, strategies as st
from stores import INSTRUMENT, STUDY, put, small_wave
from test_export_tables import planted, weighted

from trustsurvey.errors import SurveyError
from trustsurvey.export.workbook import csv_bytes
from trustsurvey.model import Study, Wave
from trustsurvey.scales.scoring import score
from trustsurvey.store import Store
from trustsurvey.tabulate import Request, Statistic, groupings, spoken, tabulate
from trustsurvey.weighting.weigh import rake
from trustsurvey.workflow import load_waves

QUARTERS = [(date(2025, m, 1), date(2025, m + 2, 28)) for m in (1, 4, 7, 10)]


def quarters(count: int = 4) -> list[Wave]:
    """Waves of one year: seven residents of Docks and four of the sex "x" in each."""
    return [
        score(replace(weighted(planted(k + 1)), start=start, end=end))
        for k, (start, end) in enumerate(QUARTERS[:count])
    ]


@pytest.fixture(scope="module")
def year() -> list[Wave]:
    return quarters()


@pytest.fixture(scope="module")
def counts(year: list[Wave]) -> list[Wave]:
    """The same waves weighted to numbers of people."""
    margins = margins_of(district={"East": 20_000, "West": 30_000}, sex={"f": 25_000, "m": 24_000, "x": 1_000})
    return [rake(wave, margins) for wave in year]


@pytest.fixture(scope="module")
def bare() -> list[Wave]:
    """A wave of which nothing is known but the answers."""
    wave = small_wave(n=120)
    return [score(replace(wave, people=wave.people[["respondent", "source_row"]], areas=(), groups=()))]


@pytest.fixture
def town(own_home: Any) -> Store:
    store = Store.open()
    store.create_study(STUDY)
    for k, (start, end) in enumerate(QUARTERS[:3]):
        wave = replace(weighted(planted(k + 1)), start=start, end=end)
        put(store, wave, f"d{k}")
        store.save_weighting("town", wave)
    return store


# --- what can be asked for -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("field", "value", "words"),
    [
        ("stat", "mode", "There is no statistic 'mode'"),
        ("variance", "magic", "There is no variance 'magic'"),
        ("interval", "wide", "There is no interval 'wide'"),
    ],
)
def test_an_unknown_choice_names_those_there_are(field: str, value: str, words: str) -> None:
    with refusal("table.choice", words) as told:
        Request(**{field: value})  # type: ignore[arg-type]
    assert str(getattr(Request(), field)) in told.expected


def test_a_jackknife_does_not_serve_medians_and_a_bootstrap_does() -> None:
    with refusal("table.median", "bootstrap"):
        Request(stat="median", variance="jackknife")
    assert Request(stat="median", variance="bootstrap").stat == "median"


def test_crossed_tables_are_refused_from_a_rolling_year() -> None:
    with refusal("table.crossed", "rolling year", "wave alone"):
        Request(by=(("ward", "sex"),), pooled=True)
    assert Request(by=(("ward", "sex"),)).crossed
    assert not Request(by=(("ward",), ("sex",)), pooled=True).crossed


def test_a_grouping_is_not_crossed_with_itself() -> None:
    with refusal("table.twice", "sex x sex"):
        Request(by=(("sex", "sex"),))


def test_what_is_asked_twice_is_told_once(year: list[Wave]) -> None:
    twice = tabulate(year, 0, STUDY, Request(("trust", "trust"), (("sex",), ("sex",)))).table
    pd.testing.assert_frame_equal(twice, tabulate(year, 0, STUDY, Request(("trust",), (("sex",),))).table)


def test_all_indices_are_told_of_where_none_is_named(year: list[Wave], bare: list[Wave]) -> None:
    table = tabulate(year, 1, STUDY, Request()).table
    assert table["measure"].tolist() == [index.key for index in INSTRUMENT.indices]
    assert set(tabulate(bare, 0, Study("town", "Town", INSTRUMENT), Request()).table["by"]) == {""}


@pytest.mark.parametrize("by", ["planet", "respondent", "source_row", ""])
def test_an_unknown_grouping_names_those_there_are(year: list[Wave], by: str) -> None:
    for variables in ((by,), ("sex", by)):
        with refusal("estimate.by", f"no '{by}'", "'district', 'ward', 'sex'"):
            tabulate(year, 1, STUDY, Request(("trust",), (variables,)))


def test_a_wave_without_groups_can_be_told_of_as_a_whole_alone(bare: list[Wave]) -> None:
    study = Study("town", "Town", INSTRUMENT)
    with refusal("estimate.by", "no 'sex'"):
        tabulate(bare, 0, study, Request(("trust",), (("sex",),)))
    table = tabulate(bare, 0, study, Request(("trust", "safe"))).table
    assert table["n"].between(80, 120).all()
    assert table["est"].between(0, 100).all()


def test_an_unknown_measure_names_those_there_are(year: list[Wave]) -> None:
    with refusal("estimate.measure", "no measure 'happiness'", "'trust'"):
        tabulate(year, 1, STUDY, Request(("happiness",)))


def test_dont_know_is_told_of_questions(year: list[Wave]) -> None:
    with refusal("table.items", "'trust'", "'safe'"):
        tabulate(year, 1, STUDY, Request(("trust", "fair"), stat="dont-know"))
    (measure,) = set(tabulate(year, 1, STUDY, Request(("fair",), stat="dont-know")).table["measure"])
    assert measure == "don't know: fair"


def test_an_unknown_treatment_of_single_units_is_refused(year: list[Wave]) -> None:
    with pytest.raises(SurveyError, match="'bogus'"):
        tabulate(year, 1, STUDY, Request(("trust",), lonely="bogus"))  # type: ignore[arg-type]


def test_without_a_rolling_year_it_is_said_what_makes_one(year: list[Wave]) -> None:
    with refusal("table.year", "Q2", "eight months", "wave alone"):
        tabulate(year, 1, STUDY, Request(("trust",), pooled=True))


def test_a_rolling_year_holds_the_answers_of_its_waves(year: list[Wave]) -> None:
    table = tabulate(year, 3, STUDY, Request(("trust",), (("ward",),), pooled=True)).table
    assert row_of(table, by="")["n"] == sum(len(wave) for wave in year)
    assert set(table["wave"]) == {"Q1 to Q4"}
    assert row_of(table, level="Docks")["suppressed"] == "too few answers"  # 28 of them


# --- nothing hidden is given away -------------------------------------------------------------------------------


def asked(stat: Statistic, by: tuple[tuple[str, ...], ...] = (), **more: Any) -> Request:
    """A request that the statistic can answer."""
    measures = {"number": ("fair", "people"), "answers": ("fair",), "dont-know": ("fair",)}.get(stat, ("trust",))
    return Request(measures, by, stat, over="safety" if stat == "ratio" else "", **more)


@pytest.mark.parametrize("stat", get_args(Statistic))
@pytest.mark.parametrize("by", [(("ward",), ("sex",)), (("ward", "sex"),), (("district",), ("ward",), ("ward", "sex"))])
def test_no_number_under_ten_is_shown_nor_follows_from_sums(
    counts: list[Wave], stat: Statistic, by: tuple[tuple[str, ...], ...]
) -> None:
    table = tabulate(counts, 1, STUDY, asked(stat, by)).table
    assert not (table["n"] < 10).any()
    hidden = table["n"].isna()
    assert table.loc[hidden & ~table["guarded"], ["est", "se", "lci", "uci", "n_eff", "df"]].isna().all(axis=None)
    assert table.loc[table["guarded"], ["se", "n_eff", "df"]].isna().all(axis=None)
    assert (table.loc[table["by"] == "", "n"] == 997).all()
    for _, rows in table[table["by"] != ""].groupby(["measure", "by"]):
        secret = int(rows["n"].isna().sum())
        assert secret != 1, "one hidden number follows from the others"
        assert secret == 0 or 997 - rows["n"].sum() >= 10


def test_replicates_show_no_more_than_linearisation(year: list[Wave]) -> None:
    asked = Request(("trust",), (("sex",),))
    plain, drawn = (tabulate(year, 1, STUDY, replace(asked, variance=v)).table for v in ("taylor", "bootstrap"))
    assert plain["n"].isna().tolist() == drawn["n"].isna().tolist()
    assert plain["suppressed"].tolist() == drawn["suppressed"].tolist()


# --- the command line ---------------------------------------------------------------------------------------------


def test_groupings_are_read_from_text() -> None:
    assert groupings(()) == ()
    assert groupings(["age", "ward x sex"]) == (("age",), ("ward", "sex"))


def test_what_is_not_chosen_is_not_said() -> None:
    assert spoken("a", one=None, two=False, three="", four=(), five=True, six=("x", "y z")) == (
        "a --five --six x --six 'y z'"
    )


@given(st.text(st.characters(blacklist_categories=["Cs"], blacklist_characters="\0"), min_size=1))
def test_any_name_comes_through_a_shell(name: str) -> None:
    words = shlex.split(Request(("trust",)).command("town", name))
    assert words == ["trustsurvey", "estimate", "town", "--wave", name, "--measure", "trust"]


ASKED = [
    Request(),
    Request(("trust", "safe"), (("ward",), ("sex",))),
    Request(("trust",), (("ward", "sex"), ("district",))),
    Request(("fair", "rude"), (("sex",),), "positive", interval="logit"),
    Request(("fair",), (("ward",),), "dont-know", lonely="average"),
    Request(("trust",), (("sex",),), "median"),
    Request(("trust",), (("sex",),), variance="bootstrap"),
    Request(("safe",), (("sex",),), "positive", "jackknife"),
    Request(("trust",), (("ward",), ("sex",)), pooled=True),
]


@pytest.mark.parametrize("request_", ASKED, ids=lambda r: r.command("town", "Q3")[36:] or "all")
def test_the_command_line_gives_the_same_table(request_: Request, town: Store, run: Callable[..., Told]) -> None:
    waves, study = load_waves(town, "town", "Q3")
    words = shlex.split(request_.command("town", "Q3"))
    assert words[0] == "trustsurvey"
    told = run(*words[1:], "--csv")
    assert (told.code, told.err) == (0, "")
    ours = csv_bytes(tabulate(waves, len(waves) - 1, study, request_).table).decode("utf-8-sig")
    pd.testing.assert_frame_equal(
        pd.read_csv(io.StringIO(told.out.lstrip("\ufeff"))), pd.read_csv(io.StringIO(ours)), check_exact=False
    )


def test_each_choice_is_said_and_changes_the_command() -> None:
    plain = Request(("trust",))
    others = [
        replace(plain, stat="median"), replace(plain, variance="bootstrap"), replace(plain, interval="logit"),
        replace(plain, lonely="adjust"), replace(plain, pooled=True), replace(plain, by=(("sex",),)),
    ]  # fmt: skip
    said = [asked.command("town", "Q1") for asked in (plain, *others)]
    assert all(one != other for one, other in itertools.combinations(said, 2))
    assert np.all([len(one) > len(said[0]) for one in said[1:]])
