"""Trends: the slope and its variance by hand, panels, wording breaks, what is withheld, the line.

Golden: slopes over four "years" of apiclus1 (columns api99, api00, meals, ell taken as one measure in
four waves of the same schools), made with R 4.2.2 and survey 4.1-1::

    d <- svydesign(id=~dnum, weights=~pw, fpc=~fpc, data=apiclus1)
    r <- calibrate(d, ~stype+sch.wide, c(`(Intercept)`=6194, stypeH=755, stypeM=1018, sch.wideYes=5122),
                   calfun="raking", epsilon=1e-12)
    for (x in list(d, subset(d, stype=="E"), r, subset(r, stype=="E")))
      svycontrast(svymean(~api99+api00+meals+ell, x), c(-1.5,-.5,.5,1.5)/5)
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from builders import R_SCHWIDE, R_STYPE, api_wave, assert_close, instrument_of, make_wave, margins_of, refusal, row_of
from hypothesis import given, settings, strategies as st
from scipy import stats

from trustsurvey.comparison.compare import ALPHA, change
from trustsurvey.comparison.pooling import pool
from trustsurvey.comparison.trend import Trend, middle, trend
from trustsurvey.disclosure.gate import CONFIDENTIAL, protect
from trustsurvey.estimation.means import estimate
from trustsurvey.model import Estimates, Wave
from trustsurvey.weighting.weigh import rake

COLUMNS = [
    "measure", "by", "level", "slope", "se", "lci", "uci", "df", "p", "p_adj", "detectable",
    "waves", "first", "last", "span", "verdict",
]  # fmt: skip


def series(seed: int, count: int = 4, slope: float = 0.0, n: int = 200, dates: bool = True) -> list[Wave]:
    """Half-yearly independent waves of two areas, the mean moving by ``slope`` a wave."""
    rng = np.random.default_rng(seed)
    waves = []
    for k in range(count):
        size = n + 40 * (k % 2)
        people = {"area": pd.Categorical(np.array(["n", "s"])[np.arange(size) % 2])}
        start = date(2024, 1, 1) + timedelta(days=182 * k)
        when = {"start": start, "end": start + timedelta(days=30)} if dates else {}
        waves.append(make_wave({"y": rng.normal(50 + slope * k, 10, size)}, people, name=f"w{k}", **when))
    return waves


def together(waves: Sequence[Wave], by: Sequence[str] = (), shield: bool = True) -> Estimates:
    made = Estimates(pd.concat([estimate(wave, ["y"], by).table for wave in waves], ignore_index=True))
    return protect(made, *waves) if shield else made


def found(waves: Sequence[Wave], by: Sequence[str] = (), shield: bool = True, **more: object) -> Trend:
    return trend(waves, together(waves, by, shield), **more)  # type: ignore[arg-type]


# --- the slope ------------------------------------------------------------------------------------


@pytest.mark.parametrize("weigh", ["answers", "precision"])
def test_independent_waves_by_hand(weigh: str) -> None:
    waves = series(1, 4, 2.0)
    made = found(waves, ["area"], weigh=weigh)
    assert list(made.table.columns) == COLUMNS
    assert made.unit == "year"
    rows = [estimate(w, ["y"], ["area"]).rows(level="s").iloc[0] for w in waves]
    y, v, n = (np.array([row[name] for row in rows], dtype=float) for name in ("est", "se", "n"))
    v = v**2
    t = np.array([0, 182, 364, 546]) / 365.25
    w = n if weigh == "answers" else 1 / v
    fit = np.polyfit(t, y, 1, w=np.sqrt(w))
    centre = np.average(t, weights=w)
    c = w * (t - centre) / (w * (t - centre) ** 2).sum()
    se, parts = np.sqrt((c**2 * v).sum()), c**2 * v
    df = parts.sum() ** 2 / (parts**2 / (n - 1)).sum()
    row = row_of(made.table, level="s")
    assert (row["slope"], row["se"], row["df"]) == pytest.approx((fit[0], se, df))
    assert (row["lci"], row["uci"]) == pytest.approx(tuple(fit[0] + np.array([-1, 1]) * stats.t.ppf(0.975, df) * se))
    assert row["p"] == pytest.approx(2 * stats.t.sf(abs(fit[0]) / se, df))
    assert row["detectable"] == pytest.approx((stats.t.ppf(0.975, df) + stats.t.ppf(0.8, df)) * se)
    assert (row["waves"], row["first"], row["last"], row["span"]) == (4, "w0", "w3", pytest.approx(t[-1]))


def test_waves_without_dates_are_counted() -> None:
    waves = series(1, 4, 2.0)
    waves[2] = replace(waves[2], start=None, end=None)
    made, dated = found(waves), found(series(1, 4, 2.0))
    assert (made.unit, dated.unit) == ("wave", "year")
    assert made.lines["time"].tolist() == [0, 1, 2, 3]
    # The waves are evenly spaced, so a wave is half a year.
    assert made.table["slope"][0] == pytest.approx(dated.table["slope"][0] * 182 / 365.25)


@given(st.integers(0, 2**32 - 1), st.floats(-5, 5), st.floats(0.1, 3))
@settings(max_examples=15)
def test_a_line_is_found_and_scale_passes_through(seed: int, slope: float, factor: float) -> None:
    waves = series(seed, 5, n=60)
    first = found(waves, shield=False).table.iloc[0]
    unit = (182 / 365.25) ** -1
    moved = [replace(w, scores=factor * (w.scores + slope * k)) for k, w in enumerate(waves)]
    second = found(moved, shield=False).table.iloc[0]
    assert second["slope"] == pytest.approx(factor * (first["slope"] + slope * unit), rel=1e-8, abs=1e-8)
    assert second["se"] == pytest.approx(factor * first["se"], rel=1e-8)


def test_a_panel_is_followed_person_by_person() -> None:
    """The same people in all waves, raked in each: the slope of each person's line is what varies."""
    rng = np.random.default_rng(3)
    n, ids = 120, np.array([f"p{k}" for k in range(120)])
    person = rng.normal(50, 15, n)
    waves = []
    for k in range(4):
        order = rng.permutation(n)
        wave = make_wave({"y": (person + k + rng.normal(0, 3, n))[order]}, ids=ids[order], name=f"w{k}")
        waves.append(wave)
    slopes = sum(
        c * wave.scores["y"].set_axis(wave.design.psu_ids)
        for c, wave in zip([-0.3, -0.1, 0.1, 0.3], waves, strict=True)
    )
    row = found(waves).table.iloc[0]
    assert (row["slope"], row["se"]) == pytest.approx((slopes.mean(), slopes.std() / np.sqrt(n)))
    assert row["df"] == pytest.approx(n - 1)
    assert row["verdict"] == "up"
    apart = [replace(w, design=replace(w.design, psu_ids=None)) for w in waves]
    alone = found(apart).table.iloc[0]
    assert alone["se"] > 3 * row["se"]
    assert alone["df"] == pytest.approx(4 * (n - 1) / (0.82 / 0.5), rel=0.1)  # coefficients .9 .1 .1 .9


