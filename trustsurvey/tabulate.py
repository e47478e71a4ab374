"""A table that an analyst asks for: which measures, for whom, from which waves, by which method."""

from __future__ import annotations

import shlex
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal, get_args

import pandas as pd

from trustsurvey.comparison.pooling import pool, rolling_year
from trustsurvey.disclosure.cells import nesting_of
from trustsurvey.disclosure.gate import protect
from trustsurvey.errors import SurveyError, some
from trustsurvey.estimation.intervals import ShareInterval
from trustsurvey.estimation.means import estimate
from trustsurvey.estimation.quantiles import quantile
from trustsurvey.model import Estimates, Lonely, Study, Wave
from trustsurvey.replication.estimates import estimate_replicates
from trustsurvey.replication.replicates import replicate
from trustsurvey.scales.scoring import dont_know, positive

Statistic = Literal["mean", "positive", "dont-know", "median"]
Variance = Literal["taylor", "jackknife", "bootstrap"]
#: Replicates of a bootstrap.
COUNT = 500


@dataclass(frozen=True)
class Request:
    """What a table holds and how it is made; the page and the command line ask with the same one.

    ``measures``: indices or items, all indices where empty; ``by``: groupings, each of one variable or
    several crossed; ``pooled``: the rolling year that ends with the wave instead of the wave alone.
    """

    measures: tuple[str, ...] = ()
    by: tuple[tuple[str, ...], ...] = ()
    stat: Statistic = "mean"
    variance: Variance = "taylor"
    interval: ShareInterval = "wilson"
    lonely: Lonely | None = None
    pooled: bool = False

    def __post_init__(self) -> None:
        object.__setattr__(self, "measures", tuple(dict.fromkeys(self.measures)))
        object.__setattr__(self, "by", tuple(dict.fromkeys(self.by)))
        twice = [variables for variables in self.by if len(set(variables)) < len(variables)]
        if twice:
            raise SurveyError("table.twice", "A grouping is crossed with itself", got=" x ".join(twice[0]))
        for name, value, known in (
            ("statistic", self.stat, get_args(Statistic)),
            ("variance", self.variance, get_args(Variance)),
            ("interval", self.interval, get_args(ShareInterval)),
        ):
            if value not in known:
                raise SurveyError("table.choice", f"There is no {name} '{value}'", expected=some(known, 8))
        if self.stat == "median" and self.variance == "jackknife":
            raise SurveyError("table.median", "A jackknife does not serve medians", hint="Choose taylor or bootstrap.")

        if self.pooled and self.crossed:
            raise SurveyError(
                "table.crossed", "Crossed tables are made from one wave, not from a rolling year",
                hint="Ask for the wave alone, or for groupings of one variable each.",
            )  # fmt: skip

    @property
    def crossed(self) -> bool:
        """Whether a grouping crosses variables: a table beyond those that are declared for everyone."""
        return any(len(variables) > 1 for variables in self.by)

    def command(self, slug: str, wave: str) -> str:
        """The command line that gives the same table."""
        usual = {"stat": "mean", "variance": "taylor", "interval": "wilson"}
        choices = {name: value for name in usual if (value := getattr(self, name)) != usual[name]}
        by = tuple(" x ".join(variables) for variables in self.by)
        return spoken(
            "trustsurvey", "estimate", slug, "--wave", wave, measure=self.measures, by=by, **choices,
            lonely=self.lonely, year=self.pooled,
        )  # fmt: skip


def spoken(*words: str, **options: object) -> str:
    """A command line: words, then options; those that are None, False or empty are left out."""
    told = list(words)
    for name, value in options.items():
        if value is True:
            told.append(f"--{name}")
        elif value is not None and value is not False:
            for one in value if isinstance(value, tuple | list) else (value,):
                told += [f"--{name}", str(one)] if str(one) else []
    return shlex.join(told)


def groupings(texts: Sequence[str]) -> tuple[tuple[str, ...], ...]:
    """Groupings from text: "age", "age x sex".

    >>> groupings(["age", "district x sex"])
    (('age',), ('district', 'sex'))
    """
    return tuple(tuple(part.strip() for part in text.split(" x ")) for text in texts)


def tabulate(waves: Sequence[Wave], at: int, study: Study, request: Request) -> Estimates:
    """The table, past the disclosure gate; ``waves`` are scored and in order of time.

    SurveyError ``table.year`` where no rolling year ends with the wave, ``estimate.*`` as for ``estimate``.
    """
    wave = waves[at]
    if request.pooled:
        year = rolling_year(waves, at)
        if not year:
            raise SurveyError(
                "table.year", "No rolling year ends with this wave", where=wave.name,
                expected="three or more waves that span eight months", hint="Ask for the wave alone.",
            )  # fmt: skip
        wave = pool([waves[k] for k in year])
    strange = [name for variables in request.by for name in variables if name not in (*wave.areas, *wave.groups)]
    if strange:
        raise SurveyError(
            "estimate.by", f"The wave has no '{strange[0]}'", where=wave.name,
            expected=some([*wave.areas, *wave.groups], 12),
        )  # fmt: skip
    made = _estimate(wave, request)
    return protect(made, wave, history=waves[: at + 1], nesting=nesting_of(study.levels))


def _estimate(wave: Wave, request: Request) -> Estimates:
    numbers, stat = _numbers(wave, request)
    by = [variables[0] if len(variables) == 1 else variables for variables in request.by]
    if request.variance != "taylor":
        replicates = replicate(wave, request.variance, count=COUNT, lonely=request.lonely, failed="drop")
        return estimate_replicates(wave, replicates, numbers, by, stat=stat, interval=request.interval)
    if stat == "quantile":
        return quantile(wave, numbers, by, same=1e-10, lonely=request.lonely)
    interval = request.interval if stat == "share" else None
    return estimate(wave, numbers, by, stat=stat, interval=interval, lonely=request.lonely)


def _numbers(wave: Wave, request: Request) -> tuple[pd.DataFrame, Literal["mean", "share", "quantile"]]:
    assert wave.scores is not None
    names = list(request.measures) or [index.key for index in wave.instrument.indices if index.key in wave.scores]
    absent = [name for name in names if name not in wave.scores]
    if absent:
        raise SurveyError(
            "estimate.measure", f"The wave has no measure '{absent[0]}'", where=wave.name,
            expected=some(wave.scores.columns, 40),
        )  # fmt: skip
    if request.stat == "positive":
        return positive(wave, names), "share"
    if request.stat == "dont-know":
        items = [name for name in names if name in wave.items]
        if len(items) < len(names):
            raise SurveyError(
                "table.items", "Don't know is told of single questions", where=wave.name,
                got=some(set(names) - set(items)), expected=some(wave.items, 40),
            )  # fmt: skip
        # Named apart: other people count for it than for the score of the question.
        return dont_know(wave)[items].add_prefix("don't know: "), "share"
    return wave.scores[names], "quantile" if request.stat == "median" else "mean"
