"""What a table holds and how it is made, and the command line that gives the same."""

from __future__ import annotations

import shlex
from collections.abc import Sequence
from dataclasses import dataclass, fields
from typing import Literal, get_args

from trustsurvey.errors import SurveyError, some
from trustsurvey.estimation.intervals import ShareInterval
from trustsurvey.model import Lonely

Statistic = Literal["mean", "positive", "answers", "dont-know", "median", "number", "total", "ratio"]
Variance = Literal["taylor", "jackknife", "bootstrap", "jk1", "jkn", "brr", "fay"]
Large = Literal["split", "merge"]


@dataclass(frozen=True)
class Request:
    """One table.

    ``measures``: indices, items or columns of numbers, all indices where empty; ``by``: groupings, each of one
    variable or several crossed; ``pooled``: the rolling year that ends with the wave instead of the wave alone.
    ``over``: what a ratio is to. ``count`` and ``seed`` are of a bootstrap, ``rho`` of Fay's replicates, ``large``
    says what balanced replicates do with strata of more than two units, ``mse`` what replicates vary around (see
    ``replication.replicate``).
    """

    measures: tuple[str, ...] = ()
    by: tuple[tuple[str, ...], ...] = ()
    stat: Statistic = "mean"
    variance: Variance = "taylor"
    interval: ShareInterval = "wilson"
    lonely: Lonely | None = None
    pooled: bool = False
    over: str = ""
    count: int = 500
    seed: int = 1
    rho: float = 0.3
    large: Large = "split"
    mse: bool = False

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
            ("treatment of large strata", self.large, get_args(Large)),
        ):
            if value not in known:
                raise SurveyError("table.choice", f"There is no {name} '{value}'", expected=some(known, 8))
        if self.stat == "median" and self.variance in ("jackknife", "jk1", "jkn"):
            raise SurveyError("table.median", "A jackknife does not serve medians", hint="Choose taylor or bootstrap.")
        if (self.stat == "ratio") != bool(self.over) or self.over in self.measures:
            raise SurveyError(
                "table.ratio", "A ratio is of a measure to another one",
                got="no other one" if not self.over else f"'{self.over}' for the statistic '{self.stat}'"
                if self.stat != "ratio" else f"'{self.over}' to itself",
                expected="the statistic 'ratio', and what it is to (over)",
            )  # fmt: skip
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
        used = {"stat", "over", "variance", "interval", "lonely", *_USED.get(self.variance, ())}
        used |= {"mse"} if self.variance != "taylor" else set()
        plain = {field.name: field.default for field in fields(self)}
        choices = {name: value for name in plain if name in used and (value := getattr(self, name)) != plain[name]}
        by = tuple(" x ".join(variables) for variables in self.by)
        return spoken(
            "trustsurvey", "estimate", slug, "--wave", wave, measure=self.measures, by=by, **choices, year=self.pooled
        )


#: Which further choices a kind of replicates takes.
_USED = {"bootstrap": ("count", "seed"), "brr": ("large",), "fay": ("rho", "large")}


def spoken(*words: str, **options: object) -> str:
    """A command line: words, then options; those that are None, False or empty are left out."""
    told = list(words)
    for name, value in options.items():
        if value is True:
            told.append(f"--{name.replace('_', '-')}")
        elif value is not None and value is not False:
            for one in value if isinstance(value, tuple | list) else (value,):
                told += [f"--{name.replace('_', '-')}", str(one)] if str(one) else []
    return shlex.join(told)


def groupings(texts: Sequence[str]) -> tuple[tuple[str, ...], ...]:
    """Groupings from text: "age", "age x sex".

    >>> groupings(["age", "district x sex"])
    (('age',), ('district', 'sex'))
    """
    return tuple(tuple(part.strip() for part in text.split(" x ")) for text in texts)
