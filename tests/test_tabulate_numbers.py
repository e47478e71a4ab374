"""Numbers of people, totals, ratios and answers as tables: equal to the package's, and never telling a hidden one."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from builders import make_wave, margins_of, refusal, row_of
from stores import INSTRUMENT, STUDY, small_wave
from test_tabulate import quarters

from trustsurvey.disclosure.gate import protect
from trustsurvey.estimation.means import estimate
from trustsurvey.estimation.ratios import ratio
from trustsurvey.model import Estimates, Scale, Study, Wave
from trustsurvey.replication.estimates import estimate_replicates
from trustsurvey.replication.replicates import replicate
from trustsurvey.scales.scoring import positive, score
from trustsurvey.tabulate import Request, Statistic, Variance, sentences, tabulate
from trustsurvey.weighting.weigh import rake

BY = (("ward",), ("sex",))
NUMBERS = ["est", "se", "lci", "uci", "n", "df"]


@pytest.fixture(scope="module")
def counts() -> list[Wave]:
    """A year weighted to numbers of people: seven residents of Docks, four of the sex "x" in each wave."""
    margins = margins_of(district={"East": 20_000, "West": 30_000}, sex={"f": 25_000, "m": 24_000, "x": 1_000})
    return [rake(wave, margins) for wave in quarters()]


@pytest.fixture(scope="module")
def house() -> Wave:
    """A wave with a column of numbers, no small cell, and weights that add to 20,000 people."""
    wave = small_wave(n=400, seed=5)
    sex = pd.Categorical.from_codes(np.arange(400) % 2, ["f", "m"])
    size = np.where(np.arange(400) % 40 == 0, np.nan, 1.0 + np.arange(400) % 5)
    wave = replace(wave, people=wave.people.assign(sex=sex, household=size))
    return score(rake(wave, margins_of(sex={"f": 11_000, "m": 9_000})))


def shown_like(ours: Estimates, theirs: Estimates) -> int:
    """Fail unless every number that our table shows is the package's; how many rows it shows."""
    table, plain = ours.table, theirs.table
    assert table[["measure", "by", "level"]].values.tolist() == plain[["measure", "by", "level"]].values.tolist()
    open_rows = (table["suppressed"] == "") & ~table["guarded"]
    np.testing.assert_allclose(
        table.loc[open_rows, NUMBERS].to_numpy(float), plain.loc[open_rows, NUMBERS].to_numpy(float), rtol=1e-12
    )
    return int(open_rows.sum())


def test_totals_are_the_packages(counts: list[Wave]) -> None:
    ours = tabulate(counts, 1, STUDY, Request(("trust", "safe"), BY, "total"))
    assert shown_like(ours, estimate(counts[1], ["trust", "safe"], ["ward", "sex"], stat="total")) == 8


def test_numbers_of_people_are_totals_of_positive_answers_and_of_everyone(counts: list[Wave]) -> None:
    ours = tabulate(counts, 1, STUDY, Request(("fair", "people"), BY, "number"))
    frame = positive(counts[1], ["fair"]).assign(people=1.0)
    assert shown_like(ours, estimate(counts[1], frame, ["ward", "sex"], stat="total")) == 8
    everyone = row_of(ours.table, measure="people", by="")
    assert (everyone["est"], everyone["se"]) == (pytest.approx(50_000), 0.0)
    assert row_of(ours.table, measure="people", level="Park")["se"] > 0


def test_how_many_people_there_are_is_told_where_no_measure_is_named(counts: list[Wave]) -> None:
    assert set(tabulate(counts, 1, STUDY, Request(stat="number")).table["measure"]) == {"people"}


def test_ratios_are_the_packages(counts: list[Wave]) -> None:
    ours = tabulate(counts, 1, STUDY, Request(("respect", "fair"), BY, "ratio", over="safety"))
    theirs = ratio(counts[1], [("respect", "safety"), ("fair", "safety")], ["ward", "sex"])
    assert shown_like(ours, theirs) == 8
    assert set(ours.table["measure"]) == {"respect/safety", "fair/safety"}


