"""How results are printed: tables with the sentences beside them, and a line for each estimate or change."""

from __future__ import annotations

from typing import Any

import click
import pandas as pd

from trustsurvey.export.workbook import csv_bytes
from trustsurvey.present import result_tables
from trustsurvey.workbench import Finding

CSV = click.option("--csv", "as_csv", is_flag=True, help="Print CSV with all columns.")


def print_csv(table: pd.DataFrame) -> None:
    """A table as CSV on the screen."""
    click.echo(csv_bytes(table).decode("utf-8-sig"), nl=False)


def tell(found: Finding, as_csv: bool) -> None:
    """What was found: its tables and sentences, or its first table as CSV."""
    if as_csv:
        print_csv(found.table)
        return
    told = [table for table in (found.table, found.more) if table is not None and len(table)]
    for k, table in enumerate(told):
        click.echo("\n" * (k > 0) + table.to_string(index=False, float_format=number, na_rep=""))
    for sentence in found.told:
        click.echo(sentence)


def number(value: float) -> str:
    """Four figures, but every one of a number of people."""
    return f"{value:.0f}" if abs(value) >= 1000 else f"{value:.4g}"


def print_rows(table: pd.DataFrame, line: Any) -> None:
    """A line for each row: measure, place, and what ``line`` makes of it."""
    for row in table.to_dict("records"):
        place = row["level"] or "everyone"
        click.echo(f"  {row['measure']:16} {place[:28]:28}  " + line(row))


def estimate_line(row: dict[str, Any]) -> str:
    """An estimate with its range, n and effective n."""
    if row["suppressed"]:
        return row["suppressed"]
    scale, unit, form = {"share": (100.0, " %", ",.1f"), "total": (1.0, "", ",.0f"), "ratio": (1.0, "", ",.3f")}.get(
        row["stat"], (1.0, "", ",.1f")
    )
    est, low, high = (format(scale * row[name], form) for name in ("est", "lci", "uci"))
    told = f"{est:>6}{unit}  ({low} to {high})  "
    if row["guarded"]:
        return f"{told}rounded, n at least {row['at_least']:,.0f}, not shown, to protect a small group"
    return f"{told}n {row['n']:,.0f}, effective {row['n_eff']:,.0f}"


def change_line(row: dict[str, Any]) -> str:
    """A change with its range, the adjusted p-value and the verdict in words."""
    told = result_tables.VERDICTS[row["verdict"]]
    if row["verdict"] not in ("up", "down", "none"):
        return told
    return f"{row['diff']:+6.1f}  ({row['lci']:+.1f} to {row['uci']:+.1f})  adjusted p {row['p_adj']:.4f}  {told}"


def inert(text: str) -> str:
    """What people said or are called, on one line, without anything that a screen would obey; joiners stay."""
    return " ".join("".join(c if c.isprintable() or c in "\u200c\u200d" else " " for c in text).split())
