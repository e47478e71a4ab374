"""What really changed: differences between waves and from the city, with multiplicity in mind."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
import pandas as pd
from scipy import sparse, stats

from trustsurvey.comparison.joint import contrast_df, joint_covariance, linear_part
from trustsurvey.comparison.multiplicity import Adjustment, adjusted
from trustsurvey.errors import SurveyError, some
from trustsurvey.estimation.intervals import LEVEL, t_quantile
from trustsurvey.estimation.linearise import Domains, linear_mean
from trustsurvey.estimation.variance import Df, VarianceModel
from trustsurvey.model import Estimates, Floats, Lonely, Wave
from trustsurvey.model.report import mode_shift
from trustsurvey.wording import same_wording

POWER = 0.80
ALPHA = 1 - LEVEL


@dataclass(frozen=True)
class Change:
    """Differences, one row a measure and domain.

    Columns: measure, by, level, before, after, diff, se, lci, uci, df, p, p_adj (over the levels of
    one grouping, by ``adjust``), detectable (the change found with 80 % power), verdict: "up",
    "down", "none" (no detectable change), "break" (not asked in the same way), "withheld" (too few
    answers) or "guarded" (hidden to protect a small neighbour).
    """

    table: pd.DataFrame
    old: str
    new: str
    adjust: Adjustment = "bh"


def breaks(old: Wave, new: Wave, measure: str) -> tuple[str, ...]:
    """Items of a measure that one wave did not ask, or asked in other words, on another scale or in another mode."""
    items = [item for item in new.instrument.items_of(measure) if item in old.items or item in new.items]
    if mode_shift(old.report, new.report):
        return tuple(items)
    return tuple(
        item
        for item in items
        if item not in old.items
        or item not in new.items
        or not same_wording(old.wording.get(item, ""), new.wording.get(item, ""))
        or _span(old, item) != _span(new, item)
        or old.asked_on.get(item) != new.asked_on.get(item)
    )


def _span(wave: Wave, item: str) -> tuple[float, float, bool]:
    """The ends of an item's scale, and which of them speaks for the police."""
    asked = wave.instrument.item(item)
    return asked.scale.low, asked.scale.high, asked.reverse


def change(
    old: Wave,
    new: Wave,
    before: Estimates,
    after: Estimates,
    lonely: Lonely | None = None,
    *,
    stat: Literal["mean", "share"] = "mean",
    adjust: Adjustment = "bh",
    df: Df = "satterthwaite",
) -> Change:
    """Change of every mean (or share) that both waves have, by the same domains.

    ``before`` and ``after`` are the protected estimates of the two waves: what is withheld in
    either is withheld here. The variance is V1 + V2 - 2 Cov, the covariance coming from people (or
    other sampling units) who are in both waves (Kish 1965, 12.4); the p-values are two-sided, t
    on the degrees of freedom ``df`` names (:func:`~trustsurvey.comparison.joint.contrast_df`). Waves may be
    pooled ones.

    ``lonely`` is the treatment that the estimates were made with, if not the designs' own;
    ``adjust`` names how p-values allow for the number of tests.

    SurveyError ``compare.measure`` for a measure that is no score of both waves,
    ``compare.overlap`` where an interview stands in both of two pooled waves.
    """
    check_apart((old, new))
    for wave, estimates in ((old, before), (new, after)):
        measures = estimates.table["measure"].unique()
        absent = [name for name in measures if wave.scores is None or name not in wave.scores]
        if absent:
            raise SurveyError(
                "compare.measure", f"The wave has no score {some(absent)} to compare", where=wave.name,
                hint="Put the numbers among the scores of both waves first.",
            )  # fmt: skip
    keys = ["measure", "by", "level"]
    # Pairs are made in the order of the new wave, levels that only one wave has stay out.
    joined = after.rows(stat=stat).merge(
        before.rows(stat=stat), on=keys, suffixes=("_after", "_before"), how="inner", validate="1:1"
    )
    table = joined.assign(variance=np.nan, df=np.nan, broken=False)
    if len(table):
        parts = [linear_part(wave, table, lonely) for wave in (old, new)]
        covariance, sides = joint_covariance(parts), np.array([[-1.0, 1.0]])
        table["variance"] = np.maximum(np.einsum("xa,kab,xb->k", sides, covariance, sides), 0.0)
        table["df"] = contrast_df(parts, covariance, np.broadcast_to(sides, (len(table), 2)), df)
        broken = {measure: bool(breaks(old, new, measure)) for measure in table["measure"].unique()}
        table["broken"] = table["measure"].map(broken)
    return Change(_verdicts(table, adjust), old.name, new.name, adjust)


def check_apart(waves: Sequence[Wave]) -> None:
    """Refuse (``compare.overlap``) pooled waves that hold the same interviews: no label links those."""
    if not any(wave.pooled_from for wave in waves):
        return
    held = [name for wave in waves for name in (wave.pooled_from or (wave.name,))]
    twice = dict.fromkeys(name for name in held if held.count(name) > 1)
    if twice:
        raise SurveyError(
            "compare.overlap", f"The interviews of {some(twice)} stand in several of the periods compared",
            where=some(wave.name for wave in waves), expected="periods without a wave in common",
            hint="Compare a year with the year that ended before it began.",
        )  # fmt: skip


# --- words --------------------------------------------------------------------------------------------