def test_a_ratio_of_nothing_named_is_of_all_other_indices(counts: list[Wave]) -> None:
    table = tabulate(counts, 1, STUDY, Request(stat="ratio", over="safety")).table
    assert table["measure"].tolist() == ["respect/safety", "trust/safety"]


def test_the_ratio_to_people_is_the_mean_of_those_who_answered(house: Wave) -> None:
    table = tabulate([house], 0, STUDY, Request(("household",), (("sex",),), "ratio", over="people")).table
    means = tabulate([house], 0, STUDY, Request(("household",), (("sex",),))).table
    np.testing.assert_allclose(table[["est", "se"]].astype(float), means[["est", "se"]].astype(float), rtol=1e-12)


def test_the_share_of_each_answer(counts: list[Wave]) -> None:
    table = tabulate(counts, 1, STUDY, Request(("fair", "safe"), (("ward",),), "answers")).table
    assert table["measure"].unique().tolist() == [f"{item}: {k}" for item in ("fair", "safe") for k in range(1, 6)]
    park = table[(table["level"] == "Park") & table["measure"].str.startswith("safe")]
    assert park["est"].sum() == pytest.approx(1)
    given = counts[1].answers["safe"]
    chosen = pd.DataFrame({"safe: 4": (given == 4).astype(float).where(given.notna())})
    assert (
        shown_like(
            Estimates(table[table["measure"] == "safe: 4"].reset_index(drop=True)),
            estimate(counts[1], chosen, ["ward"], stat="share"),
        )
        == 3
    )
    told = tabulate(counts, 1, STUDY, Request(("safe",), (("ward",),), "positive")).table
    hidden = table.loc[table["measure"] == "safe: 1", "n"].isna().tolist()
    assert hidden == told["n"].isna().tolist(), "each answer hides what the question hides"


def test_answers_go_by_their_words(house: Wave) -> None:
    scale = Scale("words", 1.0, 5.0, ((1.0, "Never"), (5.0, "Always")), (4.0, 5.0))
    items = tuple(replace(item, scale=scale) for item in house.instrument.items)
    wave = replace(house, instrument=replace(house.instrument, items=items))
    table = tabulate([wave], 0, STUDY, Request(("fair",), (), "answers")).table
    assert table["measure"].tolist() == ["fair: Never", "fair: 2", "fair: 3", "fair: 4", "fair: Always"]
    wide = tuple(replace(item, scale=replace(scale, high=100.0)) for item in items)
    with refusal("table.choices", "'fair'", "median"):
        tabulate([replace(wave, instrument=replace(house.instrument, items=wide))], 0, STUDY,
                 Request(("fair",), (), "answers"))  # fmt: skip


@pytest.mark.parametrize("stat", ["mean", "median", "total"])
def test_columns_of_numbers_are_measures(house: Wave, stat: Statistic) -> None:
    assert house.numbers == ("household",)
    table = tabulate([house], 0, STUDY, Request(("household",), (("sex",),), stat)).table
    assert row_of(table, by="")["n"] == 390
    weights, size = house.weights, house.people["household"].to_numpy()
    told = np.isfinite(size)
    if stat != "median":
        plain = weights[told] @ size[told] / (weights[told].sum() if stat == "mean" else 1)
        assert row_of(table, by="")["est"] == pytest.approx(plain)


def test_the_row_of_the_file_is_no_measure(house: Wave) -> None:
    with refusal("estimate.measure", "'source_row'", "'household'"):
        tabulate([house], 0, STUDY, Request(("source_row",)))


# --- what is refused ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("stat", ["number", "total"])
def test_weights_that_add_to_the_answers_tell_no_numbers_of_people(stat: Statistic) -> None:
    wave = score(small_wave(n=300))
    for shares in (wave, rake(wave, margins_of(district={"East": 50, "West": 50}))):
        with refusal("table.population", "do not add up to the population", "numbers of people"):
            tabulate([shares], 0, STUDY, Request(("fair",), (), stat))
    people = rake(wave, margins_of(district={"East": 500, "West": 500}))
    assert len(tabulate([people], 0, STUDY, Request(("fair",), (), stat)).table) == 1


