"""The account of an import as one table: rows, values that stand on no scale, questions, what was noticed."""

from __future__ import annotations

import pandas as pd

from trustsurvey.model import RULES, ItemCheck, Report

COLUMNS = ["part", "what", "detail", "count", "share", "done", "rows"]
FEW = f"under {RULES.people}"


def account_table(report: Report, microdata: bool = False) -> pd.DataFrame:
    """Everything that an import checked, a row each, in the columns :data:`COLUMNS`.

    ``microdata``: with the numbers of rows, the values as they stand in the file, and exact counts of answers;
    without it, shares are whole per cents and a number under ten is only called so, and nothing is told of a wave
    of fewer people.
    """
    if not microdata and report.rows_kept < RULES.people:
        return pd.DataFrame(columns=COLUMNS)
    lines: list[tuple[object, ...]] = []
    for row in report.rows_table().to_dict("records"):
        lines.append(
            ("rows", row["check"], row["rule"], row["count"], round(row["share"], 4), row["done"],
             row["rows"] if microdata else "")
        )  # fmt: skip
    for value in report.values:
        said = f"'{value.value}'" if microdata else "a value that stands on no scale"
        where = f"{value.item}, column '{value.column}'"
        rows = ", ".join(map(str, value.rows)) if microdata else ""
        lines.append(("values", where, said, _count(value.count, microdata), None, value.done, rows))
    for check in report.items:
        lines += _questions(check, microdata)
    lines += [("modes", mode, "", None, round(share, 2), "", "") for mode, share in report.modes]
    lines += [("notices", notice.code, notice.text, None, None, "", "") for notice in report.notices]
    return pd.DataFrame(lines, columns=COLUMNS, dtype=object)


def _questions(check: ItemCheck, microdata: bool) -> list[tuple[object, ...]]:
    """A line for the answers to a question, and one for each kind of no answer that was given."""
    whole = check.put_to or 1
    where = f"{check.item}, column '{check.column}'"
    kinds = (("answered", check.answered), ("don't know", check.dont_know), ("refused", check.refused),
             ("left out", check.left_out))  # fmt: skip
    asked = [
        (kind, count, count / whole) for kind, count in kinds if count and (microdata or kind != "answered")
    ]  # exact numbers of answers are for those who may see them
    return [
        ("questions", where, kind, _count(count, microdata),
         round(share, 4) if microdata else None if count < RULES.people else round(share, 2), "", "")
        for kind, count, share in asked
    ]  # fmt: skip


def _count(count: int, microdata: bool) -> object:
    if microdata:
        return count
    return FEW if count < RULES.people else None
