"""The table that was asked for, past the disclosure gate."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import pandas as pd

from trustsurvey.comparison.pooling import pool, rolling_year
from trustsurvey.disclosure.cells import nesting_of
from trustsurvey.disclosure.gate import protect
from trustsurvey.disclosure.sums import Nesting
from trustsurvey.errors import SurveyError, some
from trustsurvey.estimation.means import estimate
from trustsurvey.estimation.quantiles import quantile
from trustsurvey.estimation.ratios import ratio
from trustsurvey.language import _, ngettext
from trustsurvey.model import Estimates, Study, Wave
from trustsurvey.replication.estimates import estimate_replicates
from trustsurvey.replication.replicates import Method, Replicates, replicate
from trustsurvey.tabulate.numbers import Numbers, counted, numbers_of
from trustsurvey.tabulate.request import Request
from trustsurvey.wording import figure

#: The replicate methods by the names that a request gives them.
METHODS: dict[str, Method] = {
    "jackknife": "jackknife", "bootstrap": "bootstrap", "jk1": "JK1", "jkn": "JKn", "brr": "BRR", "fay": "Fay",
}  # fmt: skip

#: Replicates that leave fewer degrees of freedom are said to say little.
FEW_DF = 10


def tabulate(
    waves: Sequence[Wave], at: int, study: Study, request: Request, replicates: Replicates | None = None
) -> Estimates:
    """The table, past the disclosure gate; ``waves`` are scored and in order of time.

    ``replicates``: some that were made elsewhere for the wave's present weights, instead of ``request.variance``.
    SurveyError ``table.*``; ``estimate.*`` as for ``estimate``; ``replicates.*``.
    """
    year = _year(waves, at) if request.pooled else ()
    wave = pool([waves[k] for k in year]) if year else waves[at]
    strange = [name for variables in request.by for name in variables if name not in (*wave.areas, *wave.groups)]
    if strange:
        raise SurveyError(
            "estimate.by", f"The wave has no '{strange[0]}'", where=wave.name,
            expected=some([*wave.areas, *wave.groups], 12),
        )  # fmt: skip
    numbers = numbers_of(wave, request)
    made = _estimate(wave, numbers, request, replicates)
    nesting = nesting_of(study.levels)
    history = [_counted(old, request, numbers, nesting) for old in waves[: at + 1]] if year else []
    judged = pool([history[k] for k in year]) if year else counted(wave, numbers, nesting)
    return _protected(made, judged, history, nesting, numbers)


def sentences(made: Estimates) -> tuple[str, ...]:
    """What has to be said beside a table: how replicates came about, and which of them are missing."""
    about = made.about
    if "replicates" not in about:
        return ()
    weighted = (
        _("Errors come from {n} replicates ({method}), each weighted anew")
        if about.get("recalibrated")
        else _("Errors come from {n} replicates ({method}), weights as they are")
    )
    told = [weighted.format(n=figure(about["replicates"]), method=about["replicate_method"])]
    if lost := about.get("dropped"):
        more = ngettext(
            "{n} more could not meet the margins and is left out",
            "{n} more could not meet the margins and are left out",
            lost,
        )
        told.append(more.format(n=figure(lost)))
    if note := about.get("note"):
        told.append(_(note))
    first, left = f"{'; '.join(told)}.", made.table["df"].max()
    if left < FEW_DF:
        least = _("They leave {n} degrees of freedom at most: errors from so few say little.")
        return first, least.format(n=figure(left, ".0f"))
    return (first,)


def _counted(old: Wave, request: Request, numbers: Numbers, nesting: Nesting) -> Wave:
    """A wave of the series with what a pooled table tells among its scores, where it was asked."""
    if not any(len(parts) != 1 for parts in numbers.rests_on.values()):
        return old
    try:
        return counted(old, numbers_of(old, request), nesting)
    except SurveyError:
        return old  # it has nothing to tell of these measures


def _protected(made: Estimates, wave: Wave, history: Sequence[Wave], nesting: Nesting, numbers: Numbers) -> Estimates:
    """The table past the gate; rows that rest on one score are judged as those of that score."""
    stands_for = {name: parts[0] for name, parts in numbers.rests_on.items() if len(parts) == 1}
    if not stands_for:
        return protect(made, wave, history=history, nesting=nesting)
    tables = []
    for name, rows in made.table.groupby("measure", sort=False):
        judged = replace(made, table=rows.assign(measure=stands_for.get(str(name), name)).reset_index(drop=True))
        tables.append(protect(judged, wave, history=history, nesting=nesting).table.assign(measure=name))
    return replace(made, table=pd.concat(tables, ignore_index=True))


def _year(waves: Sequence[Wave], at: int) -> tuple[int, ...]:
    year = rolling_year(waves, at)
    if not year:
        raise SurveyError(
            "table.year", "No rolling year ends with this wave", where=waves[at].name,
            expected="three or more waves that span eight months", hint="Ask for the wave alone.",
        )  # fmt: skip
    return year


def replicates_for(wave: Wave, request: Request) -> Replicates:
    """The replicates that a request asks for, each calibrated anew."""
    method = METHODS[request.variance]
    # A bootstrap can spare some replicates; of the others each stands for something of its own.
    return replicate(
        wave, method, count=request.count, seed=request.seed, rho=request.rho, large=request.large, mse=request.mse,
        lonely=request.lonely, failed="drop" if method == "bootstrap" else "refuse",
    )  # fmt: skip


def _estimate(wave: Wave, numbers: Numbers, request: Request, replicates: Replicates | None) -> Estimates:
    frame, stat = numbers.frame, numbers.stat
    by = [variables[0] if len(variables) == 1 else variables for variables in request.by]
    if replicates is None and request.variance != "taylor":
        replicates = replicates_for(wave, request)
    if replicates is not None:
        return estimate_replicates(
            wave, replicates, frame, by, stat=stat, denominator=request.over or None, interval=request.interval
        )
    if stat == "quantile":
        return quantile(wave, frame, by, same=1e-10, lonely=request.lonely)
    if stat == "ratio":
        pairs = [(name, request.over) for name in frame if name != request.over]
        return ratio(wave, pairs, by, numbers=frame, lonely=request.lonely)
    interval = request.interval if stat == "share" else None
    return estimate(wave, frame, by, stat=stat, interval=interval, lonely=request.lonely)
