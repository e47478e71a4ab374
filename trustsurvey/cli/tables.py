"""Results: tables on the screen, and everything as a file."""

from __future__ import annotations

from pathlib import Path
from typing import Any, get_args

import click
import pandas as pd

from trustsurvey import tabulate, workbench, workflow
from trustsurvey.analysis import picture
from trustsurvey.cli.files import read_columns, refuse_kind, write_recipe, write_results
from trustsurvey.cli.group import STUDY, WAVE, cli
from trustsurvey.cli.lines import CSV, change_line, estimate_line, print_csv, print_rows
from trustsurvey.cli.rights import need_single_answers
from trustsurvey.comparison.multiplicity import Adjustment
from trustsurvey.errors import SurveyError
from trustsurvey.estimation.intervals import ShareInterval
from trustsurvey.model import Lonely, Study, Wave
from trustsurvey.present import words
from trustsurvey.replication.elsewhere import replicates_from_table
from trustsurvey.replication.replicates import Kind, Replicates
from trustsurvey.store import Store

#: Kinds of replicate weights from elsewhere, by what the command line calls them.
KINDS: dict[str, Kind] = {
    "bootstrap": "bootstrap", "brr": "BRR", "fay": "Fay", "jk1": "JK1", "jkn": "JKn", "jk2": "JK2",
    "sdr": "successive-difference", "other": "other",
}  # fmt: skip


@cli.command()
@STUDY
@WAVE
@click.option("--by", multiple=True, help="Grouping, such as district, or crossed: 'age x sex'; may be repeated.")
@click.option("--measure", multiple=True, help="Index, question or column of numbers; all indices by default.")
@click.option("--stat", type=click.Choice(get_args(tabulate.Statistic)), default="mean", show_default=True,
              help="Mean score; share of positive answers, of each answer or of don't know; median; number of people "
              "with a positive answer (of 'people': of all); total; ratio of two measures.")  # fmt: skip
@click.option("--over", default="", help="What a ratio is to: a measure, a column of numbers, or 'people'.")
@click.option("--variance", type=click.Choice(get_args(tabulate.Variance)), default="taylor", show_default=True,
              help="Linearised, or by replicates that are weighted anew.")  # fmt: skip
@click.option("--count", type=int, default=500, show_default=True, help="Replicates of a bootstrap.")
@click.option("--seed", type=int, default=1, show_default=True, help="Seed of a bootstrap.")
@click.option("--rho", type=float, help="Rho of Fay's replicates; 0.3 for our own.")
@click.option("--large", type=click.Choice(["split", "merge"]), default="split", show_default=True,
              help="Balanced replicates of strata with more than two units: pairs, or two halves.")  # fmt: skip
@click.option("--replicates", type=Path, help="Table of replicate weights from elsewhere: respondent or source_row, "
              "then a column for each.")  # fmt: skip
@click.option("--kind", type=click.Choice(list(KINDS)), help="What the replicates from elsewhere are.")
@click.option("--rscales", type=Path, help="Table with replicate and rscale, which jkn needs.")
@click.option("--scale", type=float, help="Scale of the replicates from elsewhere, where the kind does not say it.")
@click.option("--factors", is_flag=True, help="They are factors of the weights, not weights.")
@click.option("--mse", is_flag=True, help="Replicates vary around the estimate, not around their own mean.")
@click.option("--interval", type=click.Choice(get_args(ShareInterval)), default="wilson", show_default=True,
              help="Interval of shares.")  # fmt: skip
@click.option("--lonely", type=click.Choice(get_args(Lonely)), help="Treatment of strata with one sampling unit.")
@click.option("--year", is_flag=True, help="The rolling year that ends with the wave.")
@click.option("--changes", is_flag=True, help="Show the change since the wave before instead.")
@click.option("--adjust-for", type=click.Choice(get_args(Adjustment)), default="bh", show_default=True,
              help="Changes: hold down the share of false alarms (bh), or the chance of any (holm).")  # fmt: skip
