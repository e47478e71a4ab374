"""Small waves for tests, and plain dense arithmetic that the package is held against."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import settings

from trustsurvey.errors import SurveyError
from trustsurvey.model import Design, Estimates, Index, Instrument, Item, Margins, Scale, Wave
from trustsurvey.weighting.population import margins_from_mapping

# The same examples on every run: a property that fails does so for everybody.
settings.register_profile("repeatable", derandomize=True, deadline=None)
settings.load_profile("repeatable")

SCORE = Scale("score", 0.0, 100.0)


def instrument_of(measures: Sequence[str], scale: Scale = SCORE) -> Instrument:
    """One item ``<measure>_q`` and one index a measure, so that a measure has a wording to compare."""
    items = tuple(Item(f"{name}_q", f"Question about {name}?", scale) for name in measures)
    indices = tuple(Index(name, name, (f"{name}_q",), 1) for name in measures)
    return Instrument("test", "Test", items, indices, measures[0])


def make_wave(
    measures: Mapping[str, Any] | None = None,
    people: Mapping[str, Any] | pd.DataFrame | None = None,
    *,
    n: int | None = None,
    weights: Any = None,
    strata: Any = None,
    psus: Any = None,
    fpc: Any = None,
    ids: Any = None,
    name: str = "w1",
    groups: Sequence[str] | None = None,
    areas: Sequence[str] = (),
    **more: Any,
) -> Wave:
    """A scored wave from arrays; strata and PSUs may be any labels, everyone is their own PSU by default."""
    measures = {key: np.asarray(value, dtype=float) for key, value in (measures or {}).items()}
    people_frame = pd.DataFrame({} if people is None else people)
    columns = [*measures.values(), *(people_frame[c] for c in people_frame)]
    size = n if n is not None else len(columns[0]) if columns else 0
    if people is None:
        people_frame = pd.DataFrame(index=range(size))
    scores = pd.DataFrame(measures, index=people_frame.index)
    answers = scores.rename(columns=lambda key: f"{key}_q")
    instrument = instrument_of(list(measures) or ["y"])
    design = Design(
        np.ones(size) if weights is None else np.asarray(weights, dtype=float),
        as_codes(np.zeros(size) if strata is None else strata),
        as_codes(np.arange(size) if psus is None else psus),
        None if fpc is None else np.broadcast_to(np.asarray(fpc, dtype=float), (size,)).copy(),
        None if ids is None else np.asarray(ids, dtype=object),
    )
    return Wave(
        name=name,
        instrument=instrument,
        people=people_frame,
        answers=answers,
        missing=answers.isna().astype("int8"),
        design=design,
        areas=tuple(areas),
        groups=tuple(people_frame.columns) if groups is None else tuple(groups),
        wording={item.id: item.text for item in instrument.items},
        scores=scores,
        **more,
    )


def as_codes(labels: Any) -> np.ndarray:
    """Codes from 0 in order of appearance."""
    return pd.factorize(np.asarray(labels))[0].astype(np.int64)


def with_design(wave: Wave, design: Design) -> Wave:
    """The wave with another design and without weights calibrated under the old one."""
    return replace(wave, design=design, weighting=None)


def reordered(wave: Wave, order: np.ndarray) -> Wave:
    """The same unweighted wave with its rows in another order (codes of strata and PSUs unchanged)."""
    old = wave.design
    design = Design(
        old.weights[order],
        old.strata[order],
        old.psus[order],
        None if old.fpc is None else old.fpc[order],
        None if old.psu_ids is None else old.psu_ids[order],
    )
    return replace(
        wave,
        people=wave.people.iloc[order].reset_index(drop=True),
        answers=wave.answers.iloc[order].reset_index(drop=True),
        missing=wave.missing.iloc[order].reset_index(drop=True),
        scores=None if wave.scores is None else wave.scores.iloc[order].reset_index(drop=True),
        design=design,
    )


def reweighted(wave: Wave, factor: float) -> Wave:
    """The same wave with every base weight multiplied by one number."""
    return replace(wave, design=replace(wave.design, weights=wave.design.weights * factor))


def margins_of(**tables: Mapping[str, float]) -> Margins:
    """Margins as keyword arguments: ``margins_of(sex={"f": 10, "m": 12})``."""
    return margins_from_mapping(tables, "test margins")


@contextmanager
def refusal(code: str, *words: str) -> Iterator[SurveyError]:
    """The block must raise a SurveyError with this code whose line holds all these words.

    What is yielded takes the fields of the error when the block is left.
    """
    told = SurveyError("", "")
    with pytest.raises(SurveyError) as caught:
        yield told
    vars(told).update(caught.value.as_dict())
    assert caught.value.code == code, str(caught.value)
    for word in words:
        assert word in str(caught.value)


def outcome(work: Callable[[], Any]) -> Any:
    """What the work gives back, or the SurveyError it ends in; any other error passes."""
    try:
        return work()
    except SurveyError as refused:
        return refused


def row_of(estimates: Estimates | pd.DataFrame, **where: object) -> pd.Series:
    """The one row whose columns equal these values."""
    table = estimates.table if isinstance(estimates, Estimates) else estimates
    keep = np.ones(len(table), dtype=bool)
    for column, value in where.items():
        keep &= (table[column] == value).to_numpy()
    assert keep.sum() == 1, f"{keep.sum()} rows have {where}"
    return table[keep].iloc[0]


def column_of(estimates: Estimates, column: str, **where: object) -> dict[str, float]:
    """Level -> value of one column among the rows whose columns equal these values."""
    rows = estimates.rows(**where)
    return dict(zip(rows["level"], rows[column].astype(float), strict=True))


# --- dense arithmetic, written out ---------------------------------------------------------------


def dense_covariance(
    z: np.ndarray,
    design: Design,
    weights: np.ndarray,
    constraints: np.ndarray | None = None,
    base: np.ndarray | None = None,
) -> np.ndarray:
    """Covariance (k, k) of weighted totals of z (n, k) by loops over strata and PSUs.

    With constraints z is first replaced by its residual from the regression on them, weighted by
    ``base`` (the residual matrix is formed, nothing is expanded).
    """
    z = np.asarray(z, dtype=float).reshape(len(weights), -1)
    if constraints is not None:
        assert base is not None
        root = np.sqrt(base)[:, None]
        coefficients = np.linalg.lstsq(root * constraints, root * z, rcond=1e-12)[0]
        z = z - constraints @ coefficients
    total = np.zeros((z.shape[1], z.shape[1]))
    for stratum in np.unique(design.strata):
        members = np.unique(design.psus[design.strata == stratum])
        units = np.array(
            [(weights[design.psus == psu][:, None] * z[design.psus == psu]).sum(axis=0) for psu in members]
        )
        n = len(members)
        left = 1.0 if design.fpc is None else 1 - n / design.fpc[design.strata == stratum][0]
        if n < 2:
            assert left == 0, "the reference has no opinion on a lonely sampling unit"
            continue
        centred = units - units.mean(axis=0)
        total += left * n / (n - 1) * centred.T @ centred
    return total


def dense_mean(y: np.ndarray, weights: np.ndarray, inside: np.ndarray) -> tuple[float, np.ndarray]:
    """Weighted mean over a mask and its linearised values for everyone: zero outside the mask."""
    inside = inside & np.isfinite(y)
    w = np.where(inside, weights, 0.0)
    filled = np.where(inside, y, 0.0)
    mean = float((w * filled).sum() / w.sum())
    return mean, np.where(inside, filled - mean, 0.0) / w.sum()


def random_design(
    rng: np.random.Generator, n: int = 90, *, clusters: bool = True, fpc: bool = True
) -> dict[str, np.ndarray | None]:
    """Arguments for :func:`make_wave`: three strata with differing PSU counts, unequal weights."""
    counts = np.array([3, 5, 9])
    strata = np.repeat([0, 1, 2], [n // 4, n // 3, n - n // 4 - n // 3])
    if clusters:
        psus = np.concatenate(
            [
                offset + np.r_[np.arange(c), rng.integers(0, c, (strata == h).sum() - c)]
                for h, (c, offset) in enumerate(zip(counts, [0, 100, 200], strict=True))
            ]
        )
    else:
        psus = np.arange(n)
    order = rng.permutation(n)
    return {
        "strata": strata[order],
        "psus": psus[order],
        "weights": rng.uniform(0.5, 4.0, n),
        "fpc": (np.array([20.0, 12.0, 40.0]) * (1 if clusters else 10))[strata[order]] if fpc else None,
    }


# --- reference results kept outside the project ---------------------------------------------------

R_STYPE = {"E": 4421.0, "H": 755.0, "M": 1018.0}
R_SCHWIDE = {"No": 1072.0, "Yes": 5122.0}
API_MEASURES = ("api00", "api99", "meals", "ell", "enroll", "api.stu", "mobility")
API_GROUPS = ("stype", "sch.wide", "comp.imp", "awards")


def r_results(golden: Path) -> dict[str, Any]:
    """The results of R survey."""
    return json.loads((golden / "r_survey_4.5.json").read_text(encoding="utf-8"))


def api_wave(golden: Path, name: str) -> Wave:
    """apisrs, apistrat or apiclus1 with its design; 0/1 columns for the categories beside the measures."""
    table = pd.read_csv(golden / f"{name}.csv")
    measures = {column: table[column] for column in API_MEASURES}
    for column in API_GROUPS:
        for value in sorted(table[column].unique()):
            measures[f"{column}={value}"] = (table[column] == value).astype(float)
    return make_wave(
        measures,
        {column: table[column].astype("category") for column in API_GROUPS},
        weights=table["pw"],
        strata=table["stype"] if name == "apistrat" else None,
        psus=table["dnum"] if name == "apiclus1" else None,
        fpc=table["fpc"],
        ids=(table["dnum"] if name == "apiclus1" else table["cds"]).astype(str).to_numpy(),
        name=name,
    )


def assert_close(actual: Any, expected: Any, rtol: float = 1e-8, atol: float = 1e-9) -> None:
    """Within 1e-8 of the expected, relatively, or within 1e-9 where the expected is below 1e-6."""
    actual, expected = np.asarray(actual, dtype=float), np.asarray(expected, dtype=float)
    assert actual.shape == expected.shape
    allowed = np.where(np.abs(expected) < 1e-6, atol, rtol * np.abs(expected))
    off = np.abs(actual - expected)
    assert np.all(off <= allowed), f"off by {off.max():.3g}: {actual} instead of {expected}"