def _verdicts(table: pd.DataFrame, adjust: Adjustment) -> pd.DataFrame:
    withheld = (table["suppressed_before"] != "") | (table["suppressed_after"] != "")
    broken = table["broken"].astype(bool)
    guarded = table[["n_before", "n_after"]].isna().any(axis=1) & ~withheld
    open_rows = ~withheld & ~broken & ~guarded
    df = table["df"].to_numpy(float)
    result = pd.DataFrame(
        {
            "measure": table["measure"],
            "by": table["by"],
            "level": table["level"],
            "before": table["est_before"],
            "after": table["est_after"],
            "diff": (table["est_after"] - table["est_before"]).where(open_rows),
            "se": np.sqrt(table["variance"].astype(float)).where(open_rows),
            "df": np.where(open_rows, df, np.nan),
        }
    )
    return _test(result, withheld, broken, guarded, adjust)


def _test(
    result: pd.DataFrame, withheld: pd.Series, broken: pd.Series | bool, guarded: pd.Series, adjust: Adjustment
) -> pd.DataFrame:
    """Add intervals, p-values, their adjustment and the verdict to differences with se and df."""
    result = judged(result, "diff", adjust)
    verdict = np.where(broken, "break", np.where(guarded, "guarded", result["verdict"]))
    result["verdict"] = np.where(withheld, "withheld", verdict)
    order = [
        "measure", "by", "level", "before", "after", "diff", "se", "lci", "uci", "df", "p", "p_adj",
        "detectable", "verdict",
    ]  # fmt: skip
    return result[order]


def judged(rows: pd.DataFrame, of: str, adjust: Adjustment = "bh") -> pd.DataFrame:
    """The rows with t intervals, two-sided p-values against 0, their adjustment, what was detectable, a verdict.

    ``rows`` has measure, by, the difference or slope in the column ``of``, se and df; a family of
    tests is one measure and grouping. The adjusted p-value decides: "up", "down" or "none".
    """
    df, se, value = (rows[name].to_numpy(float) for name in ("df", "se", of))
    reach = t_quantile(df) * se
    with np.errstate(invalid="ignore", divide="ignore"):
        ratio = np.where(se > 0, np.abs(value) / se, np.where(value == 0, 0.0, np.inf))
        p = np.where(np.isfinite(value), 2 * stats.t.sf(ratio, np.maximum(df, 1)), np.nan)
    p_adj = np.full(len(rows), np.nan)
    for family in rows.groupby(["measure", "by"], sort=False).indices.values():
        p_adj[family] = adjusted(p[family], adjust)
    verdict = np.where(p_adj <= ALPHA, np.where(value > 0, "up", "down"), "none")
    return rows.assign(
        lci=value - reach, uci=value + reach, p=p, p_adj=p_adj, detectable=detectable(se, df), verdict=verdict
    )


def detectable(se: Floats, df: Floats) -> Floats:
    """The smallest true change that a 5 % test would have found four times in five: (t.975 + t.80) SE."""
    safe = np.maximum(np.nan_to_num(np.asarray(df, dtype=float), nan=1.0), 1.0)
    return np.where(np.isfinite(se), (stats.t.ppf(1 - ALPHA / 2, safe) + stats.t.ppf(POWER, safe)) * se, np.nan)


def against_everyone(
    wave: Wave,
    estimates: Estimates,
    measure: str,
    by: str,
    lonely: Lonely | None = None,
    *,
    adjust: Adjustment = "bh",
    df: Df = "satterthwaite",
) -> pd.DataFrame:
    """Where a domain's mean differs from that of everyone: the columns of :class:`Change`.

    ``estimates`` are protected ones. The domain is part of everyone, so their covariance counts; the
    degrees of freedom are those of the domain's own mean (:func:`~trustsurvey.comparison.joint.contrast_df`).
    """
    assert wave.scores is not None
    model, domains = VarianceModel.of(wave, lonely), Domains.of(wave, [tuple(by.split(" x "))])
    linear = linear_mean(wave.scores[measure].to_numpy(float), model.weights, domains)
    everyone = sparse.csc_array(linear.values)[:, [0]]
    covariance = model.covariance(linear.values, everyone)[:, 0]
    variance = model.variance(linear.values)
    gap = np.maximum(variance + variance[0] - 2 * covariance, 0.0)
    known = contrast_df([(model, linear.values)], variance[:, None, None], np.ones((len(variance), 1)), df)
    shown = estimates.rows(measure=measure, stat="mean")
    if not (shown["by"] == "").any():
        raise SurveyError("compare.everyone", "The estimates have no row for everyone", where=wave.name)
    city = shown[shown["by"] == ""].iloc[0]
    rows = shown[shown["by"] == by].reset_index(drop=True)
    at = {level: k for k, level in enumerate(domains.level) if domains.by[k] == by}
    withheld = (rows["suppressed"] != "") | bool(city["suppressed"])
    result = pd.DataFrame(
        {
            "measure": measure,
            "by": by,
            "level": rows["level"],
            "before": float(city["est"]),
            "after": rows["est"],
            "diff": rows["est"] - city["est"],
            "se": np.sqrt(gap[[at[level] for level in rows["level"]]]),
            "df": known[[at[level] for level in rows["level"]]],
        }
    )
    guarded = rows["n"].isna() & ~withheld
    result.loc[withheld | guarded, ["diff", "se", "df"]] = np.nan
    return _test(result, withheld, False, guarded, adjust)