@CSV
def estimate(
    study: str, wave: str | None, by: tuple[str, ...], measure: tuple[str, ...], stat: Any, over: str, variance: Any,
    count: int, seed: int, rho: float | None, large: Any, interval: Any, lonely: Any, year: bool, mse: bool,
    replicates: Path | None, changes: bool, adjust_for: Any, as_csv: bool, **brought: Any,
) -> None:  # fmt: skip
    """Print a table of a wave of STUDY: estimates with 95 % intervals, n and effective n.

    Small cells are hidden and thin ones withheld, here as on the pages.

    \b
    Example: trustsurvey estimate riverton --by district --measure trust
             trustsurvey estimate riverton --by "age x sex" --stat positive --variance bootstrap
             trustsurvey estimate riverton --stat number --measure people --measure pj1 --by district
             trustsurvey estimate riverton --stat ratio --measure pj --over trust
             trustsurvey estimate riverton --replicates weights.csv --kind fay --rho 0.5
             trustsurvey estimate riverton --changes --by district --adjust-for holm
    """
    waves, whole = workflow.load_waves(Store.open(), study, wave)
    here = waves[-1]
    request = tabulate.Request(
        measure, tabulate.groupings(by), stat, variance, interval, lonely, year, over, count, seed,
        0.3 if rho is None else rho, large, mse,
    )  # fmt: skip
    if request.crossed:
        need_single_answers(study, "Crossed tables", "rights.crossed")
    if changes:
        plain = tabulate.Request(measure, request.by)
        if request != plain or request.crossed or replicates is not None:
            raise SurveyError("estimate.changes", "Changes are of means by single groupings, linearised",
                              hint="Leave the other options out.")  # fmt: skip
        table, told = _changes(waves, whole, plain, adjust_for)
    else:
        drawn = None
        if replicates is not None:
            need_single_answers(study, "Replicate weights from elsewhere", "rights.replicates")
            drawn = _replicates(here, request, replicates, rho=rho, mse=mse, **brought)
        made = tabulate.tabulate(waves, len(waves) - 1, whole, request, drawn)
        table, told = made.table, " ".join(tabulate.sentences(made))
    if as_csv:
        print_csv(table)
        return
    invented = " (invented sample data)" if whole.sample else ""
    click.echo(f"{whole.name}{invented}, {here.name}. {words.standing_words(here)}")
    print_rows(table, change_line if changes else estimate_line)
    if told:
        click.echo(told)


def _changes(
    waves: list[Wave], study: Study, request: tabulate.Request, adjust: Adjustment
) -> tuple[pd.DataFrame, str]:
    measures = list(request.measures)
    if not measures and len(waves) > 1:
        both = [wave.scores for wave in waves[-2:] if wave.scores is not None]
        indices = [index.key for index in waves[-1].instrument.indices]
        measures = [key for key in indices if all(key in scores for scores in both)]
    by = [variables[0] for variables in request.by]
    found = workbench.changes(waves, len(waves) - 1, study, measures, by, adjust)
    return found.table, " ".join(found.told)


def _replicates(
    wave: Wave, request: tabulate.Request, file: Path, *, kind: str | None, rscales: Path | None, **how: Any
) -> Replicates:
    if kind is None or request.pooled or request.variance != "taylor":
        raise SurveyError(
            "estimate.replicates", "Replicates from elsewhere are of one wave, and of a kind", where=str(file),
            expected=f"--kind {', '.join(KINDS)}", hint="Leave --year and --variance out.",
        )  # fmt: skip
    scales = read_columns(rscales) if rscales is not None else None
    return replicates_from_table(wave, read_columns(file), KINDS[kind], source=file.name, rscales=scales, **how)


@cli.command()
@STUDY
@click.argument("target", type=Path)
@WAVE
@click.option("--no-weights", is_flag=True, help="Leave out the sheet of weights by pseudonym.")
@click.option("--replicates", type=click.Choice([kind for kind in get_args(tabulate.Variance) if kind != "taylor"]),
              help="Add replicate weights by pseudonym, each weighted anew.")  # fmt: skip
@click.option("--count", type=int, default=200, show_default=True, help="Replicates of a bootstrap.")
@click.option("--seed", type=int, default=1, show_default=True, help="Seed of a bootstrap.")
@click.option("--rho", type=float, default=0.3, show_default=True, help="Rho of Fay's replicates.")
@click.option("--large", type=click.Choice(["split", "merge"]), default="split", show_default=True,
              help="Balanced replicates of strata with more than two units: pairs, or two halves.")  # fmt: skip
def export(
    study: str, target: Path, wave: str | None, no_weights: bool, replicates: Any, count: int, seed: int, rho: float,
    large: Any,
) -> None:  # fmt: skip
    """Write the results of STUDY to TARGET: .xlsx, .zip of CSV files, or .yaml, which 'reproduce' takes.

    Scores, change, trend, questions, margins and weights, with a sheet that states every choice made.
    Small cells are hidden and thin ones withheld; what was exported is written to the audit trail.

    \b
    Example: trustsurvey export riverton results.xlsx --wave "2026 Q2"
             trustsurvey export riverton results.zip --replicates bootstrap --count 200
    """
    store = Store.open()
    refuse_kind(target)
    if replicates is not None:
        need_single_answers(study, "Replicate weights", "rights.replicates")
    waves, whole = workflow.load_waves(store, study, wave)
    if target.suffix.lower() == ".yaml":
        write_recipe(store, waves, whole, target)
        click.echo(f"{target} written.")
        return
    shown = picture(waves, len(waves) - 1, whole)
    drawn = None
    if replicates is not None:
        how = tabulate.Request(variance=replicates, count=count, seed=seed, rho=rho, large=large)
        drawn = tabulate.replicates_for(shown.wave, how)
    write_results(store, shown, waves, target, not no_weights, drawn)
    click.echo(f"{target} written.")