@pytest.mark.parametrize(
    ("request_", "words"),
    [
        ({"stat": "ratio"}, "no other one"),
        ({"over": "trust"}, "'trust' for the statistic 'mean'"),
        ({"stat": "ratio", "measures": ("trust",), "over": "trust"}, "'trust' to itself"),
    ],
)
def test_a_ratio_is_of_two_measures(request_: dict[str, str], words: str) -> None:
    with refusal("table.ratio", words):
        Request(**request_)  # type: ignore[arg-type]


@pytest.mark.parametrize("stat", ["answers", "dont-know", "number"])
def test_what_is_told_of_questions_is_not_told_of_scores(counts: list[Wave], stat: Statistic) -> None:
    with refusal("table.items", "single questions", "'trust'", "'safe'"):
        tabulate(counts, 1, STUDY, Request(("trust", "fair"), (), stat))


@pytest.mark.parametrize("stat", ["mean", "median", "positive", "number"])
def test_people_are_no_score(counts: list[Wave], stat: Statistic) -> None:
    if stat == "number":
        assert len(tabulate(counts, 1, STUDY, Request(("people",), (), stat)).table)
        return
    with refusal("estimate.measure", "'people'"):
        tabulate(counts, 1, STUDY, Request(("people",), (), stat))


# --- what stays hidden ------------------------------------------------------------------------------------------------


def test_a_ratio_hides_what_either_of_its_sides_hides() -> None:
    """Eight of Mill answered "safe": the number that answered both would narrow what the number of "safe" hides."""
    wave = small_wave(n=900, seed=2)
    answers = wave.answers.fillna(3.0)
    mill = np.flatnonzero(wave.people["ward"] == "Mill")
    answers.loc[mill[8:], "safe"] = np.nan
    answers.loc[np.flatnonzero(wave.people["ward"] == "Park")[:3], "fair"] = np.nan
    wave = score(replace(wave, answers=answers, missing=answers.isna().astype("int8")))
    ours = tabulate([wave], 0, STUDY, Request(("fair",), (("ward",),), "ratio", over="safe")).table
    side = tabulate([wave], 0, STUDY, Request(("safe",), (("ward",),))).table
    assert side["n"].isna().sum() >= 2
    assert (ours["n"].isna() | side["n"].notna()).all()
    assert ours.loc[ours["n"].isna(), ["est", "se", "df"]].isna().all(axis=None)


def test_a_rolling_year_tells_what_a_wave_tells(counts: list[Wave]) -> None:
    for request in (
        Request(("fair", "people"), (("ward",),), "number", pooled=True),
        Request(("fair",), (("ward",),), "answers", pooled=True),
        Request(("fair",), (("ward",),), "dont-know", pooled=True),
        Request(("fair",), (("ward",),), "ratio", pooled=True, over="safe"),
    ):
        table = tabulate(counts, 3, STUDY, request).table
        assert set(table["wave"]) == {"Q1 to Q4"}
        everyone = table[table["by"] == ""]
        assert (everyone["n"] == sum(len(wave) for wave in counts)).all()
        assert everyone["est"].notna().all()
        assert table.loc[table["level"] == "Docks", ["est", "n"]].isna().all(axis=None)  # 28 of them
        assert table.loc[table["level"] == "Park", "est"].notna().all()


def test_a_year_of_waves_that_did_not_ask_hides_rather_than_fails(counts: list[Wave]) -> None:
    assert counts[0].scores is not None
    first = replace(counts[0], scores=counts[0].scores.drop(columns="safe"), answers=counts[0].answers.drop(
        columns="safe"), end=counts[0].start)  # fmt: skip
    table = tabulate([first, *counts[1:]], 3, STUDY, Request(("fair",), (("ward",),), "ratio", pooled=True,
                                                             over="respect")).table  # fmt: skip
    assert table["est"].notna().any()


# --- replicates --------------------------------------------------------------------------------------------


