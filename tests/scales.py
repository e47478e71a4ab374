"""Answers to a scale of six items that R can make up too, and waves of them.

    u <- function(i, j) { v <- sin(12.9898 * i + 78.233 * j) * 43758.5453; v - floor(v) }
    i <- 1:600; t <- u(i, 1) + u(i, 2) + u(i, 3) - 1.5; group <- ifelse(u(i, 4) < 0.4, "b", "a")
    slope <- c(1.6, 1.3, 1.0, 1.5, 0.8, 1.2)
    x <- as.data.frame(sapply(1:6, function(j) pmin(5, pmax(1, floor(3.5 + slope[j] * t + 0.3 * (group == "b") +
      2 * (u(i, 3 + 2 * j) + u(i, 4 + 2 * j) - 1) + 0.9 * (j == 3) * (group == "b"))))))
    x <- x - 1; names(x) <- q <- paste0("q", 1:6); x$group <- group; x$w <- 0.5 + 2 * u(i, 90)
    x$k <- factor(cut(i %% 7, c(-1, 1, 4, 6), labels = c("k", "l", "m"))); x$psu <- i %% 40; x$stratum <- x$psu %% 4
    d <- svydesign(ids = ~psu, strata = ~stratum, weights = ~w, data = x, nest = TRUE)

R 4.2.2 with lavaan 0.6.14, psych 2.2.9, survey 4.1.1 and relaimpo 2.2-7. Our items are 25 times as large (0-100).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd
from builders import make_wave

from trustsurvey.model import Index, Instrument, Item, Scale, Wave
from trustsurvey.scales.scoring import score

ITEMS = tuple(f"q{j}" for j in range(1, 7))


def _u(i: np.ndarray, j: int) -> np.ndarray:
    v = np.sin(12.9898 * i + 78.233 * j) * 43758.5453
    return v - np.floor(v)


def reference() -> pd.DataFrame:
    """The frame ``x`` of the R code above."""
    i = np.arange(1, 601)
    t, b = _u(i, 1) + _u(i, 2) + _u(i, 3) - 1.5, _u(i, 4) < 0.4
    slope = (1.6, 1.3, 1.0, 1.5, 0.8, 1.2)
    x = {}
    for j in range(1, 7):
        noise = 2 * (_u(i, 3 + 2 * j) + _u(i, 4 + 2 * j) - 1)
        x[f"q{j}"] = np.clip(np.floor(3.5 + slope[j - 1] * t + 0.3 * b + noise + 0.9 * (j == 3) * b), 1, 5) - 1
    psu = i % 40
    kind = np.array(["k", "k", "l", "l", "l", "m", "m"])[i % 7]
    more = {"group": np.where(b, "b", "a"), "k": kind, "w": 0.5 + 2 * _u(i, 90), "psu": psu, "stratum": psu % 4}
    return pd.DataFrame({**x, **more})


def scale_wave(
    answers: pd.DataFrame,
    people: Mapping[str, Any] | None = None,
    *,
    reverse: Sequence[str] = (),
    low: float = 0,
    high: float = 4,
    at_least: int | None = None,
    **design: Any,
) -> Wave:
    """A scored wave whose only index "all" is the mean of these items, asked on a scale from low to high."""
    scale = Scale("scale", low, high, positive=(high - 1, high))
    items = tuple(Item(str(name), f"Is it {name}?", scale, reverse=name in reverse) for name in answers)
    names = tuple(item.id for item in items)
    index = Index("all", "All", names, at_least or -(-2 * len(names) // 3))
    wave = make_wave({}, people, n=len(answers), **design)
    people_frame = wave.people.reset_index(drop=True)
    answers = answers.reset_index(drop=True).astype(float)
    return score(
        replace(
            wave,
            instrument=Instrument("scale", "Scale", items, (index,), "all"),
            people=people_frame,
            answers=answers,
            missing=answers.isna().astype("int8"),
            wording={item.id: item.text for item in items},
            scores=None,
        )
    )


def reference_wave(weighted: bool = False) -> Wave:
    """The reference answers as a simple random sample, or with the weights, strata and PSUs of ``d``."""
    x = reference()
    design = {"weights": x["w"], "strata": x["stratum"], "psus": x["psu"]} if weighted else {}
    return scale_wave(x[list(ITEMS)], {"group": x["group"], "k": x["k"].astype("category")}, **design)


def one_factor_answers(
    rng: np.random.Generator, n: int, loadings: Sequence[float], shift: np.ndarray | None = None
) -> pd.DataFrame:
    """Normal answers with these loadings on one factor and total variance 1; ``shift`` moves the factor (n,)."""
    load = np.asarray(loadings)
    factor = rng.normal(size=n) + (0.0 if shift is None else shift)
    x = factor[:, None] * load + rng.normal(size=(n, len(load))) * np.sqrt(1 - load**2)
    return pd.DataFrame(x, columns=[f"q{j + 1}" for j in range(len(load))])
