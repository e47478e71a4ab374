"""Modelled values for small areas: each area's answers and its likeness to others, past the disclosure gate.

The model sees nothing that the gate hides. An area with fewer than ten people takes no part: its
value is what the other areas and its covariates say, as for an area where nobody was asked. What a model
gives out can be solved for what went in (gamma and the coefficients follow from the areas shown,
and with them an answer from its prediction), so that leaving those columns out would not do.
"""

from __future__ import annotations

from collections.abc import Mapping as MappingType, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

import numpy as np
import pandas as pd
from scipy.optimize import brentq

from trustsurvey.areas.covariates import AreaCovariates
from trustsurvey.areas.fay_herriot import FayHerriot, Posterior, fay_herriot, posterior
from trustsurvey.areas.variances import arcsine, effective_n, share_of, smoothed_variance
from trustsurvey.disclosure.gate import UNRELIABLE
from trustsurvey.errors import Notice, SurveyError, some
from trustsurvey.estimation.means import LEVEL
from trustsurvey.language import N_, _
from trustsurvey.model import RULES, Estimates, Floats
from trustsurvey.wording import fold

#: Why values may not be benchmarked, as it is told after "none: ".
UNTIED = (
    N_("no population by area"), N_("no estimate for everyone may be shown"),
    N_("no shift of the areas meets the estimate for everyone"),
)  # fmt: skip

#: Columns of ``SmallAreas.table``, in order.
SMALL_AREA_COLUMNS = (
    "wave", "measure", "stat", "by", "area", "direct", "se", "n", "modelled", "lci", "uci", "mse",
    "gamma", "synthetic", "flag", "method",
)  # fmt: skip


@dataclass(frozen=True, eq=False)
class SmallAreas:
    """Modelled values, one row an area; all of it may be shown, all of it is to be labelled "modelled".

    ``table`` has the columns :data:`SMALL_AREA_COLUMNS`. ``direct``, ``se`` and ``n`` are the protected
    estimate's own. ``modelled`` is the empirical best predictor, benchmarked; ``lci``, ``uci``: its
    95 % interval; ``mse``: its mean squared error (before benchmarking); ``gamma``: the share that the
    area's own answers have in it; ``synthetic``: what the covariates alone say. ``flag`` is "" or
    "synthetic" (nobody asked, or too few people: own answers not used) or "coarse" (only the
    rounded estimate was used, to protect a small neighbour). Shares and all that belongs to them are on 0-1.

    ``fit``, ``draws_from``: the model on its own scale; both know only what the gate lets through.
    """

    table: pd.DataFrame
    fit: FayHerriot
    draws_from: Posterior
    terms: tuple[str, ...]
    about: MappingType[str, Any] = field(default_factory=dict)
    notices: tuple[Notice, ...] = ()


