"""What is known of each area from elsewhere: a file of numbers, checked and lined up with the survey."""

from __future__ import annotations

import difflib
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from trustsurvey.errors import SurveyError, some
from trustsurvey.model import Floats
from trustsurvey.wording import fold

#: A covariate of which less than this share is new, given the others, follows from them.
REPEATS = 1e-8
# Thousands in groups of three; a leading nought would make it a decimal comma, which is refused.
_THOUSANDS = r"-?[1-9]\d{0,2}(,\d{3})+(\.\d+)?"


@dataclass(frozen=True, eq=False)
class AreaCovariates:
    """Numbers by area: ``table`` has the areas' names as index and a column a covariate."""

    table: pd.DataFrame
    source: str = "area file"

    @property
    def names(self) -> tuple[str, ...]:
        """The covariates, in the order of the file."""
        return tuple(str(name) for name in self.table.columns)

    def matrix(self, areas: Sequence[str], used: np.ndarray) -> Floats:
        """Constant and covariates (m, 1 + columns) for these areas; ``used`` (m,) marks those with an estimate.

        Areas are found whatever their case, accents and outer punctuation. SurveyError ``covariates.area``
        for an area the file lacks, ``covariates.constant`` and ``covariates.repeats`` for columns that
        are the same everywhere or follow from others among the used areas.
        """
        at = {fold(str(name)): k for k, name in enumerate(self.table.index)}
        absent = [area for area in areas if fold(area) not in at]
        if absent:
            near = difflib.get_close_matches(fold(absent[0]), at, n=1)
            raise SurveyError(
                "covariates.area", f"The file has no row for the area {some(absent)}", where=self.source,
                expected="a row for each area",
                hint=f"Is it the row '{self.table.index[at[near[0]]]}'? Write both the same." if near
                else "Add a row for it, also where nobody answered.",
            )  # fmt: skip
        values = self.table.to_numpy(float)[[at[fold(area)] for area in areas]]
        self._informative(values[used])
        return np.column_stack((np.ones(len(values)), values))

    def _informative(self, values: Floats) -> None:
        """Refuse columns that say nothing, or nothing that the others do not say."""
        if not len(values):
            return
        centred = values - values.mean(axis=0)
        size = np.linalg.norm(centred, axis=0)
        flat = size <= 1e-12 * np.linalg.norm(values, axis=0)
        if flat.any():
            column = int(np.flatnonzero(flat)[0])
            raise SurveyError(
                "covariates.constant", f"The covariate '{self.names[column]}' is the same in every area with answers",
                where=self.source, got=f"{values[0, column]:g}", expected="numbers that differ between areas",
                hint="Leave the column out.",
            )  # fmt: skip
        scaled = centred / size
        if len(values) <= values.shape[1] + 1:
            return  # then everything follows from everything: the model refuses that as too few areas
        left = np.abs(np.diag(np.linalg.qr(scaled)[1]))
        if (left <= REPEATS).any():
            column = int(np.flatnonzero(left <= REPEATS)[0])
            mix = np.linalg.lstsq(scaled[:, :column], scaled[:, column], rcond=None)[0]
            others = [name for name, c in zip(self.names, mix, strict=False) if abs(c) > 1e-6]
            raise SurveyError(
                "covariates.repeats", f"The covariate '{self.names[column]}' follows from {some(others)}",
                where=self.source, hint="Leave one of them out, such as one of several shares that add to 100.",
            )  # fmt: skip

    def only(self, names: Sequence[str]) -> AreaCovariates:
        """These columns alone; SurveyError ``covariates.column`` for one the file lacks."""
        absent = [name for name in names if name not in self.names]
        if absent:
            raise SurveyError(
                "covariates.column", f"The file has no column {some(absent)}", where=self.source,
                expected=some(self.names, 12),
            )  # fmt: skip
        return AreaCovariates(self.table[list(names)], self.source)


def covariates_from_table(table: pd.DataFrame, source: str = "area file") -> AreaCovariates:
    """Covariates from a table of text: the first column names the area, every other one is a number.

    Thousands may be separated by commas. SurveyError ``covariates.*`` names the row as a spreadsheet
    shows it (the heading is row 1): no columns, a heading twice or empty, an area without a name or
    twice, an empty cell, anything that is not a number.
    """
    headings = [str(name).strip() for name in table.columns]
    if len(headings) < 2 or not len(table):
        raise SurveyError(
            "covariates.columns", "The file holds no covariates", where=source, got=some(headings) or "nothing",
            expected="a column of area names and at least one of numbers",
        )  # fmt: skip
    twice = [name for name in dict.fromkeys(headings) if headings.count(name) > 1 or not name]
    if twice:
        raise SurveyError(
            "covariates.heading", f"The heading {some(twice)} stands over several columns or is empty", where=source,
            hint="Give every column a name of its own.",
        )  # fmt: skip
    text = table.set_axis(headings, axis=1).astype("string").fillna("").apply(lambda column: column.str.strip())
    rows = np.flatnonzero((text != "").any(axis=1).to_numpy(bool))
    names = text.iloc[rows, 0]
    if (names == "").any():
        where = f"{source}, row {rows[(names == '').to_numpy(bool)][0] + 2}"
        raise SurveyError("covariates.unnamed", "A row has no area", where=where)
    doubled = names[names.map(fold).duplicated(keep=False)]
    if len(doubled):
        raise SurveyError("covariates.twice", f"The area {some(doubled)} stands in two rows", where=source)
    numbers = {
        name: _numbers(text[name].iloc[rows], names, rows, f"{source}, column '{name}'") for name in headings[1:]
    }
    return AreaCovariates(pd.DataFrame(numbers, index=pd.Index(names, dtype=object, name=headings[0])), source)


def _numbers(cells: pd.Series, areas: pd.Series, rows: np.ndarray, where: str) -> Floats:
    thousands = cells.str.fullmatch(_THOUSANDS)
    written = cells.where(~thousands, cells.str.replace(",", "", regex=False))
    values = pd.to_numeric(written, errors="coerce").to_numpy(dtype=float, na_value=np.nan)
    wrong = np.flatnonzero(~np.isfinite(values))
    if wrong.size:
        first = int(wrong[0])
        cell, area = str(cells.iloc[first]), areas.iloc[first]
        raise SurveyError(
            "covariates.number" if cell else "covariates.empty",
            f"The cell of '{area}' is not a number" if cell else f"The cell of '{area}' is empty",
            where=f"{where}, row {rows[first] + 2}", got=f"'{cell}'" if cell else "",
            expected="a number such as 1234 or 0.35",
            hint=f"{wrong.size - 1} more cells of this column are not numbers." if wrong.size > 1 else "",
        )  # fmt: skip
    return values