def stratified() -> Wave:
    """Forty strata of two sampling units of five residents each."""
    n = 400
    rng = np.random.default_rng(4)
    y = np.repeat(rng.normal(50, 8, 80), 5) + rng.normal(0, 15, n)
    return make_wave({"y": y, "x": rng.uniform(20, 80, n)}, {"sex": np.where(np.arange(n) % 3, "f", "m")},
                     strata=np.arange(n) // 10, psus=np.arange(n) // 5, weights=np.full(n, 30.0))  # fmt: skip


@pytest.mark.parametrize(
    ("variance", "method", "more"),
    [
        ("jackknife", "jackknife", {}), ("jkn", "JKn", {}), ("brr", "BRR", {}), ("fay", "Fay", {"rho": 0.4}),
        ("bootstrap", "bootstrap", {"count": 60, "seed": 7}),
    ],
)  # fmt: skip
@pytest.mark.parametrize("stat", ["mean", "total", "ratio"])
def test_each_kind_of_replicates_gives_the_packages_errors(
    variance: Variance, method: str, more: dict[str, float], stat: Statistic
) -> None:
    wave, study = stratified(), Study("town", "Town", INSTRUMENT)
    over = "x" if stat == "ratio" else ""
    for mse in (False, True):
        request = Request(("y",), (("sex",),), stat, variance, over=over, mse=mse, **more)  # type: ignore[arg-type]
        ours = tabulate([wave], 0, study, request)
        drawn = replicate(wave, method, mse=mse, **more)  # type: ignore[arg-type]
        theirs = estimate_replicates(
            wave,
            drawn,
            ["y", "x"] if over else ["y"],
            ["sex"],
            stat=stat,
            denominator=over or None,  # type: ignore[arg-type]
        )
        assert shown_like(ours, theirs) == 3
        assert method in sentences(ours)[0] or method == "jackknife"


def test_jk1_is_for_samples_without_strata() -> None:
    study = Study("town", "Town", INSTRUMENT)
    with refusal("replicates.method", "JKn"):
        tabulate([stratified()], 0, study, Request(("y",), (), variance="jk1"))
    plain = make_wave({"y": np.arange(60.0)})
    table = tabulate([plain], 0, study, Request(("y",), (), variance="jk1")).table
    direct = protect(estimate(plain, ["y"]), plain).table
    assert table["se"].iloc[0] == pytest.approx(direct["se"].iloc[0])  # of a mean of equal weights, exactly
    assert set(table["method"]) == {"60 replicates, JK1"}


def test_errors_from_a_single_pair_are_said_to_say_little() -> None:
    plain = make_wave({"y": np.arange(61.0)})
    study = Study("town", "Town", INSTRUMENT)
    with refusal("replicates.pairs", "merge"):
        tabulate([plain], 0, study, Request(("y",), (), variance="brr"))
    made = tabulate([plain], 0, study, Request(("y",), (), variance="brr", large="merge"))
    assert sentences(made)[-1] == "They leave 1 degrees of freedom at most: errors from so few say little."
    assert len(sentences(tabulate([stratified()], 0, study, Request(("y",), (), variance="brr")))) == 1


def test_dropped_replicates_are_counted_beside_the_table() -> None:
    wave = small_wave(n=60, seed=9)
    rare = np.where(np.arange(60) == 0, 0, 1 + np.arange(60) % 2)
    wave = replace(wave, people=wave.people.assign(sex=pd.Categorical.from_codes(rare, ["x", "f", "m"])))
    wave = score(rake(wave, margins_of(sex={"x": 5, "f": 500, "m": 495})))
    request = Request(("safe",), (), variance="bootstrap", count=40)
    made = tabulate([wave], 0, STUDY, request)
    lost = made.about["dropped"]
    assert 0 < lost < 40
    assert f"{40 - lost} replicates (bootstrap), each weighted anew; {lost} more could not" in sentences(made)[0]
    with refusal("replicates.failed", "cannot meet the margins"):
        tabulate([wave], 0, STUDY, replace(request, variance="jackknife"))


def test_a_linearised_table_needs_no_sentence(counts: list[Wave]) -> None:
    assert sentences(tabulate(counts, 1, STUDY, Request(("trust",)))) == ()