def test_two_far_ends_alone_make_a_change() -> None:
    """Where the middle wave counts nothing in a slope of three, the slope is half the change, with its error."""
    waves = series(5, 3, 4.0, n=200, dates=False)
    waves[2] = replace(series(6, 1, n=200, dates=False)[0], name="w2")
    row = found(waves, shield=False).table.iloc[0]
    made = [estimate(w, ["y"]) for w in (waves[0], waves[2])]
    step = change(waves[0], waves[2], *made).table.iloc[0]
    assert (row["slope"], row["se"]) == pytest.approx((step["diff"] / 2, step["se"] / 2))
    assert row["df"] == pytest.approx(step["df"])


def test_rotating_samples_keep_what_neighbouring_waves_share() -> None:
    """Each wave keeps half of the people of the one before: V has covariances beside its diagonal only."""
    rng = np.random.default_rng(7)
    person = rng.normal(50, 15, 300)
    waves = []
    for k in range(4):
        at = np.arange(50 * k, 50 * k + 100)
        waves.append(make_wave({"y": person[at]}, ids=at.astype(str), name=f"w{k}"))
    c = np.array([-0.3, -0.1, 0.1, 0.3])
    total = np.zeros(300)
    for k, wave in enumerate(waves):
        y = wave.scores["y"].to_numpy()
        total[50 * k : 50 * k + 100] += c[k] * (y - y.mean()) / 100
    row = found(waves).table.iloc[0]
    assert row["se"] == pytest.approx(np.sqrt((total**2).sum() * 100 / 99))
    assert 99 <= row["df"] <= 396


