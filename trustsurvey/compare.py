"""What really changed: differences between waves and from the city, with multiplicity in mind."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy import sparse, stats

from trustsurvey.errors import SurveyError, some
from trustsurvey.estimation import LEVEL, t_quantile
from trustsurvey.linearise import Domains, linear_mean
from trustsurvey.model import Estimates, Floats, Lonely, Wave
from trustsurvey.variance import VarianceModel
from trustsurvey.wording import same_wording

POWER = 0.80
ALPHA = 1 - LEVEL


@dataclass(frozen=True)
class Change:
    """Differences, one row a measure and domain.

    Columns: measure, by, level, before, after, diff, se, lci, uci, df, p, p_adj (Benjamini-Hochberg
    over the levels of one grouping), detectable (the change found with 80 % power), verdict: "up",
    "down", "none" (no detectable change), "break" (not asked in the same way), "withheld" (too few
    answers) or "guarded" (hidden to protect a small neighbour).
    """

    table: pd.DataFrame
    old: str
    new: str


def breaks(old: Wave, new: Wave, measure: str) -> tuple[str, ...]:
    """Items of a measure that one wave did not ask, or asked in other words or on another scale."""
    items = [item for item in new.instrument.items_of(measure) if item in old.items or item in new.items]
    return tuple(
        item
        for item in items
        if item not in old.items
        or item not in new.items
        or not same_wording(old.wording.get(item, ""), new.wording.get(item, ""))
        or _span(old, item) != _span(new, item)
    )


def _span(wave: Wave, item: str) -> tuple[float, float, bool]:
    """The ends of an item's scale, and which of them speaks for the police."""
    asked = wave.instrument.item(item)
    return asked.scale.low, asked.scale.high, asked.reverse


def change(old: Wave, new: Wave, before: Estimates, after: Estimates, lonely: Lonely | None = None) -> Change:
    """Change of every mean that both waves have, by the same domains.

    ``before`` and ``after`` are the protected estimates of the two waves: what is withheld in
    either is withheld here. The variance is V1 + V2 - 2 Cov, the covariance coming from people (or
    other sampling units) who are in both waves; the p-values are two-sided, t on the sum of the
    waves' degrees of freedom, less those of the units in both.

    ``lonely`` is the treatment that the estimates were made with, if not the designs' own.
    """
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
    joined = after.rows(stat="mean").merge(
        before.rows(stat="mean"), on=keys, suffixes=("_after", "_before"), how="inner", validate="1:1"
    )
    table = joined.assign(variance=np.nan, df=np.nan, broken=False)
    if len(table):
        table["variance"], table["df"] = _difference(old, new, table, lonely)
        broken = {measure: bool(breaks(old, new, measure)) for measure in table["measure"].unique()}
        table["broken"] = table["measure"].map(broken)
    return Change(_verdicts(table), old.name, new.name)


def _difference(old: Wave, new: Wave, rows: pd.DataFrame, lonely: Lonely | None) -> tuple[Floats, Floats]:
    """Variance and degrees of freedom of the difference between two waves, for each row."""
    groupings = [tuple(grouping.split(" x ")) for grouping in dict.fromkeys(rows["by"]) if grouping]
    measures = list(dict.fromkeys(rows["measure"]))
    parts: list[tuple[VarianceModel, sparse.csr_array]] = []
    total = np.zeros(len(rows))
    for wave in (old, new):
        assert wave.scores is not None
        model, domains = VarianceModel.of(wave, lonely), Domains.of(wave, groupings)
        linear = linear_mean(wave.scores[measures].to_numpy(float), model.weights, domains)
        places = [(m, b, v) for m in measures for b, v in zip(domains.by, domains.level, strict=True)]
        at = {place: k for k, place in enumerate(places)}
        chosen = [at[key] for key in zip(rows["measure"], rows["by"], rows["level"], strict=True)]
        values = sparse.csr_array(sparse.csc_array(linear.values)[:, chosen])
        total += model.variance(values)
        parts.append((model, values))
    (first, a), (second, b) = parts
    covariance, doubled = first.shared_covariance(a, second, b)
    df = (rows["df_before"] + rows["df_after"]).to_numpy(float) - doubled
    return np.maximum(total - 2 * covariance, 0.0), df


def _verdicts(table: pd.DataFrame) -> pd.DataFrame:
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
    return _test(result, withheld, broken, guarded)


def _test(result: pd.DataFrame, withheld: pd.Series, broken: pd.Series | bool, guarded: pd.Series) -> pd.DataFrame:
    """Add intervals, p-values, their adjustment and the verdict to differences with se and df."""
    df, se, diff = (result[name].to_numpy(float) for name in ("df", "se", "diff"))
    reach = t_quantile(df) * se
    result["lci"], result["uci"] = diff - reach, diff + reach
    with np.errstate(invalid="ignore", divide="ignore"):
        ratio = np.where(se > 0, np.abs(diff) / se, np.where(diff == 0, 0.0, np.inf))
        result["p"] = np.where(np.isfinite(diff), 2 * stats.t.sf(ratio, np.maximum(df, 1)), np.nan)
    result["p_adj"] = np.nan
    for _, rows in result.groupby(["measure", "by"], sort=False):
        result.loc[rows.index, "p_adj"] = benjamini_hochberg(rows["p"].to_numpy(float))
    result["detectable"] = detectable(se, df)
    verdict = np.where(result["p_adj"] <= ALPHA, np.where(diff > 0, "up", "down"), "none")
    verdict = np.where(broken, "break", np.where(guarded, "guarded", verdict))
    result["verdict"] = np.where(withheld, "withheld", verdict)
    order = [
        "measure", "by", "level", "before", "after", "diff", "se", "lci", "uci", "df", "p", "p_adj",
        "detectable", "verdict",
    ]  # fmt: skip
    return result[order]


def detectable(se: Floats, df: Floats) -> Floats:
    """The smallest true change that a 5 % test would have found four times in five: (t.975 + t.80) SE."""
    safe = np.maximum(np.nan_to_num(np.asarray(df, dtype=float), nan=1.0), 1.0)
    return np.where(np.isfinite(se), (stats.t.ppf(1 - ALPHA / 2, safe) + stats.t.ppf(POWER, safe)) * se, np.nan)


def benjamini_hochberg(p: Floats) -> Floats:
    """Adjusted p-values that hold the false discovery rate (Benjamini & Hochberg 1995); NaN stays NaN."""
    p = np.asarray(p, dtype=float)
    known = np.isfinite(p)
    result = np.full(len(p), np.nan)
    if known.any():
        result[known] = stats.false_discovery_control(p[known], method="bh")
    return result


def against_everyone(
    wave: Wave, estimates: Estimates, measure: str, by: str, lonely: Lonely | None = None
) -> pd.DataFrame:
    """Where a domain's mean differs from that of everyone: the columns of :class:`Change`.

    ``estimates`` are protected ones. The domain is part of everyone, so their covariance counts.
    """
    assert wave.scores is not None
    model, domains = VarianceModel.of(wave, lonely), Domains.of(wave, [tuple(by.split(" x "))])
    linear = linear_mean(wave.scores[measure].to_numpy(float), model.weights, domains)
    everyone = sparse.csc_array(linear.values)[:, [0]]
    covariance = model.covariance(linear.values, everyone)[:, 0]
    variance = model.variance(linear.values)
    gap = np.maximum(variance + variance[0] - 2 * covariance, 0.0)
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
            "df": rows["df"],
        }
    )
    guarded = rows["n"].isna() & ~withheld
    result.loc[withheld | guarded, ["diff", "se", "df"]] = np.nan
    return _test(result, withheld, False, guarded)
