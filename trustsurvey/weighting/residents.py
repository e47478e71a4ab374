"""Tables made elsewhere with a row for each resident, lined up with a wave: weights, replicate weights."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from trustsurvey.errors import SurveyError, some
from trustsurvey.model import Floats, Wave
from trustsurvey.weighting.population import people

#: Headings that may name the residents: the pseudonym, or the row of the imported file.
KEYS = ("respondent", "source_row")


@dataclass(frozen=True, eq=False)
class Beside:
    """The rows of a table (text, headings in lower case) in the order of a wave's residents.

    ``row`` (n,): the line of the table that each stood in, the heading being line 1.
    """

    source: str
    table: pd.DataFrame
    row: np.ndarray

    @classmethod
    def of(cls, wave: Wave, table: pd.DataFrame, source: str) -> Beside:
        """Line a table up by its column ``respondent`` or ``source_row``.

        SurveyError ``residents.key`` without such a column, ``residents.twice``, ``residents.unknown`` and
        ``residents.absent`` where its rows are not the wave's residents, one each.
        """
        key = next((name for name in KEYS if name in table and name in wave.people), None)
        if key is None:
            raise SurveyError(
                "residents.key", "The table does not say which resident a row belongs to", where=source,
                got=some(table.columns), expected=f"a column '{KEYS[0]}' (the pseudonym) or '{KEYS[1]}'",
                hint="The export with weights has both.",
            )  # fmt: skip
        ids = table[key].astype("string").fillna("").str.strip()
        twice = np.flatnonzero(ids.duplicated())
        if len(twice):
            raise SurveyError(
                "residents.twice", "A resident stands twice in the table", where=f"{source}, row {twice[0] + 2:,}",
                got=f"'{ids.iloc[twice[0]]}'", expected="one row for each",
            )  # fmt: skip
        residents = wave.people[key].astype(str)
        strange = np.flatnonzero(~ids.isin(residents))
        if len(strange):
            raise SurveyError(
                "residents.unknown", f"Nobody in the wave has this {key.replace('_', ' ')}",
                where=f"{source}, row {strange[0] + 2:,}", got=f"'{ids.iloc[strange[0]]}'",
                expected=f"a {key.replace('_', ' ')} of {wave.name}",
                hint="Rows that were left out at the import have no place in the table.",
            )  # fmt: skip
        place = pd.Index(ids).get_indexer(pd.Index(residents))
        if (place < 0).any():
            raise SurveyError(
                "residents.absent", f"{people(int((place < 0).sum())).capitalize()} of the wave are not in the table",
                where=source, expected=f"{len(wave):,} rows, one for each",
            )  # fmt: skip
        return cls(source, table.iloc[place].reset_index(drop=True), place + 2)

    def numbers(self, columns: Sequence[str]) -> Floats:
        """Columns as numbers (n, columns); SurveyError ``residents.number`` names the first cell that is none."""
        text = self.table[list(columns)].astype("string")
        values = text.apply(pd.to_numeric, errors="coerce").to_numpy(dtype=float, na_value=np.nan)
        wrong = np.argwhere(~np.isfinite(values))
        if len(wrong):
            at, column = wrong[np.argmin(self.row[wrong[:, 0]])]
            raise SurveyError(
                "residents.number", "A cell is not a number",
                where=f"{self.source}, row {self.row[at]:,}, column '{columns[column]}'",
                got=f"'{text.iloc[at, column]}'", expected="a number, with a point before its decimals",
            )  # fmt: skip
        return values


def weights_from_table(wave: Wave, table: pd.DataFrame, source: str) -> Floats:
    """Weights (n,) in the order of a wave's rows, from the column ``weight`` of a table.

    SurveyError ``residents.*``; what weights must be is checked where they are put on (``weigh.bring``).
    """
    beside = Beside.of(wave, table, source)
    if "weight" not in table:
        raise SurveyError(
            "residents.weight", "The table has no column 'weight'", where=source, got=some(table.columns),
            expected=f"'{KEYS[0]}' or '{KEYS[1]}', and 'weight'",
        )  # fmt: skip
    return beside.numbers(["weight"])[:, 0]