def test_adjustment_and_verdicts_follow_the_adjusted_p() -> None:
    rng = np.random.default_rng(8)
    waves = []
    for k in range(4):
        area = np.arange(1200) % 12
        y = rng.normal(50, 10, 1200) + k * np.where(area == 0, 3.0, np.where(area == 1, -3.0, 0.0))
        waves.append(make_wave({"y": y}, {"area": pd.Categorical(area.astype(str))}, name=f"w{k}"))
    for adjust in ("bh", "holm"):
        made = found(waves, ["area"], adjust=adjust)
        levels = made.table[made.table["by"] == "area"]
        factor = levels["p_adj"] / levels["p"]
        assert factor.max() == pytest.approx(12)  # the smallest of twelve
        said = np.where(levels["p_adj"] > ALPHA, "none", np.where(levels["slope"] > 0, "up", "down"))
        assert levels["verdict"].tolist() == said.tolist()
        assert {row_of(levels, level="0")["verdict"], row_of(levels, level="1")["verdict"]} == {"up", "down"}
        assert made.table["p_adj"][0] == made.table["p"][0]
        assert made.adjust == adjust


# --- what does not count --------------------------------------------------------------------------


def test_only_waves_since_the_wording_changed_count() -> None:
    waves = series(9, 6, 2.0)
    new = [replace(w, wording={"y_q": "Asked anew?"}) for w in waves]
    for at, verdict in ((2, "up"), (3, "up"), (4, "break"), (5, "break")):
        mixed = waves[:at] + new[at:]
        mixed[0] = replace(mixed[0], scores=mixed[0].scores + 50)
        made = found(mixed)
        row = made.table.iloc[0]
        assert row["verdict"] == verdict
        assert made.lines["segment"].tolist() == [0] * at + [1] * (6 - at)
        assert made.lines["line"].notna().tolist() == [at >= 3] * at + [6 - at >= 3] * (6 - at)
        if verdict == "break":
            assert row[["slope", "se", "p", "lci", "detectable", "span"]].isna().all()
            assert (row["first"], row["waves"]) == ("", 0)
        else:
            alone = found(mixed[at:]).table.iloc[0]
            assert row["slope"] == pytest.approx(alone["slope"])
            assert (row["first"], row["last"], row["waves"]) == (f"w{at}", "w5", 6 - at)


def test_a_wave_that_did_not_ask_is_passed_over() -> None:
    waves = series(10, 4, 2.0)
    other = make_wave({"z": np.arange(60.0)}, {"area": ["n"] * 60}, name="w2", start=waves[2].start, end=waves[2].end)
    made = [estimate(w, None).table for w in (*waves[:2], other, waves[3])]
    result = trend([*waves[:2], other, waves[3]], protect(Estimates(pd.concat(made, ignore_index=True))))
    row = row_of(result.table, measure="y")
    assert (row["waves"], row["verdict"], row["first"], row["last"]) == (3, "up", "w0", "w3")
    assert row_of(result.table, measure="z")["verdict"] == "break"
    assert result.lines[result.lines["measure"] == "y"]["wave"].tolist() == ["w0", "w1", "w3"]


def test_withheld_and_guarded_waves_are_left_out() -> None:
    waves = series(11, 4, 2.0)
    made = together(waves, ["area"])
    table = made.table.copy()
    hidden = (table["level"] == "n") & (table["wave"] == "w1")
    table.loc[hidden, ["est", "se", "lci", "uci", "n", "df"]] = np.nan
    table.loc[hidden, "suppressed"] = CONFIDENTIAL
    row = row_of(trend(waves, Estimates(table)).table, level="n")
    left = [waves[k] for k in (0, 2, 3)]
    assert row["slope"] == pytest.approx(row_of(found(left, ["area"]).table, level="n")["slope"])
    assert row["waves"] == 3
    hidden |= (table["level"] == "n") & (table["wave"] == "w3")
    table.loc[hidden, ["se", "n", "df"]] = np.nan
    for reason, verdict in ((CONFIDENTIAL, "withheld"), ("", "guarded")):
        table.loc[hidden, "suppressed"] = reason
        result = trend(waves, Estimates(table))
        row = row_of(result.table, level="n")
        assert row["verdict"] == verdict
        assert row[["slope", "se", "lci", "uci", "df", "p", "p_adj", "detectable"]].isna().all()
        assert result.lines[result.lines["level"] == "n"]["line"].isna().all()
        assert row_of(result.table, level="s")["verdict"] == "up"
        # An area that is not tested takes no part in the adjustment.
        assert row_of(result.table, level="s")["p_adj"] == row_of(result.table, level="s")["p"]


def test_an_area_that_one_wave_does_not_have() -> None:
    waves = series(12, 4, 2.0)
    waves[1] = replace(waves[1], people=waves[1].people.assign(area=pd.Categorical(["s"] * len(waves[1]))))
    assert row_of(found(waves, ["area"]).table, level="n")["waves"] == 3
    gone = [*waves[:1], replace(waves[1], people=waves[1].people.drop(columns="area")), *waves[2:]]
    tables = [estimate(w, ["y"], ["area"] if "area" in w.people else []).table for w in gone]
    result = trend(gone, protect(Estimates(pd.concat(tables, ignore_index=True))))
    assert row_of(result.table, level="s")["waves"] == 3
    assert row_of(result.table, by="")["waves"] == 4