def model_areas(
    direct: Estimates,
    protected: Estimates,
    by: str,
    measure: str,
    *,
    stat: Literal["mean", "share"] = "mean",
    wave: str | None = None,
    covariates: AreaCovariates | None = None,
    population: pd.Series | MappingType[str, float] | None = None,
    areas: Sequence[str] = (),
) -> SmallAreas:
    """Model one measure over the areas of one level (Fay & Herriot 1979).

    Parameters
    ----------
    direct : estimates as made, before the gate; protected : the same after it.
    by, measure, stat, wave : which of their rows; ``wave`` may be left out where there is one.
    covariates : numbers by area (see ``covariates_from_table``); none: areas are drawn towards their mean.
    population : people by area, published figures (never sample counts: from those the hidden ones
        follow), to benchmark on. None: no benchmarking.
    areas : names of areas to report though nobody there may have been asked.

    Sampling variances are smoothed (:func:`smoothed_variance`). Shares are modelled as
    arcsine square roots of shares with a pooled design effect, and taken back as expected values.
    The interval is of the posterior with sigma2 integrated out, widened where need be to hold the
    modelled value. Benchmarking adds one and the same amount to all areas, on the scale
    of the model, so that their mean weighted by population is the direct estimate for everyone; the order of
    areas stays. SurveyError ``model.*`` and ``covariates.*``.
    """
    rows, everyone = _rows(direct, protected, by, measure, stat, wave, areas)
    names, used = rows.index.tolist(), rows["used"].to_numpy(bool)
    X = np.ones((len(rows), 1)) if covariates is None else covariates.matrix(names, used)
    est, se, n, df = (rows[c].to_numpy(float) for c in ("est", "se", "n", "df"))
    if stat == "share":
        y, psi = arcsine(est, effective_n(est, se, n, df))
    else:
        y, psi = est, smoothed_variance(se, n, df)
    fit = fay_herriot(np.where(used, y, np.nan), X, np.where(used, psi, np.inf))
    mixture = posterior(fit)
    own = fit.sigma2 * (1 - fit.gamma)
    shift, told = _benchmark(fit.eblup, own, stat, names, population, everyone)
    modelled = _back(fit.eblup + shift, own, stat)
    ends = [_within(mixture.quantile(level) + shift, stat) for level in ((1 - LEVEL) / 2, (1 + LEVEL) / 2)]
    low, high = (_back(end, 0.0, stat) for end in ends)
    scale = 4 * modelled * (1 - modelled) if stat == "share" else 1.0
    table = pd.DataFrame(
        {
            "wave": rows.attrs["wave"], "measure": measure, "stat": stat, "by": by, "area": names,
            "direct": rows["shown_est"].to_numpy(float), "se": rows["shown_se"].to_numpy(float),
            "n": rows["shown_n"].to_numpy(float), "modelled": modelled,
            "lci": np.minimum(low, modelled), "uci": np.maximum(high, modelled), "mse": fit.mse * scale,
            "gamma": fit.gamma, "synthetic": _back(fit.synthetic, fit.sigma2, stat), "flag": rows["flag"].to_numpy(),
            "method": "modelled: Fay-Herriot, REML" + (", arcsine" if stat == "share" else ""),
        }
    )[list(SMALL_AREA_COLUMNS)]  # fmt: skip
    terms = ("constant", *(() if covariates is None else covariates.names))
    about = {
        "label": "modelled", "scale": "arcsine square root" if stat == "share" else "as measured",
        "covariates": terms[1:], "source": "" if covariates is None else covariates.source,
        "areas": len(names), "areas_used": int(used.sum()), "sigma2": fit.sigma2, "benchmark": told, "shift": shift,
        "interval": LEVEL, "sampling_variance": "smoothed over areas",
    }  # fmt: skip
    return SmallAreas(table, fit, mixture, terms, about, _notices(fit, rows, told, population))


def _rows(
    direct: Estimates, protected: Estimates, by: str, measure: str, stat: str, wave: str | None, areas: Sequence[str]
) -> tuple[pd.DataFrame, float]:
    """What may enter the model, by area, with what may be shown beside it; and the direct estimate for everyone.

    A rounded mean without a number counts for the least that the gate lets stand behind it.
    """
    if stat not in ("mean", "share"):
        raise SurveyError("model.stat", f"There is no model for '{stat}'", expected="mean or share")
    if "guarded" not in protected.table:
        raise SurveyError(
            "model.ungated", "The estimates have not passed the disclosure gate", hint="Call protect(estimates) first.",
        )  # fmt: skip
    found = [e.rows(by=by, measure=measure, stat=stat) for e in (direct, protected)]
    waves = list(dict.fromkeys(found[0]["wave"]))
    if wave is None and len(waves) > 1:
        raise SurveyError("model.wave", "The estimates are of several waves", got=some(waves), hint="Name one of them.")
    wave = waves[0] if wave is None and waves else wave
    made, gated = (rows[rows["wave"] == wave].set_index("level") for rows in found)
    if made.empty or not (made.index.is_unique and gated.index.is_unique):
        raise SurveyError(
            "model.rows", f"The estimates have no single row of '{measure}' for each '{by}'", where=wave or "",
            expected=f"estimate(wave, ['{measure}'], by=['{by}'], stat='{stat}')",
        )  # fmt: skip
    here = {fold(str(name)) for name in made.index}
    names = [*map(str, made.index), *(name for name in dict.fromkeys(areas) if fold(name) not in here)]
    made, gated = made.reindex(names), gated.reindex(names)
    people = made["n"].fillna(0).to_numpy(float) >= RULES.people  # whatever the protected table says
    guarded = gated["guarded"].eq(True).to_numpy(bool)
    spoken = gated["suppressed"].isin(["", UNRELIABLE]).to_numpy(bool)
    whole = people & spoken & gated["n"].notna().to_numpy(bool) & ~guarded & np.isfinite(made["est"].to_numpy(float))
    coarse = people & spoken & guarded & np.isfinite(gated["est"].to_numpy(float))
    rows = pd.DataFrame(
        {
            "est": np.where(whole, made["est"], np.where(coarse, gated["est"], np.nan)),
            "se": np.where(whole, made["se"], np.nan),
            "n": np.where(whole, made["n"], np.where(coarse, float(RULES.answers), np.nan)),
            "df": np.where(whole, made["df"], 0.0),
            "used": whole | coarse,
            "flag": np.where(whole, "", np.where(coarse, "coarse", "synthetic")),
            "shown_est": gated["est"], "shown_se": gated["se"], "shown_n": gated["n"],
        },
        index=pd.Index(names, dtype=object),
    )  # fmt: skip
    rows.attrs["wave"] = wave
    city = protected.rows(by="", measure=measure, stat=stat, wave=wave, suppressed="")["est"]
    return rows, float(city.iloc[0]) if len(city) else np.nan


