"""Do the intervals hold what they promise? Seeded simulations: ``python benchmarks/coverage.py``.

A town whose residents answer unevenly (by age, education, sex and ethnicity, which the margins hold) is
surveyed again and again, raked each time, and every 95 % interval is held against the truth. Prints
coverage with its Monte Carlo error (over surveys, since the areas of one survey go together) and
whether the target is met; the last column is the mean SE over the standard deviation of the estimates.
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import pandas as pd

if __package__ is None:
    import sys

    sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from trustsurvey.comparison.compare import change
from trustsurvey.comparison.trend import trend
from trustsurvey.disclosure.gate import protect
from trustsurvey.estimation.means import estimate
from trustsurvey.model import Design, Estimates, Index, Instrument, Item, Margin, Margins, Scale, Wave
from trustsurvey.weighting.weigh import diagnostics, rake

SEED = 20240511
SHARES = np.round(np.arange(0.05, 0.951, 0.05), 2)
SIZES = {"age": 6, "sex": 2, "education": 4, "ethnicity": 4}
#: Effects on the log of the chance to answer; raking weights are its inverse in the limit.
RESPONSE = {
    "age": [-0.75, -0.45, -0.15, 0.15, 0.4, 0.45], "sex": [-0.1, 0.1], "education": [-0.5, -0.2, 0.1, 0.35],
    "ethnicity": [0.15, -0.35, -0.25, -0.4],
}  # fmt: skip
#: Effects on trust, in standard deviations.
TRUST = {
    "age": [-0.4, -0.25, -0.05, 0.1, 0.25, 0.35], "sex": [-0.05, 0.05], "education": [-0.15, 0.0, 0.05, 0.1],
    "ethnicity": [0.1, -0.5, -0.2, -0.1],
}  # fmt: skip
INSTRUMENT = Instrument(
    "town", "Town", (Item("y", "Trust?", Scale("score", 0.0, 100.0)),), (Index("y", "y", ("y",), 1),), "y"
)


@dataclass(frozen=True)
class Town:
    """Residents by margin category and area, what they would answer, and how likely they do."""

    codes: dict[str, np.ndarray]
    area: np.ndarray
    areas: int
    block: np.ndarray
    latent: np.ndarray
    chance: np.ndarray
    base: np.ndarray
    margins: Margins

    @classmethod
    def of(cls, rng: np.random.Generator, sizes: np.ndarray, people: int = 100, icc: float = 0.0) -> Town:
        """A town with areas of which ``sizes`` (areas,) residents are interviewed on average, per survey.

        Each interview stands for about ``people`` residents, more where areas are large, so that base
        weights differ by area. Blocks of 100 residents share ``icc`` of the variance.
        """
        each = np.maximum(np.round(people * sizes * np.exp(rng.normal(0, 0.35, len(sizes))) / 100), 2).astype(int) * 100
        area = np.repeat(np.arange(len(sizes)), each)
        n = len(area)
        block = np.arange(n) // 100
        trait = rng.normal(0, 0.5, block.max() + 1)[block] + rng.normal(size=n)
        codes = {}
        for name, size in SIZES.items():
            shares = np.cumsum(rng.dirichlet(np.full(size, 25.0)))[:-1]
            pull = 0.3 * trait + rng.normal(size=n)
            codes[name] = np.searchsorted(np.quantile(pull, shares), pull)
        effect = sum(np.array(TRUST[name])[codes[name]] for name in SIZES)
        latent = effect + rng.normal(0, 0.25, len(sizes))[area]
        latent = latent + np.sqrt(icc) * rng.normal(size=block.max() + 1)[block] + np.sqrt(1 - icc) * rng.normal(size=n)
        log = sum(np.array(RESPONSE[name])[codes[name]] for name in SIZES)
        base = each[area] / sizes[area]
        chance = np.exp(log) / np.exp(log).mean()
        margins = tuple(
            Margin(name, pd.Series(np.bincount(codes[name], minlength=size).astype(float), index=_labels(name, size)))
            for name, size in SIZES.items()
        )
        return cls(codes, area, len(sizes), block, latent, chance, base, Margins(margins))

    @property
    def score(self) -> np.ndarray:
        """A trust index from 0 to 100, cut off at its ends."""
        return np.clip(55 + 20 * self.latent, 0, 100)

    def sample(self, rng: np.random.Generator, clusters: int = 0) -> np.ndarray:
        """Rows of those who answer: drawn by area, or in ``clusters`` blocks an area first."""
        if not clusters:
            return np.flatnonzero(rng.random(len(self.area)) < self.chance / self.base)
        # Blocks at random within areas, then residents within blocks, with the same overall chance.
        lot = rng.random(self.block.max() + 1)
        of = self.area[::100]
        order = np.lexsort((lot, of))
        rank = np.empty(len(lot), dtype=int)
        rank[order] = np.arange(len(lot)) - np.searchsorted(of[order], of[order])
        kept = (rank < clusters)[self.block]
        share = np.minimum(clusters / np.bincount(of), 1.0)[self.area]
        return np.flatnonzero(kept & (rng.random(len(self.area)) < self.chance / self.base / share))

    def wave(self, rows: np.ndarray, scores: pd.DataFrame, name: str = "w1", clusters: bool = False,
             ids: bool = False) -> Wave:  # fmt: skip
        """The raked wave of these residents; scores has one row for each of ``rows``."""
        n = len(rows)
        people = pd.DataFrame(
            {
                name: pd.Categorical.from_codes(self.codes[name][rows], _labels(name, size))
                for name, size in SIZES.items()
            }
        )
        people["area"] = pd.Categorical.from_codes(self.area[rows], _labels("area", self.areas))
        unit = pd.factorize(self.block[rows])[0] if clusters else np.arange(n)
        strata = pd.factorize(self.area[rows])[0] if clusters else np.zeros(n, dtype=np.int64)
        labels = (
            (self.block if clusters else np.arange(len(self.area)))[rows].astype(str).astype(object) if ids else None
        )
        design = Design(
            self.base[rows], strata.astype(np.int64), unit.astype(np.int64), psu_ids=labels, lonely="adjust"
        )
        answers = pd.DataFrame({"y": np.zeros(n)})
        made = Wave(name, INSTRUMENT, people, answers, answers.astype("int8"), design, ("area",), scores=scores)
        return rake(made, self.margins)

    def truth(self, values: np.ndarray) -> np.ndarray:
        """Means (1 + areas, k) of values (residents, k): everyone, then each area."""
        count = np.bincount(self.area)[:, None]
        areas = np.stack([np.bincount(self.area, column) for column in values.T], axis=1) / count
        return np.vstack([values.mean(axis=0), areas])


def _labels(name: str, size: int) -> list[str]:
    return [f"{name} {k:03d}" for k in range(size)]


@dataclass
class Tally:
    """Intervals that held and intervals made, survey by survey; ratio of SE to spread where known."""

    held: list[float] = field(default_factory=list)
    made: list[float] = field(default_factory=list)
    error2: float = 0.0
    se2: float = 0.0

    def add(self, truth: np.ndarray, table: pd.DataFrame, keep: np.ndarray, est: str = "est") -> None:
        low, high, se = (table[name].to_numpy(float) for name in ("lci", "uci", "se"))
        keep = keep & np.isfinite(low)
        self.held.append(float(((low <= truth) & (truth <= high))[keep].sum()))
        self.made.append(float(keep.sum()))
        self.error2 += float(((table[est].to_numpy(float) - truth)[keep] ** 2).sum())
        self.se2 += float((se[keep] ** 2).sum())

    def result(self) -> tuple[float, float]:
        held, made = np.array(self.held), np.array(self.made)
        share = held.sum() / made.sum()
        return share, float(np.sqrt(((held - share * made) ** 2).sum()) / made.sum())

    @property
    def ratio(self) -> float:
        return float(np.sqrt(self.se2 / self.error2)) if self.error2 else float("nan")


Tallies = dict[str, Tally]


def single(reps: int, rng: np.random.Generator, clusters: int = 0) -> Tallies:
    """Means of one raked wave, overall and in areas of about 35 to 80 answers.

    The index and a question with five boxes have targets. A question that seven in ten answer with the
    best box has none: its t intervals miss too often in small areas, which a t interval for the logit of
    mean / 100 mends. Areas once more with the degrees of freedom that unequal weights leave.
    """
    sizes = np.linspace(36, 80, 24)
    town = Town.of(rng, sizes, icc=0.05 if clusters else 0.0)
    boxes = np.round(town.score / 25) * 25
    values = np.column_stack([town.score, boxes, np.minimum(boxes * 2, 100)])
    truth, title = town.truth(values), "clustered, " if clusters else ""
    names = [f"{title}mean, {what}" for what in ("everyone", "areas n >= 30", "best box 70 %", "best box 70 %, logit")]
    fewer = f"{title}mean, areas n >= 30, satterthwaite"
    tallies = {name: Tally() for name in [*names, fewer]}
    for _ in range(reps):
        rows = town.sample(rng, clusters)
        wave = town.wave(rows, pd.DataFrame(values[rows], columns=["index", "boxes", "best"]), clusters=bool(clusters))
        table = estimate(wave, list(wave.scores), ["area"]).table
        n, everyone, right = table["n"].to_numpy(), (table["by"] == "").to_numpy(), truth.T.ravel()
        best = (table["measure"] == "best").to_numpy()
        kept = (everyone & ~best, ~everyone & (n >= 30) & ~best, ~everyone & (n >= 30) & best)
        for name, keep in zip(names, (*kept, kept[2]), strict=True):
            tallies[name].add(right, on_logit(table) if "logit" in name else table, keep)
        tallies[fewer].add(right, estimate(wave, list(wave.scores), ["area"], df="satterthwaite").table, kept[1])
    told(wave)
    return tallies


def on_logit(table: pd.DataFrame) -> pd.DataFrame:
    """The table with t intervals made on the logit of mean / 100 and turned back."""
    p = table["est"].to_numpy(float) / 100
    reach = (table["uci"] - table["est"]).to_numpy(float) / 100
    with np.errstate(invalid="ignore", divide="ignore"):
        middle, half = np.log(p / (1 - p)), reach / (p * (1 - p))
        low, high = (100 / (1 + np.exp(-(middle + side * half))) for side in (-1, 1))
    return table.assign(lci=low, uci=high)


def shares(reps: int, rng: np.random.Generator) -> Tallies:
    """Shares from 5 to 95 % in one raked wave: areas of 30 and more, areas of just ten answers."""
    sizes = np.concatenate([np.full(20, 10.0), np.linspace(32, 70, 16)])
    town = Town.of(rng, sizes)
    values = (town.latent[:, None] > np.quantile(town.latent, 1 - SHARES)).astype(float)
    truth = town.truth(values)
    tallies = {"share, everyone": Tally(), "share, areas n >= 30": Tally(), "share, areas n = 10": Tally()}
    inside = ((truth >= 0.05) & (truth <= 0.95)).T.ravel()
    for _ in range(reps):
        rows = town.sample(rng)
        wave = town.wave(rows, pd.DataFrame(values[rows], columns=[f"p{k}" for k in range(len(SHARES))]))
        table = estimate(wave, list(wave.scores), ["area"], stat="share").table
        n, everyone, right = table["n"].to_numpy(), (table["by"] == "").to_numpy(), truth.T.ravel()
        tallies["share, everyone"].add(right, table, everyone)
        tallies["share, areas n >= 30"].add(right, table, ~everyone & (n >= 30) & inside)
        tallies["share, areas n = 10"].add(right, table, ~everyone & (n == 10) & inside)
    told(wave)
    return tallies


def changes(reps: int, rng: np.random.Generator, clusters: int = 0) -> Tallies:
    """Change between two raked waves: other people, the same people, half of them; a true change of 3."""
    town = Town.of(rng, np.linspace(36, 70, 20), icc=0.05 if clusters else 0.0)
    step = 3.0 + rng.normal(0, 2, town.areas)[town.area]
    first = town.score
    second = 55 + 0.6 * (first - 55) + step + 0.8 * 20 * rng.normal(size=len(first))
    right = (town.truth(second[:, None]) - town.truth(first[:, None])).ravel()
    title = "clustered, " if clusters else ""
    kinds = ("same blocks",) if clusters else ("independent", "panel", "half a panel")
    tallies = {f"{title}change, {kind}, {where}": Tally() for kind in kinds for where in ("everyone", "areas n >= 30")}
    for _ in range(reps):
        old = town.sample(rng, clusters)
        for kind in kinds:
            if kind == "independent":
                new = town.sample(rng)
            elif kind == "panel":
                new = old
            elif kind == "half a panel":
                half = town.sample(rng)
                new = np.unique(np.concatenate([old[rng.random(len(old)) < 0.5], half[rng.random(len(half)) < 0.5]]))
            else:
                # Other residents of the same blocks.
                kept = np.isin(town.block, town.block[old])
                share = np.bincount(town.area[kept], minlength=town.areas) / np.bincount(town.area)
                new = np.flatnonzero(kept & (rng.random(len(kept)) < town.chance / town.base / share[town.area]))
            waves = [
                town.wave(rows, pd.DataFrame({"y": values[rows]}), name, bool(clusters), ids=True)
                for rows, values, name in ((old, first, "old"), (new, second, "new"))
            ]
            made = [estimate(wave, ["y"], ["area"]) for wave in waves]
            table = change(*waves, *made).table
            n = np.minimum(*(e.table["n"].to_numpy() for e in made))
            everyone = (table["by"] == "").to_numpy()
            tallies[f"{title}change, {kind}, everyone"].add(right, table, everyone, "diff")
            tallies[f"{title}change, {kind}, areas n >= 30"].add(right, table, ~everyone & (n >= 30), "diff")
    told(waves[1])
    return tallies


def alarms(reps: int, rng: np.random.Generator, size: int) -> Tallies:
    """77 areas where nothing changes: surveys that say so of all of them, for one change and for a trend.

    Of areas with 30 answers and more, and of those that the disclosure gate shows: it asks for an effective
    n of 30, and one that is found from the measure's own variance lets pass those whose variance came out
    low, which shows in areas near that limit and not in larger ones.
    """
    town = Town.of(rng, np.full(77, float(size)), people=60)
    score = town.score
    gates = {"n >= 30": enough, "shown": lambda made, wave: protect(made, wave)}
    kinds = ("change", "trend of 4")
    tallies = {f"no alarm, {kind}, 77 areas of {size}, {gate}": Tally() for gate in gates for kind in kinds}
    for _ in range(reps):
        rows = [town.sample(rng) for _ in range(4)]
        waves = [town.wave(r, pd.DataFrame({"y": score[r]}), f"w{k}") for k, r in enumerate(rows)]
        made = [estimate(wave, ["y"], ["area"]) for wave in waves]
        for title, gate in gates.items():
            passed = [gate(e, wave) for e, wave in zip(made, waves, strict=True)]
            step = change(waves[0], waves[1], passed[0], passed[1]).table
            slope = trend(waves, Estimates(pd.concat([e.table for e in passed], ignore_index=True))).table
            for kind, table in zip(kinds, (step, slope), strict=True):
                tally = tallies[f"no alarm, {kind}, 77 areas of {size}, {title}"]
                tally.held.append(float(not table["verdict"][table["by"] != ""].isin(["up", "down"]).any()))
                tally.made.append(1.0)
    told(waves[0])
    return tallies


def enough(made: Estimates, wave: Wave) -> Estimates:
    """The estimates with those from fewer than 30 answers withheld."""
    return Estimates(made.table.assign(suppressed=np.where(made.table["n"] < 30, "few", "")))


def slopes(reps: int, rng: np.random.Generator) -> Tallies:
    """Slopes over five raked waves, weighed by answers and by precision."""
    town = Town.of(rng, np.linspace(36, 70, 20))
    step = 2.0 + rng.normal(0, 1, town.areas)[town.area]
    values = [town.score + k * step for k in range(5)]
    right = town.truth(step[:, None]).ravel()
    tallies = {f"trend by {weigh}, areas n >= 30": Tally() for weigh in ("answers", "precision")}
    for _ in range(reps):
        rows = [town.sample(rng) for _ in range(5)]
        waves = [
            town.wave(r, pd.DataFrame({"y": v[r]}), f"w{k}") for k, (r, v) in enumerate(zip(rows, values, strict=True))
        ]
        made = Estimates(pd.concat([estimate(w, ["y"], ["area"]).table for w in waves], ignore_index=True))
        enough = made.table.groupby(["by", "level"], sort=False)["n"].min().to_numpy() >= 30
        for weigh in ("answers", "precision"):
            table = trend(waves, made, weigh=weigh).table
            tallies[f"trend by {weigh}, areas n >= 30"].add(
                right, table, enough & (table["by"] != "").to_numpy(), "slope"
            )
    told(waves[0])
    return tallies


def told(wave: Wave) -> None:
    """One line about the last survey, so that one sees what was simulated."""
    facts = diagnostics(wave)
    units = wave.design.psus.max() + 1
    print(f"  (the last survey: {len(wave):,} answers in {units:,} units, Kish design effect {facts['deff']:.2f})")


SCENES: dict[str, tuple[Callable[..., Tallies], dict[str, int], float]] = {
    "single": (single, {}, 1.0),
    "clustered": (single, {"clusters": 10}, 1.0),
    "shares": (shares, {}, 1.0),
    "changes": (changes, {}, 0.6),
    "clustered changes": (changes, {"clusters": 10}, 0.6),
    "slopes": (slopes, {}, 0.4),
    "alarms": (alarms, {"size": 40}, 0.8),
    "alarms in larger areas": (alarms, {"size": 90}, 0.8),
}


def target(title: str) -> tuple[float, float]:
    """What the share of intervals that hold should be between."""
    if "best box" in title or "precision" in title:
        return 0.0, 1.0  # shown to be compared with
    if title.startswith("no alarm"):
        return 0.95, 1.0
    return (0.92, 1.0) if title.endswith("n = 10") else (0.93, 0.97)


def scenes(reps: int, only: list[str]) -> Iterator[tuple[str, Tallies]]:
    """The named scenes, or all, one after another with what they counted."""
    for number, (name, (run, options, part)) in enumerate(SCENES.items()):
        if not only or name in only:
            yield name, run(max(2, round(reps * part)), np.random.default_rng([SEED, number]), **options)


def main() -> None:
    """Run the scenes, print their coverage with Monte Carlo errors, exit with 1 where a target is missed."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--reps", type=int, default=400, help="surveys a scene; some make do with fewer")
    parser.add_argument("--only", nargs="*", default=[], choices=list(SCENES), help="these scenes only")
    options = parser.parse_args()
    began, missed = time.perf_counter(), []
    for name, tallies in scenes(options.reps, options.only):
        print(f"{name} [{time.perf_counter() - began:.0f} s]")
        for title, tally in tallies.items():
            share, error = tally.result()
            low, high = target(title)
            met = low <= share <= high
            # A miss within two Monte Carlo errors of the target is not told from a hit.
            word = "met" if met else "not told apart" if low - 2 * error <= share <= high + 2 * error else "MISSED"
            missed += [title] if word == "MISSED" else []
            wanted = f"target {100 * low:.0f}-{100 * high:.0f}, {word}" if low else "no target"
            spread = f"SE/SD {tally.ratio:.3f}" if np.isfinite(tally.ratio) else ""
            print(f"  {title:46} {100 * share:5.1f} % +- {100 * error:.2f}  {wanted:28} {spread}", flush=True)
    if missed:
        raise SystemExit(f"missed: {', '.join(missed)}")


if __name__ == "__main__":
    main()
