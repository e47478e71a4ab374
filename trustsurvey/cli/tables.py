"""Results: tables on the screen, and everything as a file."""

from __future__ import annotations

from pathlib import Path
from typing import Any, get_args

import click
import pandas as pd

from trustsurvey import analysis, tabulate, workflow
from trustsurvey.cli.files import write_results
from trustsurvey.cli.group import STUDY, WAVE, cli
from trustsurvey.errors import SurveyError, some
from trustsurvey.estimation.intervals import ShareInterval
from trustsurvey.export.workbook import csv_bytes
from trustsurvey.model import Lonely, Study, Wave
from trustsurvey.present import words
from trustsurvey.rights import THIS_MACHINE, allowed
from trustsurvey.store import Store


@cli.command()
@STUDY
@WAVE
@click.option("--by", multiple=True, help="Grouping, such as district, or crossed: 'age x sex'; may be repeated.")
@click.option("--measure", multiple=True, help="Index or question, such as trust or pj1; all indices by default.")
@click.option("--stat", type=click.Choice(get_args(tabulate.Statistic)), default="mean", show_default=True,
              help="Mean score, share of positive answers, share of don't know, or median score.")  # fmt: skip
@click.option("--variance", type=click.Choice(get_args(tabulate.Variance)), default="taylor", show_default=True,
              help="Linearised, or by replicates that are weighted anew.")  # fmt: skip
@click.option("--interval", type=click.Choice(get_args(ShareInterval)), default="wilson", show_default=True,
              help="Interval of shares.")  # fmt: skip
@click.option("--lonely", type=click.Choice(get_args(Lonely)), help="Treatment of strata with one sampling unit.")
@click.option("--year", is_flag=True, help="The rolling year that ends with the wave.")
@click.option("--changes", is_flag=True, help="Show the change since the wave before instead.")
@click.option("--csv", "as_csv", is_flag=True, help="Print CSV with all columns.")
def estimate(
    study: str, wave: str | None, by: tuple[str, ...], measure: tuple[str, ...], stat: Any, variance: Any,
    interval: Any, lonely: Any, year: bool, changes: bool, as_csv: bool,
) -> None:  # fmt: skip
    """Print a table of a wave of STUDY: estimates with 95 % intervals, n and effective n.

    Small cells are hidden and thin ones withheld, here as on the pages.

    \b
    Example: trustsurvey estimate riverton --by district --measure trust
             trustsurvey estimate riverton --by "age x sex" --stat positive --variance bootstrap
    """
    waves, whole = workflow.load_waves(Store.open(), study, wave)
    here = waves[-1]
    names = measure or tuple(i.key for i in here.instrument.indices if i.key in here.scores)  # type: ignore[operator]
    request = tabulate.Request(names, tabulate.groupings(by), stat, variance, interval, lonely, year)
    if request.crossed and not allowed(THIS_MACHINE, "download microdata", study):
        raise SurveyError("rights.crossed", "Crossed tables need the right to single answers", where=study)
    if changes:
        if request != tabulate.Request(names, request.by) or request.crossed:
            raise SurveyError("estimate.changes", "Changes are of means by single groupings, linearised",
                              hint="Leave the other options out.")  # fmt: skip
        table = _changes(waves, whole, request)
    else:
        table = tabulate.tabulate(waves, len(waves) - 1, whole, request).table
    if as_csv:
        click.echo(csv_bytes(table).decode("utf-8-sig"), nl=False)
        return
    invented = " (invented sample data)" if whole.sample else ""
    click.echo(f"{whole.name}{invented}, {here.name}. {words.standing_words(here)}")
    for row in table.to_dict("records"):
        place = row["level"] or "everyone"
        click.echo(f"  {row['measure']:16} {place[:28]:28}  " + (_change(row) if changes else _score(row)))


def _changes(waves: list[Wave], study: Study, request: tabulate.Request) -> pd.DataFrame:
    picture = analysis.picture(waves, len(waves) - 1, study, request.measures[0])
    if picture.change is None:
        why = f"No score of it was asked in {picture.previous}" if picture.previous else "The wave is the first"
        raise SurveyError("estimate.first", f"{why}, so there is nothing to compare with", where=picture.wave.name)
    table = picture.change.table
    by = ["", *(variables[0] for variables in request.by)]
    for name, known in (*((m, "measure") for m in request.measures), *((b, "by") for b in by)):
        if name not in set(table[known]):
            raise SurveyError(f"estimate.{known}", f"The change since {picture.previous} has no {known} '{name}'",
                              expected=some([v for v in dict.fromkeys(table[known]) if v], 12))  # fmt: skip
    return table[table["by"].isin(by) & table["measure"].isin(request.measures)]


def _score(row: dict[str, Any]) -> str:
    if row["suppressed"]:
        return row["suppressed"]
    scale, unit = (100.0, " %") if row["stat"] == "share" else (1.0, "")
    est, low, high = (scale * row[name] for name in ("est", "lci", "uci"))
    told = f"{est:6.1f}{unit}  ({low:.1f} to {high:.1f})  "
    if row["guarded"]:
        return f"{told}rounded, n at least {row['at_least']:,.0f}, not shown, to protect a small group"
    return f"{told}n {row['n']:,.0f}, effective {row['n_eff']:,.0f}"


def _change(row: dict[str, Any]) -> str:
    told = words.VERDICTS[row["verdict"]]
    if row["verdict"] not in ("up", "down", "none"):
        return told
    return f"{row['diff']:+6.1f}  ({row['lci']:+.1f} to {row['uci']:+.1f})  adjusted p {row['p_adj']:.4f}  {told}"


@cli.command()
@STUDY
@click.argument("target", type=Path)
@WAVE
@click.option("--no-weights", is_flag=True, help="Leave out the sheet of weights by pseudonym.")
def export(study: str, target: Path, wave: str | None, no_weights: bool) -> None:
    """Write the results of STUDY to TARGET: .xlsx, or .zip of CSV files.

    Scores, change, trend, questions, margins and weights, with a sheet that states every choice made.
    Small cells are hidden and thin ones withheld; what was exported is written to the audit trail.

    \b
    Example: trustsurvey export riverton results.xlsx --wave "2026 Q2"
    """
    store = Store.open()
    picture = workflow.load_picture(store, study, wave)
    write_results(store, study, picture, target, microdata=not no_weights)
    click.echo(f"{target} written.")
