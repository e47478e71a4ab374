"""When themes came up, whether new ones still come, and how many may be unheard: groups are the units.

All of it counts whether a theme was raised by a participant in a group (an incidence), as ecologists count
whether a species was in a plot. Six groups are few: what is estimated from them is rough, and a lower bound
rather than the truth. Nobody finds a theme that the codebook has no name for, and people talk about what they are
asked; "unheard" means of the kind that coders would name, if more groups like these were asked the same.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy.special import gammaln
from scipy.stats import norm, t as student

from trustsurvey.errors import SurveyError
from trustsurvey.focus_groups.heard import Heard
from trustsurvey.language import _, ngettext
from trustsurvey.model import Floats, Ints
from trustsurvey.wording import capital, in_words

#: Groups from which something is said about what is unheard; up to this many it is called rough.
ENOUGH, ROUGH = 3, 20
#: A theme in more groups than this says nothing about what is rare (Lee & Chao 1994).
RARE = 10


def emergence(heard: Heard) -> pd.DataFrame:
    """Where each theme first came up: the first turn of a participant that mentions it.

    One row a theme, in the order of emergence, those that nobody raised last: code, rank (themes of one turn
    share it; NaN where nobody raised it), group, turn (the how manieth of its group, 1 first; 0 for none),
    key, speaker.
    """
    place = heard.turns.groupby("group").cumcount().to_numpy() + 1
    order = np.lexsort((place, heard.group_at))
    rows = []
    for j, code in enumerate(heard.codes):
        said = heard.mentions[:, j] & heard.by_residents  # type: ignore[index]
        first = next((at for at in order.tolist() if said[at]), None)
        if first is None:
            rows.append((np.inf, code, "", 0, "", ""))
        else:
            turn = heard.turns.iloc[first]
            at = float(np.flatnonzero(order == first)[0])
            rows.append((at, code, turn["group"], int(place[first]), turn["key"], turn["speaker"]))
    table = pd.DataFrame(rows, columns=["at", "code", "group", "turn", "key", "speaker"])
    table = table.sort_values("at", kind="stable", ignore_index=True)
    rank = table["at"].rank(method="min").where(np.isfinite(table["at"]))
    table.insert(1, "rank", rank)
    return table.drop(columns="at")


def accumulation(heard: Heard) -> pd.DataFrame:
    """Themes known after one group, two, and so on.

    One row a number of groups: groups, group (the one that was held then), new (themes it raised first), seen
    (themes raised by then), expected (mean over all orders in which the groups could have been held; exact: Ugland,
    Gray & Ellingsen 2003), se, lci, uci (95 %, normal, for other groups of the same kind; variance by Colwell et al.
    2012 for incidences, with Chao2 for all themes).
    """
    raised = heard.raised
    seen = (np.cumsum(raised, axis=0) > 0).sum(axis=1)
    expected, se = expected_curve(raised)
    z = norm.ppf(0.975)
    return pd.DataFrame(
        {
            "groups": np.arange(1, len(raised) + 1), "group": list(heard.groups),
            "new": np.diff(seen, prepend=0), "seen": seen, "expected": expected, "se": se,
            "lci": np.maximum(expected - z * se, 0.0), "uci": expected + z * se,
        }
    )  # fmt: skip


def expected_curve(raised: np.ndarray) -> tuple[Floats, Floats]:
    """Expected themes (m,) in t = 1 ... m of m groups, and standard errors; ``raised`` (m, k) as booleans."""
    raised = np.asarray(raised, dtype=bool)
    m, held = len(raised), raised.sum(axis=0)
    held = held[held > 0]
    t = np.arange(1, m + 1)[:, None]
    # The chance that a theme of n groups is in none of t: C(m - n, t) / C(m, t).
    missing = np.where(m - held >= t, np.exp(_choose(m - held, t) - _choose(m, t)), 0.0)
    expected = (1 - missing).sum(axis=1)
    whole = _chao2(held, m)[0] if m else 0.0
    variance = ((1 - missing) ** 2).sum(axis=1) - expected**2 / max(whole, 1e-300)
    return expected, np.sqrt(np.maximum(variance, 0.0))


def _choose(n: int | Ints, t: Ints) -> Floats:
    """Logarithm of the binomial coefficient; anything where t > n."""
    rest = np.maximum(np.asarray(n) - t, 0)
    return gammaln(np.asarray(n) + 1.0) - gammaln(t + 1.0) - gammaln(rest + 1.0)


@dataclass(frozen=True, eq=False)
class Saturation:
    """Base size, run length and threshold; the runs; and the groups after which it was reached, None if it was not.

    ``runs``: first, last (the groups of the run, counted from 1), new (themes), share (new over those of the base).
    """

    base: int
    run: int
    threshold: float
    known: int
    runs: pd.DataFrame
    reached: int | None

    @property
    def words(self) -> str:
        """The finding in a sentence."""
        if self.runs.empty:
            return _("Too few groups to say: {n} are needed.").format(n=in_words(self.base + self.run))
        last = self.runs.iloc[-1] if self.reached is None else self.runs[self.runs["last"] == self.reached].iloc[0]
        first, end, new = int(last["first"]), int(last["last"]), int(last["new"])
        if self.reached is not None:
            told = (
                _("Few new themes were coming: group {first} brought {new}; the first {base} had {known}.")
                if first == end
                else _(
                    "Few new themes were coming: groups {first} to {end} brought {new}; the first {base} had {known}."
                )
            )
        else:
            told = (
                _("New themes were still coming: group {first} brought {new}; the first {base} had {known}.")
                if first == end
                else _(
                    "New themes were still coming: groups {first} to {end} brought {new}; the first {base} had {known}."
                )
            )
        brought = ngettext("{n} new theme", "{n} new themes", new) if new else _("no new themes")
        return told.format(
            first=first, end=end, new=brought.format(n=in_words(new)), base=in_words(self.base), known=self.known
        )


def saturation(heard: Heard, base: int = 4, run: int = 2, threshold: float = 0.05) -> Saturation:
    """Whether new themes had all but stopped coming (Guest, Namey & Chen 2020), in the order the groups were held.

    ``base``: groups at the start whose themes are the measure; ``run``: groups in a row whose new themes are set
    against it, each run beginning a group later; reached with the first run that brings at most ``threshold`` times the
    themes of the base. Another order may give another answer: see ``expected`` of :func:`accumulation`.
    """
    if base < 1 or run < 1 or not 0 <= threshold < 1:
        raise SurveyError("saturation.rule", "The rule for saturation cannot be used",
                          got=f"base {base}, run {run}, threshold {threshold}",
                          expected="at least one group each, a threshold from 0 to under 1")  # fmt: skip
    new = np.diff((np.cumsum(heard.raised, axis=0) > 0).sum(axis=1), prepend=0)
    known = int(new[:base].sum())
    runs = [
        (at + 1, at + run, int(new[at : at + run].sum()))
        for at in range(base, len(new) - run + 1)
        if known
    ]  # fmt: skip
    table = pd.DataFrame(runs, columns=["first", "last", "new"])
    table["share"] = table["new"] / max(known, 1)
    met = table.loc[table["share"] <= threshold, "last"]
    return Saturation(base, run, threshold, known, table, int(met.iloc[0]) if len(met) else None)


@dataclass(frozen=True, eq=False)
class Unseen:
    """Themes that may exist and were not heard.

    ``seen`` themes in ``groups`` groups, ``once`` of them in one group only, ``twice`` in two. ``table``: method
    ("chao2", "jackknife", "ice"), est (all themes, heard or not), se, lci, uci (95 %). ``coverage``: of what would be
    raised in one more group, the part that is known already. ``next_group``: new themes that it would bring.
    """

    seen: int
    groups: int
    once: int
    twice: int
    table: pd.DataFrame
    coverage: float
    next_group: float

    @property
    def more(self) -> tuple[int, int, int]:
        """Themes not heard by Chao2, and the range, in whole themes outwards; (0, 0, 0) where nothing is estimated."""
        est, _se, low, high = (0.0 if np.isnan(v) else float(v) - self.seen for v in self.table.iloc[0, 1:])
        return round(est), int(np.floor(low + 1e-9)), int(np.ceil(high - 0.05))

    @property
    def words(self) -> str:
        """What may be unheard, in a sentence or two."""
        themes = ngettext("{n} theme", "{n} themes", self.seen) if self.seen else _("no themes")
        groups = ngettext("{n} group", "{n} groups", self.groups) if self.groups else _("no groups")
        of = {"themes": themes.format(n=in_words(self.seen)), "groups": groups.format(n=in_words(self.groups))}
        if self.groups < ENOUGH or not self.seen:
            return capital(_("{themes} came up in {groups}: too little to say what is unheard.").format(**of))
        heard = capital(_("{themes} came up in {groups}.").format(**of))
        likely, low, high = self.more
        if high > self.seen:
            more = ngettext(
                "There are probably more, at least about {n}; how many, so few groups cannot tell.",
                "There are probably more, at least about {n}; how many, so few groups cannot tell.",
                likely,
            ).format(n=in_words(likely))
        elif high == 0:
            more = _("Nothing points to more.")
        elif likely == 0:
            more = ngettext(
                "Further groups may bring no more, perhaps up to {n}.",
                "Further groups may bring no more, perhaps up to {n}.",
                high,
            ).format(n=in_words(high))
        else:
            more = ngettext(
                "Further groups may bring about {n} more, perhaps between {low} and {high}.",
                "Further groups may bring about {n} more, perhaps between {low} and {high}.",
                likely,
            ).format(n=in_words(likely), low=low, high=high)
        rough = " " + _("From {groups} this is rough.").format(**of) if self.groups <= ROUGH else ""
        return f"{heard} {more}{rough}"


def unseen(raised: np.ndarray) -> Unseen:
    """How many themes there may be, from whether each was raised (m groups, k themes); those never raised do not count.

    - Chao2 (Chao 1987): ``S + A q1^2 / 2 q2``, A = (m - 1) / m, q1 and q2 themes of one group only and of two;
      ``S + A q1 (q1 - 1) / 2`` where q2 = 0. A lower bound, the nearer the more alike themes are in how easily they
      come up. Variance and log-normal interval of Chao (1987); where no theme is of one group only, the interval
      of Colwell (EstimateS, appendix B). R: ``vegan::specpool``.
    - First-order jackknife (Burnham & Overton 1979; variance of Heltshe & Forrester 1983, where vegan 2.6-4 takes off
      q1 / m instead of q1^2 / m), interval by t with m - 1 degrees of freedom, from what was seen on.
    - ICE (Lee & Chao 1994) for themes of at most :data:`RARE` groups, without interval; not defined where all of those
      are of one group only.

    Coverage by Chao & Jost (2012), the next group by the extrapolation of Colwell et al. (2012).
    """
    raised = np.asarray(raised, dtype=bool)
    m, held = len(raised), raised.sum(axis=0)
    held = held[held > 0]
    q1, q2, seen = int((held == 1).sum()), int((held == 2).sum()), len(held)
    if m < 2 or not seen:
        nothing = pd.DataFrame([(name, *[np.nan] * 4) for name in ("chao2", "jackknife", "ice")], columns=_COLUMNS)
        return Unseen(seen, m, q1, q2, nothing, np.nan, np.nan)
    chao, chao_se = _chao2(held, m)
    jack = seen + q1 * (m - 1) / m
    alone = raised[:, raised.sum(axis=0) == 1].sum(axis=1)
    jack_se = np.sqrt((m - 1) / m * max(float((alone**2).sum()) - q1**2 / m, 0.0))
    half = student.ppf(0.975, m - 1) * jack_se
    table = pd.DataFrame(
        [
            ("chao2", chao, chao_se, *_chao_interval(held, chao, chao_se)),
            ("jackknife", jack, jack_se, max(jack - half, seen), jack + half),
            ("ice", _ice(raised), np.nan, np.nan, np.nan),
        ],
        columns=_COLUMNS,
    )
    beyond = m * (chao - seen)
    new = (
        q1 * beyond / (beyond + q1) if beyond > 0 else 0.0
    )  # themes of one group only, less those that will come again
    return Unseen(seen, m, q1, q2, table, float(1 - new / held.sum()), float(new / m))


_COLUMNS = ["method", "est", "se", "lci", "uci"]


def _chao2(held: Ints, m: int) -> tuple[float, float]:
    """Chao2 and its standard error from the groups (> 0) that each theme is in."""
    a, q1, q2, seen = (m - 1) / m, float((held == 1).sum()), float((held == 2).sum()), float(len(held))
    if q2 > 0:
        r = q1 / q2
        return seen + a * q1 * r / 2, float(np.sqrt(q2 * (a * r**2 / 2 + a**2 * r**3 + a**2 * r**4 / 4)))
    whole = seen + a * q1 * (q1 - 1) / 2
    variance = a * q1 * (q1 - 1) / 2 + a**2 * q1 * (2 * q1 - 1) ** 2 / 4 - a**2 * q1**4 / (4 * max(whole, 1e-300))
    return whole, float(np.sqrt(max(variance, 0.0)))


def _chao_interval(held: Ints, whole: float, se: float) -> tuple[float, float]:
    seen, z = float(len(held)), norm.ppf(0.975)
    if whole > seen:
        factor = float(np.exp(z * np.sqrt(np.log1p((se / (whole - seen)) ** 2))))
        return seen + (whole - seen) / factor, seen + (whole - seen) * factor
    p = float(np.exp(-held.sum() / seen))
    middle, half = seen / (1 - p), z * np.sqrt(seen * p) / (1 - p)
    return max(seen, middle - half), middle + half


def _ice(raised: np.ndarray) -> float:
    held = raised.sum(axis=0)
    rare = (held > 0) & (held <= RARE)
    n, q1 = float(held[rare].sum()), float((held == 1).sum())
    units = int(raised[:, rare].any(axis=1).sum())
    if not rare.any():
        return float((held > 0).sum())
    if q1 == n or units < 2:
        return np.nan
    cover = 1 - q1 / n
    pairs = float((held[rare] * (held[rare] - 1)).sum())
    varied = max(rare.sum() / cover * units / (units - 1) * pairs / n**2 - 1, 0.0)
    return float((held > RARE).sum() + rare.sum() / cover + q1 / cover * varied)
