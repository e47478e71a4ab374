"""How the sample was drawn: base weights, strata, sampling units, and pseudonyms for ids."""

from __future__ import annotations

import hmac
from collections.abc import Callable, Sequence

import numpy as np
import pandas as pd

from trustsurvey.errors import SurveyError
from trustsurvey.harmonise.timing import texts
from trustsurvey.language import N_
from trustsurvey.model import Design, Mapping
from trustsurvey.readers.raw import Raw

#: Turns ids of a file into pseudonyms that join nothing outside the study.
Pseudonymise = Callable[[Sequence[str]], list[str]]


def keyed_pseudonyms(key: bytes) -> Pseudonymise:
    """Pseudonyms by HMAC-SHA-256 under a key: the same id always gives the same pseudonym."""

    def pseudonymise(ids: Sequence[str]) -> list[str]:
        return [hmac.digest(key, text.encode("utf-8"), "sha256").hex()[:20] for text in ids]

    return pseudonymise


def read_pseudonyms(raw: Raw, mapping: Mapping, pseudonymise: Pseudonymise) -> np.ndarray:
    """One pseudonym a row; without an id, made from the file and the row, so that it joins nothing else."""
    ids = texts(raw, mapping, "id")
    stated = [""] * raw.rows if ids is None else list(ids)
    known = [text or f"{raw.digest}:{row}" for text, row in zip(stated, raw.row_numbers, strict=True)]
    made = np.asarray(pseudonymise(known), dtype=object)
    column = mapping.only("id")
    if ids is None or column is None or column.column not in raw.kept.coded:
        return made
    return np.where(ids != "", ids, made)  # of a file that the study kept, ids are its pseudonyms already


def read_design(raw: Raw, mapping: Mapping, keep: np.ndarray, pseudonyms: np.ndarray) -> Design:
    """Design of the rows kept; SurveyError ``design.*`` names the first row that is not usable."""
    n = int(keep.sum())
    weights = _numbers(raw, mapping, "weight", keep, N_("a weight above 0"))
    stratum = _codes(raw, mapping, "stratum", keep)
    strata = np.zeros(n, dtype=np.int64) if stratum is None else stratum[0]
    psu = _codes(raw, mapping, "psu", keep)
    if psu is not None:
        pairs = pd.MultiIndex.from_arrays([strata, psu[0]])
        units = pairs.factorize()[0].astype(np.int64)
        # Units of different strata may go by the same number.
        named = stratum[1] if stratum is not None else [""]
        labels: np.ndarray | None = np.array(
            [f"{named[h]} {psu[1][code]}".strip() for h, code in zip(strata, psu[0], strict=True)], dtype=object
        )
    else:
        units = np.arange(n, dtype=np.int64)
        # Rows without an id cannot be found again in another wave.
        labels = None if mapping.only("id") is None else pseudonyms[keep]
    population = _numbers(raw, mapping, "fpc", keep, N_("the number of sampling units in the population"))
    base = np.ones(n) if weights is None else weights
    # A stratum in which only one unit answered must not stop an officer; "adjust" errs on the safe side.
    return Design(base, strata, units, population, labels, lonely="adjust")


def _numbers(raw: Raw, mapping: Mapping, role: str, keep: np.ndarray, expected: str) -> np.ndarray | None:
    column = mapping.only(role)
    if column is None:
        return None
    values = raw.values(column.column)
    numbers = pd.to_numeric(pd.Series(values.distinct, dtype=object), errors="coerce").to_numpy(float)
    wrong = keep & ~(np.isfinite(numbers) & (numbers > 0))[values.codes]
    if wrong.any():
        at = int(np.flatnonzero(wrong)[0])
        raise SurveyError(
            f"design.{role}", f"The {role} is not usable in {int(wrong.sum()):,} rows",
            where=f"{raw.source}, row {raw.row_numbers[at]:,}, column '{column.column}'",
            got=f"'{values.distinct[values.codes[at]]}'", expected=expected,
            hint="Correct the file, or set the column to 'ignore' to go on without it.",
        )  # fmt: skip
    return numbers[values.codes][keep]


def _codes(raw: Raw, mapping: Mapping, role: str, keep: np.ndarray) -> tuple[np.ndarray, list[str]] | None:
    column = mapping.only(role)
    if column is None:
        return None
    values = raw.values(column.column)
    cells = values.apply(values.distinct, object)[keep]
    blank = cells == ""
    if blank.any():
        row = int(raw.row_numbers[keep][np.flatnonzero(blank)[0]])
        raise SurveyError(
            f"design.{role}", f"{int(blank.sum()):,} rows have no {role}",
            where=f"{raw.source}, row {row:,}, column '{column.column}'", expected="one for every answer",
        )  # fmt: skip
    codes, labels = pd.factorize(cells)
    return codes.astype(np.int64), [str(label) for label in labels]