def test_estimates_without_error_do_not_break_the_weights() -> None:
    waves = series(13, 3)
    flat = [replace(w, scores=w.scores * 0 + 40.0 + k) for k, w in enumerate(waves)]
    for weigh in ("answers", "precision"):
        row = found(flat, shield=False, weigh=weigh).table.iloc[0]
        assert row["slope"] == pytest.approx(365.25 / 182)
        assert row["se"] == pytest.approx(0, abs=1e-9)
        mixed = [waves[0], flat[1], waves[2]]
        assert np.isfinite(found(mixed, shield=False, weigh=weigh).table.iloc[0]["slope"])


# --- the line -------------------------------------------------------------------------------------


def test_the_smooth_line_by_hand() -> None:
    waves = series(14, 7, 1.0)
    made = found(waves)
    lines = made.lines
    t, y = lines["time"].to_numpy(), lines["est"].to_numpy()
    n = np.array([len(w) for w in waves])
    h = 2 * np.median(np.diff(t))
    for k in range(7):
        kernel = n * np.exp(-0.5 * ((t - t[k]) / h) ** 2)
        _, level = np.polyfit(t - t[k], y, 1, w=np.sqrt(kernel))
        assert lines["line"][k] == pytest.approx(level)
    assert lines["date"].tolist() == [middle(w) for w in waves]
    assert lines["lci"].tolist() == together(waves).table["lci"].tolist()


def test_a_straight_series_keeps_its_line() -> None:
    waves = [replace(w, scores=w.scores * 0 + 30 + 7.0 * k) for k, w in enumerate(series(15, 5))]
    lines = found(waves, shield=False).lines
    np.testing.assert_allclose(lines["line"], lines["est"])


# --- refusals -------------------------------------------------------------------------------------


def test_what_cannot_be_a_trend_is_refused() -> None:
    waves = series(16, 4)
    with refusal("trend.waves", "2", "3 or more"):
        found(waves[:2])
    with refusal("trend.names", "'w0'"):
        found([waves[0], *waves[:2]])
    with refusal("trend.order", "'w1'", "'w2'"):
        found([waves[0], waves[2], waves[1]])
    with refusal("trend.weigh", "'equal'"):
        found(waves, weigh="equal")
    years = [pool(waves[:2]), pool(waves[1:3]), waves[3]]
    with refusal("compare.overlap", "'w1'"):
        found(years)
    with refusal("compare.measure", "w1"):
        trend([waves[0], replace(waves[1], scores=None), *waves[2:]], together(waves))


def test_the_middle_of_a_wave() -> None:
    wave = series(17, 3)[0]
    assert middle(wave) == date(2024, 1, 16)
    assert middle(replace(wave, end=None)) == date(2024, 1, 1)
    assert middle(replace(wave, start=None, end=None)) is None


# --- R survey -------------------------------------------------------------------------------------

R_SLOPES = {
    (False, ""): (-233.173224044, 10.4152213463),
    (False, "E"): (-233.006944444, 9.83642819292),
    (True, ""): (-233.235575656, 10.5920390441),
    (True, "E"): (-232.810587173, 10.038105548),
}


@pytest.mark.golden
@pytest.mark.parametrize("raked", [False, True])
def test_slopes_in_a_clustered_panel_agree_with_r(golden: Path, raked: bool) -> None:
    wave = api_wave(golden, "apiclus1")
    wave = rake(wave, margins_of(stype=R_STYPE, **{"sch.wide": R_SCHWIDE})) if raked else wave
    waves = []
    for column in ("api99", "api00", "meals", "ell"):
        scores = pd.DataFrame({"y": wave.scores[column]})
        answers = scores.rename(columns={"y": "y_q"})
        asked = {"y_q": "Question about y?"}
        waves.append(
            replace(wave, name=column, scores=scores, instrument=instrument_of(["y"]), answers=answers, wording=asked)
        )
    table = found(waves, ["stype"], shield=False).table
    for level in ("", "E"):
        row = row_of(table, level=level)
        assert_close([row["slope"], row["se"]], R_SLOPES[raked, level])
    assert table["df"][0] < 14  # clusters of 1 to 37 schools
    assert found(waves, shield=False, df="design").table["df"][0] == pytest.approx(14)
