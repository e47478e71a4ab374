"""What an analyst asks beyond a table: trend, gaps, scales, what goes with trust, small areas, planning."""

from __future__ import annotations

from pathlib import Path

import click

from trustsurvey import workbench, workflow
from trustsurvey.areas.covariates import covariates_from_table
from trustsurvey.cli.group import STUDY, WAVE, cli
from trustsurvey.cli.lines import CSV, tell
from trustsurvey.readers.tables import read_table
from trustsurvey.store import Store

MEASURE = click.option("--measure", required=True, help="Index or question, such as trust or pj1.")
BY = click.option("--by", required=True, help="Area level or group, such as district or age.")


@cli.command()
@STUDY
@WAVE
@click.option("--measure", multiple=True, required=True, help="Index or question; may be repeated.")
@click.option("--by", multiple=True, help="Area level or group; may be repeated.")
@CSV
def trend(study: str, wave: str | None, measure: tuple[str, ...], by: tuple[str, ...], as_csv: bool) -> None:
    """Print the slope of scores of STUDY over its waves, since the wording last changed.

    \b
    Example: trustsurvey trend riverton --measure trust --by district
    """
    waves, whole = workflow.load_waves(Store.open(), study, wave)
    tell(workbench.trends(waves, len(waves) - 1, whole, measure, by), as_csv)


@cli.command()
@STUDY
@WAVE
@MEASURE
@BY
@click.option("--adjust", multiple=True, help="Group to adjust for; may be repeated.")
@CSV
def gaps(study: str, wave: str | None, measure: str, by: str, adjust: tuple[str, ...], as_csv: bool) -> None:
    """Print gaps between groups of STUDY, raw and adjusted, and whether the score means the same in them.

    \b
    Example: trustsurvey gaps riverton --measure trust --by age --adjust sex --adjust district
    """
    waves, whole = workflow.load_waves(Store.open(), study, wave)
    tell(workbench.group_gaps(waves, len(waves) - 1, whole, measure, by, adjust), as_csv)


@cli.command()
@STUDY
@WAVE
@MEASURE
@click.option("--by", default="", help="Group to compare; the waves if left out.")
@CSV
def invariance(study: str, wave: str | None, measure: str, by: str, as_csv: bool) -> None:
    """Print whether a score of STUDY measures the same in all groups, or in all waves.

    \b
    Example: trustsurvey invariance riverton --measure pj --by ethnicity
    """
    waves, _ = workflow.load_waves(Store.open(), study, wave)
    tell(workbench.same_meaning(waves, len(waves) - 1, measure, by), as_csv)


@cli.command()
@STUDY
@WAVE
@click.option("--measure", multiple=True, help="Index; may be repeated; all by default.")
@CSV
def scales(study: str, wave: str | None, measure: tuple[str, ...], as_csv: bool) -> None:
    """Print how well the questions of each score of STUDY hang together: alpha, omega, one-factor fit.

    \b
    Example: trustsurvey scales riverton --measure pj
    """
    waves, _ = workflow.load_waves(Store.open(), study, wave)
    tell(workbench.scales(waves, len(waves) - 1, measure), as_csv)


@cli.command()
@STUDY
@WAVE
@MEASURE
@click.option("--with", "predictors", multiple=True, required=True, help="Score or group; may be repeated.")
@CSV
def drivers(study: str, wave: str | None, measure: str, predictors: tuple[str, ...], as_csv: bool) -> None:
    """Print which experiences go with a score of STUDY, and how much of its variation each shares.

    \b
    Example: trustsurvey drivers riverton --measure le --with pj --with ef --with contact
    """
    waves, whole = workflow.load_waves(Store.open(), study, wave)
    tell(workbench.goes_with(waves, len(waves) - 1, whole, measure, predictors), as_csv)


@cli.command()
@STUDY
@WAVE
@MEASURE
@BY
@click.option(
    "--year/--wave-alone", default=None, help="From the rolling year, which is the default where there is one."
)
@click.option("--covariates", type=Path, help="Table with the area's name first and numbers after it.")
@CSV
def areas(
    study: str, wave: str | None, measure: str, by: str, year: bool | None, covariates: Path | None, as_csv: bool
) -> None:
    """Print modelled values of the areas of STUDY beside the direct ones (Fay-Herriot).

    Each area comes with the probability that it is among the lowest fifth.

    \b
    Example: trustsurvey areas riverton --measure trust --by neighbourhood --covariates census.csv
    """
    store = Store.open()
    waves, whole = workflow.load_waves(store, study, wave)
    known = covariates_from_table(read_table(covariates), covariates.name) if covariates else None
    found = workbench.small_areas(
        waves, len(waves) - 1, whole, by, measure, year=year, covariates=known, population=store.margins(study)
    )
    tell(found, as_csv)


@cli.command()
@STUDY
@WAVE
@MEASURE
@click.option("--by", default="", help="Area level or group; everyone if left out.")
@click.option("--change", type=float, help="Change between two waves that is to be found, in points.")
@click.option("--width", type=float, help="Half-width of the range that is to be reached, in points.")
@CSV
def plan(
    study: str, wave: str | None, measure: str, by: str, change: float | None, width: float | None, as_csv: bool
) -> None:
    """Print what STUDY can detect now, and how many interviews a goal would take.

    \b
    Example: trustsurvey plan riverton --measure trust --by district --change 5
    """
    waves, whole = workflow.load_waves(Store.open(), study, wave)
    tell(workbench.planned(waves, len(waves) - 1, whole, measure, by, change=change, width=width), as_csv)


@cli.command()
@STUDY
@WAVE
@CSV
def missing(study: str, wave: str | None, as_csv: bool) -> None:
    """Print who is missing from a wave of STUDY: answers against population, and what they are worth.

    \b
    Example: trustsurvey missing riverton
    """
    store = Store.open()
    waves, whole = workflow.load_waves(store, study, wave)
    tell(workbench.who_is_missing(waves, len(waves) - 1, whole, store.margins(study)), as_csv)
