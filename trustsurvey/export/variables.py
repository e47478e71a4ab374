"""The variables of a file of answers: names that every program takes, labels, values, and why an answer is missing."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

from trustsurvey.errors import SurveyError
from trustsurvey.model import REASONS, Wave

Part = Literal[
    "pseudonym", "area", "group", "mode", "number", "answer", "score", "weight", "design", "calibration", "replicate"
]
#: What SPSS, Stata or R take for a word of their own.
RESERVED = frozenset(
    {"all", "and", "by", "eq", "ge", "gt", "le", "lt", "ne", "not", "or", "to", "with", "if", "in", "else", "for",
     "while", "repeat", "function", "next", "break", "null", "inf", "nan", "na", "true", "false", "byte", "double",
     "float", "int", "long", "strl", "using"}
)  # fmt: skip
#: Bytes of a name that SPSS and Stata both take.
LONGEST = 32
#: Why an answer is missing, as far as a code says it; a blank is an empty cell.
TOLD = ("don't know", "refused", "not applicable", "left out")


@dataclass(frozen=True)
class Variable:
    """One column of a file of answers.

    ``name``: short, the same in every format; ``long``: what the study calls it. ``asked``: a question as it was
    worded in the wave. ``values``: codes with their words;
    the categories of areas and groups, which stand in CSV and Parquet as words, are numbered from 1. ``missing``:
    codes that are no answers.
    """

    name: str
    long: str
    label: str
    role: Part
    asked: str = ""
    scale: str = ""
    values: tuple[tuple[float, str], ...] = ()
    missing: tuple[tuple[float, str], ...] = ()
    categories: bool = False


def missing_codes(wave: Wave) -> dict[str, float]:
    """The codes of :data:`TOLD`, from -99 up, or so far below that they lie on no scale of the wave."""
    lowest = min((wave.instrument.item(item).scale.low for item in wave.items), default=0.0)
    base = -100.0
    while lowest <= base + len(TOLD):
        base *= 10
    return {reason: base + k for k, reason in enumerate(TOLD, start=1)}


def reason_at(reason: str) -> int:
    """The position of a reason in ``Wave.missing``."""
    return REASONS.index(reason)


def short_names(names: Iterable[str]) -> list[str]:
    """Names of at most 32 letters, digits and underscores, no two alike even without regard to case.

    >>> short_names(["trust", "Trust", "Age group (years)", "2nd", "with"])
    ['trust', 'Trust_2', 'Age_group_years', 'v_2nd', 'with_1']
    """
    taken: set[str] = set()
    made = []
    for name in names:
        plain = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode()
        stem = re.sub(r"\W+", "_", plain).strip("_") or "v"
        stem = (stem if stem[0].isalpha() else f"v_{stem}")[:LONGEST].rstrip("_")
        short, number = stem, 1
        if stem.casefold() in RESERVED:
            short = f"{stem}_1"
        while short.casefold() in taken:
            number += 1
            if number > 100_000:
                raise SurveyError("export.names", "Too many variables have the same name", got=stem)
            end = f"_{number}"
            short = stem[: LONGEST - len(end)] + end
        taken.add(short.casefold())
        made.append(short)
    return made
