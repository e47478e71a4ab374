"""Do small-area intervals cover, and do lowest-fifth probabilities come true? Run this file to see.

Residents are drawn anew, with unequal weights, in areas whose true means are drawn too: bounded, skewed
scores whose spread differs between areas, or yes and no. Every figure stands with its Monte Carlo
error, from the spread between repetitions. ``--smoothing`` compares ways to smooth sampling variances.
"""

from __future__ import annotations

import argparse
from collections.abc import Callable
from itertools import pairwise
from pathlib import Path

import numpy as np
import pandas as pd
from scipy import special

if __package__ is None:
    import sys

    sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from trustsurvey.areas.covariates import AreaCovariates
from trustsurvey.areas.fay_herriot import fay_herriot, posterior
from trustsurvey.areas.lowest import lowest_areas
from trustsurvey.areas.small_area import SmallAreas, model_areas
from trustsurvey.areas.variances import smoothed_variance
from trustsurvey.model import Estimates

SEED = 20240511
AREAS = (20, 40, 77)
#: Variance between areas over the middle sampling variance.
SIGNALS = (0.0, 0.1, 0.25, 0.5, 1.0, 3.0)
KINDS = ("scores", "shares .5", "shares .15")
CONFIDENCE = 1.959964


def truth(rng: np.random.Generator, kind: str, m: int, signal: float, n: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """True means by area, on 0-1, and a covariate that explains a third of what differs."""
    middle = 0.6 if kind == "scores" else float(kind.split()[1])
    unit = 0.04 if kind == "scores" else middle * (1 - middle)
    sd = np.sqrt(signal * unit * 1.16 / np.median(n)) / (middle * (1 - middle))
    x = rng.normal(size=m)
    return special.expit(special.logit(middle) + sd * (np.sqrt(1 / 3) * x + np.sqrt(2 / 3) * rng.normal(size=m))), x


def drawn(rng: np.random.Generator, kind: str, mean: np.ndarray, n: np.ndarray) -> Estimates:
    """Direct estimates of one survey: weighted means with Taylor standard errors."""
    area = np.repeat(np.arange(len(n)), n)
    centre = mean[area]
    if kind == "scores":
        # Element standard deviations from about 15 to 27 points.
        phi = centre * (1 - centre) / (0.04 * np.exp(0.3 * rng.normal(size=len(n))))[area] - 1
        y = 100 * rng.beta(np.maximum(centre * phi, 0.2), np.maximum((1 - centre) * phi, 0.2))
        # The mean is the true one whatever the shape.
        y += 100 * (
            centre
            - np.maximum(centre * phi, 0.2) / (np.maximum(centre * phi, 0.2) + np.maximum((1 - centre) * phi, 0.2))
        )
    else:
        y = (rng.random(len(area)) < centre).astype(float)
    w = rng.lognormal(0.0, 0.4, len(area))
    total = np.bincount(area, w)
    est = np.bincount(area, w * y) / total
    se = np.sqrt(n / np.maximum(n - 1, 1) * np.bincount(area, (w * (y - est[area])) ** 2)) / total
    stat = "mean" if kind == "scores" else "share"
    city = pd.DataFrame({"by": [""], "level": [""], "est": [w @ y / w.sum()], "se": np.nan, "n": len(y), "df": len(y)})
    rows = pd.DataFrame({"by": "area", "level": [f"a{k}" for k in range(len(n))], "est": est, "se": se, "n": n})
    table = pd.concat([city, rows.assign(df=n - 1)], ignore_index=True)
    return Estimates(table.assign(wave="w", measure="y", stat=stat, suppressed=""))


def gated(direct: Estimates) -> Estimates:
    """What the disclosure gate leaves of areas with under ten people."""
    table = direct.table.assign(guarded=False)
    small = table["n"] < 10
    table["suppressed"] = np.where(small, "too few people", "")
    table["n"] = table["n"].astype(float)
    table.loc[small, ["est", "se", "n", "df"]] = np.nan
    return Estimates(table)


def once(rng: np.random.Generator, kind: str, m: int, signal: float, covariate: bool) -> tuple[SmallAreas, np.ndarray]:
    """One survey modelled, and the truth in the unit of the table; one area in ten has too few people."""
    n = rng.integers(10, 61, m)
    n[: m // 10] = rng.integers(2, 10, m // 10)
    mean, x = truth(rng, kind, m, signal, n)
    direct = drawn(rng, kind, mean, n)
    names = direct.table["level"].tolist()[1:]
    covariates = AreaCovariates(pd.DataFrame({"x": x}, index=names)) if covariate else None
    # Weights have the same mean everywhere, so that what is drawn stands for the population.
    model = model_areas(
        direct, gated(direct), "area", "y", stat="mean" if kind == "scores" else "share",
        covariates=covariates, population=dict(zip(names, n.astype(float), strict=True)),
    )  # fmt: skip
    return model, mean * (100 if kind == "scores" else 1)


def figure(values: list[float]) -> str:
    """A percentage with the standard error of its mean over repetitions."""
    return f"{100 * np.mean(values):5.1f} ({100 * np.std(values) / np.sqrt(len(values)):.1f})"


def coverage(repeat: int) -> None:
    """Coverage by kind, number of areas and signal; calibration of the lowest fifth over all of them."""
    print("95 % intervals: percentage that cover, with Monte Carlo error. 'sampled': areas that entered the")
    print("model; 'synthetic': areas of 2 to 9 people, which do not; 'mse': eblup +- 1.96 root mse, sampled.\n")
    print("| kind | covariate | areas | signal | sampled | synthetic | mse | rmse eblup / direct | sigma2 = 0 |")
    print("| --- | --- | --- | --- | --- | --- | --- | --- | --- |")
    pooled: dict[tuple[str, bool], list[float]] = {}
    said: list[np.ndarray] = []
    for kind in KINDS:
        for covariate in (False, True):
            for m in AREAS:
                for signal in SIGNALS:
                    rng = np.random.default_rng([SEED, KINDS.index(kind), covariate, m, int(100 * signal)])
                    inside: list[float] = []
                    alone: list[float] = []
                    classic: list[float] = []
                    zero, squares = 0, np.zeros(2)
                    for seed in range(repeat):
                        model, true = once(rng, kind, m, signal, covariate)
                        table = model.table
                        own = (table["flag"] == "").to_numpy()
                        hit = ((table["lci"] <= true) & (true <= table["uci"])).to_numpy()
                        off = np.abs(table["modelled"] - true).to_numpy()
                        inside.append(hit[own].mean())
                        alone.append(hit[~own].mean())
                        classic.append((off <= CONFIDENCE * np.sqrt(table["mse"]))[own].mean())
                        zero += model.fit.boundary
                        squares += (off[own] ** 2).mean(), ((table["direct"] - true)[own] ** 2).mean()
                        if signal:
                            low = lowest_areas(model, draws=1000, seed=seed)
                            k = int(low["k"].iloc[0])
                            true_low = true.argsort().argsort() < k
                            said.append(np.column_stack((low["probability"], true_low, np.full(m, signal))))
                    pooled.setdefault((kind, signal > 0), []).extend(inside)
                    print(
                        f"| {kind} | {'one' if covariate else 'none'} | {m} | {signal} | {figure(inside)} | "
                        f"{figure(alone)} | "
                        f"{figure(classic)} | {np.sqrt(squares[0] / squares[1]):.2f} | {zero / repeat:.0%} |",
                        flush=True,
                    )
    for (kind, differ), values in pooled.items():
        print(f"\n{kind}, {'areas differ (signal above 0)' if differ else 'no area differs'}: {figure(values)}", end="")
    overall = [v for (_, differ), values in pooled.items() if differ for v in values]
    print(f"\nall, areas differ: {figure(overall)}\n")
    every = np.concatenate(said)
    for name, rows in (("0.5 and more", every[:, 2] >= 0.5), ("0.1 and 0.25", every[:, 2] < 0.5)):
        calibration(every[rows], name)


def calibration(said: np.ndarray, signals: str) -> None:
    """How often areas said to be among the lowest fifth with some probability are."""
    print(f"\nLowest fifth, signals of {signals}: said, and found (Monte Carlo error)\n")
    print("| said | areas | mean said | found |\n| --- | --- | --- | --- |")
    ends = np.array([0, 0.02, 0.05, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 1.0001])
    for low, high in pairwise(ends):
        rows = said[(said[:, 0] >= low) & (said[:, 0] < high)]
        if len(rows):
            error = np.sqrt(rows[:, 1].mean() * (1 - rows[:, 1].mean()) / len(rows))
            print(
                f"| {low:.2f} to {min(high, 1):.2f} | {len(rows):,} | {rows[:, 0].mean():.3f} | "
                f"{rows[:, 1].mean():.3f} ({error:.3f}) |"
            )
    print(f"\nBrier score {np.mean((said[:, 0] - said[:, 1]) ** 2):.4f}; {0.16:.4f} for 0.2 everywhere")


def raw(se: np.ndarray, n: np.ndarray, df: np.ndarray) -> np.ndarray:
    """Variances as estimated, zeros replaced by a tenth of the middle."""
    return np.maximum(se**2, 0.1 * np.median(se**2))


def pooled(se: np.ndarray, n: np.ndarray, df: np.ndarray) -> np.ndarray:
    """One unit variance for all areas."""
    return (df @ (n * se**2) / df.sum()) / n


def regressed(se: np.ndarray, n: np.ndarray, df: np.ndarray) -> np.ndarray:
    """Log variance on log n, weighted and corrected for the mean of log chi-square."""
    ok = se > 0
    half = df[ok] / 2
    logs = np.log(se[ok] ** 2) - special.digamma(half) + np.log(half)
    w = 1 / special.polygamma(1, half)
    Z = np.column_stack((np.ones(ok.sum()), np.log(n[ok])))
    a, b = np.linalg.solve((Z * w[:, None]).T @ Z, (Z * w[:, None]).T @ logs)
    return np.exp(a + b * np.log(n))


WAYS: dict[str, Callable[[np.ndarray, np.ndarray, np.ndarray], np.ndarray]] = {
    "raw": raw, "pooled": pooled, "log on log n": regressed, "shrunken (ours)": smoothed_variance,
}  # fmt: skip


def smoothing(repeat: int) -> None:
    """Coverage and error of the modelled values, by way of smoothing the sampling variances of scores."""
    print("| areas | n | signal | " + " | ".join(f"{way}: coverage, rmse" for way in WAYS) + " |")
    print("| --- | --- | --- |" + " --- |" * len(WAYS))
    for m in (20, 77):
        for least, most in ((3, 40), (15, 80)):
            for signal in (0.5, 2.0):
                rng = np.random.default_rng([SEED, m, least, int(10 * signal)])
                hit: dict[str, list[float]] = {way: [] for way in WAYS}
                square = dict.fromkeys(WAYS, 0.0)
                for _ in range(repeat):
                    n = rng.integers(least, most + 1, m)
                    mean, _ = truth(rng, "scores", m, signal, n)
                    rows = drawn(rng, "scores", mean, n).table.iloc[1:]
                    est, se, size, df = (rows[c].to_numpy(float) for c in ("est", "se", "n", "df"))
                    for way, smooth in WAYS.items():
                        fit = fay_herriot(est, np.ones((m, 1)), smooth(se, size, df))
                        mixture = posterior(fit)
                        low, high = mixture.quantile(0.025), mixture.quantile(0.975)
                        hit[way].append(((low <= 100 * mean) & (100 * mean <= high)).mean())
                        square[way] += ((fit.eblup - 100 * mean) ** 2).mean() / repeat
                cells = " | ".join(f"{figure(hit[way])}, {np.sqrt(square[way]):.2f}" for way in WAYS)
                print(f"| {m} | {least}-{most} | {signal} | {cells} |", flush=True)


def main() -> None:
    """Read the options, simulate, print."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--repeat", type=int, default=100, help="surveys a setting")
    parser.add_argument("--smoothing", action="store_true", help="compare ways to smooth sampling variances instead")
    options = parser.parse_args()
    if options.smoothing:
        smoothing(options.repeat)
    else:
        coverage(options.repeat)


if __name__ == "__main__":
    main()