def _back(value: Floats, variance: Floats | float, stat: str) -> Floats:
    """From the scale of the model to that of the measure."""
    return share_of(value, np.asarray(variance)) if stat == "share" else value


def _within(value: Floats, stat: str) -> Floats:
    return np.clip(value, 0, np.pi / 2) if stat == "share" else value


def _benchmark(
    value: Floats,
    variance: Floats,
    stat: str,
    names: Sequence[str],
    population: pd.Series | MappingType[str, float] | None,
    everyone: float,
) -> tuple[float, str]:
    """The amount to add on the model's scale, and what was done in words."""
    if population is None:
        return 0.0, "none: no population by area"
    people = {fold(str(area)): float(count) for area, count in population.items()}
    absent = [name for name in names if fold(name) not in people]
    weights = np.array([people.get(fold(name), 0.0) for name in names])
    if absent or not (np.isfinite(weights).all() and (weights >= 0).all() and weights.sum() > 0):
        raise SurveyError(
            "model.population", "The population by area is not complete", got=f"no number for {some(absent)}"
            if absent else "a number that is no number of people",
            expected="a number of people, 0 or more, for every area",
        )  # fmt: skip
    weights = weights / weights.sum()
    if not np.isfinite(everyone):
        return 0.0, "none: no estimate for everyone may be shown"

    def gap(shift: float) -> float:
        return float(weights @ _back(value + shift, variance, stat)) - everyone

    if stat == "mean":
        return -gap(0.0), "difference: one amount added to every area"
    ends = (-float(value.max()), np.pi / 2 - float(value.min()))
    if not gap(ends[0]) < 0 < gap(ends[1]):
        return 0.0, "none: no shift of the areas meets the estimate for everyone"
    return float(brentq(gap, *ends, xtol=1e-15)), "difference on the arcsine scale: one amount added to every area"


def _notices(
    fit: FayHerriot, rows: pd.DataFrame, told: str, population: pd.Series | MappingType[str, float] | None
) -> tuple[Notice, ...]:
    notices = []
    if fit.boundary:
        notices.append(
            Notice(
                "model.no-difference",
                _(
                    "Areas differ no more than samples of this size do by chance: modelled values are what the "
                    "covariates say, and their classical mean squared errors too small. Read the intervals."
                ),
                "warning",
            )
        )
    alone = int((rows["flag"] == "synthetic").sum())
    if alone:
        notices.append(
            Notice(
                "model.synthetic",
                _("Too few people were asked, or nobody, in {n} of the areas: nothing of theirs is used.").format(
                    n=alone
                ),
            )
        )
    if population is not None and told.startswith("none"):
        notices.append(
            Notice(
                "model.benchmark", _("Modelled values are not benchmarked ({why}).").format(why=_(told[6:])), "warning"
            )
        )
    return tuple(notices)
