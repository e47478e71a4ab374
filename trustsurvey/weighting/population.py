"""Population margins: read, check, line up with a wave."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Mapping as MappingType, Sequence
from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd

from trustsurvey.errors import SurveyError, some
from trustsurvey.language import _
from trustsurvey.model import RULES, Floats, Ints, Margin, Margins, Wave
from trustsurvey.weighting.categories import CROSS, Levels, collapse, positions_in
from trustsurvey.wording import figure as counted, fold

#: Totals of margins that differ by more than this are refused unless rescaling is asked for.
TOTALS_AGREE = 0.005
NO_ANSWER = "(no answer)"


def margins_from_table(table: pd.DataFrame, source: str = "margins") -> Margins:
    """Margins from a tidy table with the columns variable, category and count (or share).

    Raises SurveyError for missing columns, blanks, repeated categories, negative or non-numeric
    numbers, naming the row as a spreadsheet shows it (the heading is row 1).
    """
    table = table.rename(columns=lambda name: str(name).strip().lower())
    number = next((c for c in ("count", "population", "share", "target") if c in table.columns), None)
    if number is None or not {"variable", "category"} <= set(table.columns):
        raise SurveyError(
            "margins.columns",
            "The margins table lacks a column",
            where=source,
            got=some(table.columns),
            expected="variable, category and count",
            hint="Give one row a category, such as: sex, female, 51200.",
        )
    text = {c: table[c].astype("string").str.strip().fillna("") for c in ("variable", "category", number)}
    filled = (text["variable"] != "") | (text["category"] != "") | (text[number] != "")
    if isinstance(table[number], pd.DataFrame):
        raise SurveyError("margins.columns", f"The margins table has two columns '{number}'", where=source)
    # Thousands may be separated by commas; any other comma makes the cell no number.
    thousands = text[number].str.fullmatch(r"\d{1,3}(,\d{3})+(\.\d+)?")
    written = text[number].where(~thousands, text[number].str.replace(",", "", regex=False))
    counts = pd.to_numeric(written, errors="coerce").to_numpy(dtype=float, na_value=np.nan)
    for position in np.flatnonzero(filled).tolist():
        _check_row(source, position, text["variable"].iloc[position], text["category"].iloc[position],
                   text[number].iloc[position], float(counts[position]))  # fmt: skip
    margins = []
    for variable in text["variable"][filled].unique():
        rows = filled & (text["variable"] == variable)
        categories = text["category"][rows]
        targets = pd.Series(counts[rows.to_numpy(bool)], index=pd.Index(categories, dtype=object))
        margins.append(Margin(str(variable), targets))
    return check_margins(Margins(tuple(margins), source))


def _check_row(source: str, position: int, variable: str, category: str, written: str, count: float) -> None:
    where = f"{source}, row {position + 2}"
    if not variable or not category:
        raise SurveyError("margins.blank", "A margin row has no variable or no category", where=where)
    if not np.isfinite(count) or count < 0:
        raise SurveyError(
            "margins.number",
            f"The population of '{category}' ({variable}) is no number of people",
            where=where,
            got=f"'{written}'",
            expected="a number of 0 or more",
        )


def margins_from_mapping(tables: MappingType[str, MappingType[Any, float]], source: str = "") -> Margins:
    """Margins from ``{variable: {category: count}}``."""
    margins = tuple(
        Margin(str(variable), pd.Series({str(k): float(v) for k, v in targets.items()}, dtype=float))
        for variable, targets in tables.items()
    )
    return check_margins(Margins(margins, source))


def check_margins(margins: Margins) -> Margins:
    """Refuse margins without variables, with impossible numbers or adding to nothing; else unchanged."""
    if not len(margins):
        raise SurveyError(
            "margins.empty",
            "There are no margins",
            where=margins.source,
            expected="at least one variable with its categories and population numbers",
        )
    for margin in margins:
        targets = margin.targets.to_numpy(float)
        if not (np.isfinite(targets) & (targets >= 0)).all():
            worst = margin.targets[~(np.isfinite(targets) & (targets >= 0))].index[0]
            raise SurveyError(
                "margins.number",
                f"The population of '{worst}' ({margin.variable}) is no number of people",
                where=margins.source,
                expected="a number of 0 or more",
            )
        folded = Counter(fold(str(category)) for category in margin.targets.index)
        if len(folded) < len(margin.targets):
            twice = [category for category in margin.targets.index if folded[fold(str(category))] > 1]
            raise SurveyError(
                "margins.repeated",
                f"The category {some(twice)} of '{margin.variable}' stands twice",
                where=margins.source,
                hint="Keep one row a category.",
            )
        if not (margin.targets > 0).any():
            raise SurveyError("margins.zero", f"The margin '{margin.variable}' adds to nothing", where=margins.source)
    return margins


def margins_table(margins: Margins) -> pd.DataFrame:
    """The tidy table of margins: variable, category, count."""
    rows = [
        {"variable": margin.variable, "category": category, "count": count}
        for margin in margins
        for category, count in margin.targets.items()
    ]
    return pd.DataFrame(rows, columns=["variable", "category", "count"])


def apart_from_numbers(margins: Margins) -> tuple[Margins, dict[str, float], dict[str, float]]:
    """Margins by category, and the totals and the means of columns of numbers that stand among them.

    A variable whose only category is "total" or "mean" is such a column: what its numbers add up to in the
    population, or come to on average.
    """
    told: dict[str, dict[str, float]] = {"total": {}, "mean": {}}
    for margin in margins:
        if margin.of_number:
            told[margin.of_number][margin.variable] = float(margin.targets.iloc[0])
    kept = tuple(margin for margin in margins if not margin.of_number)
    return Margins(kept, margins.source), told["total"], told["mean"]


def common_total(margins: Margins, rescale: bool = False) -> Margins:
    """Margins that all add to the total of the first one.

    Totals within 0.5 % of each other are lined up; larger differences are refused
    (``margins.totals``) unless ``rescale``, which keeps each margin's shares only.
    """
    check_margins(margins)
    totals = {margin.variable: float(margin.targets.sum()) for margin in margins}
    first = next(iter(totals.values()))
    apart = [v for v, total in totals.items() if abs(total / first - 1) > TOTALS_AGREE]
    if apart and not rescale:
        raise SurveyError(
            "margins.totals",
            "The margins disagree about how many people there are",
            where=margins.source,
            got=", ".join(f"{variable} {figure(total)}" for variable, total in totals.items()),
            expected="the same total in each",
            hint="Correct the numbers, or choose to keep only the shares within each margin.",
        )
    lined_up = (replace(m, targets=m.targets * (first / m.targets.sum())) for m in margins)
    return replace(margins, margins=tuple(lined_up))


def figure(number: float) -> str:
    """A population number for a sentence: whole where it is whole, else with four places."""
    return f"{number:,.0f}" if abs(number - round(number)) < 5e-5 else f"{number:,.4f}".rstrip("0")


def people(n: int) -> str:
    """A number of residents for a sentence, not told where it is small."""
    return _("{n} residents").format(n=counted(n)) if n >= RULES.people else _("a few residents")


def codes_of(
    wave: Wave,
    margin: Margin,
    base: Floats,
    missing: str,
    at_least: int | None = None,
    ordered: Collection[str] = (),
) -> tuple[Ints, Margin, dict[str, list[str]]]:
    """Position of each resident's category in the margin's targets, the margin as used, and what was merged.

    The margin's variable is a column of ``wave.people`` or several, crossed ("age x sex"). Categories
    with a target of 0 that nobody has are left aside; those with fewer than ``at_least`` residents are
    merged (see :func:`trustsurvey.weighting.categories.collapse`). Raises SurveyError for a variable the wave
    lacks, levels of the sample without a target, targets without a sample, and, unless ``missing``
    is "keep", for residents without an answer; "keep" gives those a category of their own with the
    share they have at the base weights, the other targets making room.
    """
    levels = Levels.of(wave, margin.variable)
    margin = _spelled_like(margin, levels.labels)
    targets = margin.targets[margin.targets > 0]
    counts = levels.counts()
    present = [label for label, n in zip(levels.labels, counts.tolist(), strict=True) if n > 0]
    extra = [level for level in present if level not in targets.index]
    if extra:
        n = int(counts[[label in extra for label in levels.labels]].sum())
        raise SurveyError(
            "margins.extra-level",
            f"The margin '{margin.variable}' has no target for {some(extra)}",
            where=wave.name,
            got=f"{people(n)} there",
            expected=some(targets.index, 8),
            hint="Add the category to the margin, or give those answers another category in the mapping.",
        )
    merged: dict[str, list[str]] = {}
    margin = replace(margin, targets=targets)
    if at_least is not None:
        margin, merged = collapse(margin, levels, at_least, ordered)
    absent = [level for level in targets.index if level not in set(present)] if at_least is None else []
    if absent:
        raise SurveyError(
            "margins.absent-level",
            f"Nobody who answered is {some(absent)} in '{margin.variable}'",
            where=wave.name,
            expected="at least one answer in every category of the margin",
            hint="Merge the category with another one, in the margin and in the mapping, or let small ones be merged.",
        )
    codes = positions_in(margin, levels, merged)
    unknown = codes < 0
    if not unknown.any():
        return codes, margin, merged
    if missing != "keep":
        raise SurveyError(
            "margins.missing",
            f"{people(int(unknown.sum())).capitalize()} gave no answer to '{margin.variable}'",
            where=wave.name,
            expected="an answer for everyone",
            hint="Choose to keep them at the share they have in the sample, or leave the margin out.",
        )
    share = base[unknown].sum() / base.sum()
    total = margin.targets.sum()
    codes[unknown] = len(margin.targets)
    used = pd.concat([margin.targets * (1 - share), pd.Series({NO_ANSWER: total * share})])
    return codes, replace(margin, targets=used), merged


def _spelled_like(margin: Margin, labels: Sequence[object]) -> Margin:
    """The margin with its categories written as the wave writes them ("female" becomes "Female")."""
    written = {fold(str(label)): label for label in labels}
    index = [written.get(fold(str(category)), category) for category in margin.targets.index]
    return replace(margin, targets=margin.targets.set_axis(pd.Index(index, dtype=object)))


def known_codes(wave: Wave, margin: Margin, merged: MappingType[str, list[str]]) -> Ints:
    """Position of each resident's category in a margin as it was used, that of ``(no answer)`` or -1 without one."""
    none = {level: k for k, level in enumerate(margin.targets.index)}.get(NO_ANSWER, -1)
    return positions_in(margin, Levels.of(wave, margin.variable), merged, none)


def cross_margin(table: pd.DataFrame, variables: Sequence[str], count: str = "count") -> Margin:
    """The margin over several crossed variables from a table with a column for each and one of numbers.

    Its variable is "age x sex" and its categories are "18-24 x f"; see ``categories.Levels``.
    """
    absent = [name for name in (*variables, count) if name not in table.columns]
    if absent or not variables:
        raise SurveyError(
            "margins.columns", f"The table of crossed margins lacks {some(absent) or 'variables'}",
            got=some(table.columns), expected=some((*variables, count)),
        )  # fmt: skip
    labels = table[variables[0]].astype(str).str.strip()
    for name in variables[1:]:
        labels = labels + CROSS + table[name].astype(str).str.strip()
    targets = pd.Series(table[count].to_numpy(float), index=pd.Index(labels, dtype=object))
    margin = Margin(CROSS.join(variables), targets)
    check_margins(Margins((margin,)))
    return margin
