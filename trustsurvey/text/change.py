"""What residents mention more or less often than in an earlier wave."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd
from scipy import sparse

from trustsurvey.comparison.compare import check_apart, judged
from trustsurvey.comparison.joint import joint_covariance
from trustsurvey.comparison.multiplicity import Adjustment
from trustsurvey.estimation.linearise import Domains
from trustsurvey.estimation.variance import VarianceModel
from trustsurvey.model import Estimates, Wave
from trustsurvey.text.prevalence import ENOUGH_AUDITED, Coded, Part

KEYS = ["measure", "by", "level"]


def mention_change(
    old: Wave,
    new: Wave,
    coded_old: Coded,
    coded_new: Coded,
    before: Estimates,
    after: Estimates,
    by: Sequence[str] = (),
    *,
    enough: int = ENOUGH_AUDITED,
    adjust: Adjustment = "bh",
    made: tuple[Part | None, Part | None] = (None, None),
) -> pd.DataFrame:
    """Differences in the share that mentions each code, with their test; shares and differences are 0 to 1.

    ``before`` and ``after`` are the protected shares of the two waves: what is withheld or guarded in
    either is withheld here. Columns: measure, by, level, before, after, diff, se, lci, uci, df, p,
    p_adj (over the levels of one grouping), detectable, verdict. Variances are those of both phases;
    residents who are in both waves give the covariance of the first phase, the two audits are drawn
    independently. Degrees of freedom by Satterthwaite (1946). ``made``: what ``prevalence`` made the shares of, if
    these were by the same groupings.
    """
    check_apart((old, new))
    sides = [_side(wave, coded, by, enough, part)
             for wave, coded, part in ((old, coded_old, made[0]), (new, coded_new, made[1]))]  # fmt: skip
    both = sides[0][2].merge(sides[1][2], on=KEYS, suffixes=("_old", "_new"), how="inner", validate="1:1")
    places = [both[f"at_{name}"].to_numpy() for name in ("old", "new")]
    models = [side[0] for side in sides]
    values = [sparse.csr_array(sparse.csc_array(side[1].linear.values)[:, at])
              for side, at in zip(sides, places, strict=True)]  # fmt: skip
    covariance = joint_covariance(list(zip(models, values, strict=True)))[:, 0, 1]
    parts = [side[1].variance[at] for side, at in zip(sides, places, strict=True)]
    degrees = [
        np.maximum(table.set_index(KEYS)["df"].reindex(pd.MultiIndex.from_frame(both[KEYS])).to_numpy(float), 1)
        for table in (before.table, after.table)
    ]
    variance = np.maximum(parts[0] + parts[1] - 2 * covariance, 0.0)
    with np.errstate(invalid="ignore", divide="ignore"):
        df = (parts[0] + parts[1]) ** 2 / sum(v**2 / d for v, d in zip(parts, degrees, strict=True))
    shown = before.table[[*KEYS, "est", "n", "suppressed"]].merge(
        after.table[[*KEYS, "est", "n", "suppressed"]], on=KEYS, suffixes=("_old", "_new")
    )
    table = both[KEYS].merge(shown, on=KEYS, how="left", validate="1:1")
    withheld = ((table["suppressed_old"] != "") | (table["suppressed_new"] != "")).to_numpy()
    guarded = table[["n_old", "n_new", "est_old", "est_new"]].isna().any(axis=1).to_numpy() & ~withheld
    open_rows = ~withheld & ~guarded
    result = table[KEYS].assign(before=table["est_old"], after=table["est_new"])
    result["diff"] = (result["after"] - result["before"]).where(open_rows)
    result["se"] = np.where(open_rows, np.sqrt(variance), np.nan)
    result["df"] = np.where(open_rows, df, np.nan)
    judgement = judged(result, "diff", adjust)
    verdict = np.where(withheld, "withheld", np.where(guarded, "guarded", judgement["verdict"]))
    return judgement.assign(verdict=verdict)[
        [*KEYS, "before", "after", "diff", "se", "lci", "uci", "df", "p", "p_adj", "detectable", "verdict"]
    ]


def _side(
    wave: Wave, coded: Coded, by: Sequence[str], enough: int, part: Part | None
) -> tuple[VarianceModel, Part, pd.DataFrame]:
    """A wave's model, its shares, and the place of each (measure, by, level) among them."""
    model, domains = VarianceModel.of(wave), Domains.of(wave, by)
    if part is None:
        part = Part.of(coded, model, domains, "supervised", enough)
    k = len(coded.codes)
    places = pd.DataFrame(
        {"measure": np.repeat(np.array(coded.codes, dtype=object), len(domains)),
         "by": domains.by * k, "level": domains.level * k}
    )  # fmt: skip
    return model, part, places.assign(at=np.arange(len(places)))
