"""Weights by command: made from population margins, for one wave or all, or brought from elsewhere."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from trustsurvey import weighing, workflow
from trustsurvey.cli.group import REASON, STUDY, WAVE, cli
from trustsurvey.cli.rights import need_single_answers
from trustsurvey.errors import SurveyError, some
from trustsurvey.model import Wave
from trustsurvey.store import Store
from trustsurvey.weighting.weigh import diagnostics


@cli.command()
@STUDY
@WAVE
@click.option("--margins", type=Path, help="Table with variable, category, count; kept with the study.")
@click.option("--start", type=click.Choice(["base", "one"]), default="base", show_default=True,
              help="Rake from the file's base weights, or from 1 for everyone.")  # fmt: skip
@click.option("--missing", type=click.Choice(["refuse", "keep"]), default="refuse", show_default=True,
              help="Residents without an answer to a margin: refuse, or keep at their share.")  # fmt: skip
@click.option("--bounds", type=(float, float), help="Smallest and largest weight, in multiples of the mean: 0.2 5.")
@click.option("--method", type=click.Choice(["rake", "linear"]), default="rake", show_default=True,
              help="Raking, or linear calibration (the regression estimator).")  # fmt: skip
@click.option("--collapse", type=int, help="Merge categories with fewer respondents than this; stated in the results.")
@click.option("--ordered", multiple=True, help="Variable whose categories have neighbours, such as age.")
@click.option("--trim", "trim_to", type=(float, float),
              help="Cut weights off afterwards, in multiples of the mean; the margins then move.")  # fmt: skip
@click.option("--rescale", is_flag=True, help="Keep only the shares of margins whose totals disagree.")
@click.option("--all", "every", is_flag=True, help="Weight all waves of the study in this way, or none of them.")
@click.option("--from", "made", type=Path, metavar="FILE",
              help="Take weights made elsewhere: respondent or source_row, and weight; --reason says how.")  # fmt: skip
@REASON
def weigh(
    study: str, wave: str | None, margins: Path | None, every: bool, made: Path | None, reason: str, **choices: Any
) -> None:
    """Weight a wave of STUDY to population margins, which may be crossed ("age x sex").

    A margin of a column of numbers has the category "total" or "mean": what the numbers add up to in the population.

    \b
    Example: trustsurvey weigh riverton --margins margins.csv --missing keep --bounds 0.2 5
             trustsurvey weigh riverton --all --method linear
             trustsurvey weigh riverton --from weights.csv --reason "raked in R by the university"
    """
    store = Store.open()
    if made is not None:
        if margins is not None or every:
            raise click.UsageError("Weights from elsewhere are taken as they are: leave --margins and --all out.")
        need_single_answers(study, "Weights from elsewhere", "rights.weights")
        name = _wave(store, study, wave)
        _tell_weights(name, weighing.bring_weights(store, study, name, made, reason), f"taken from {made.name}")
        return
    if every and wave is not None:
        raise click.UsageError("Say --wave NAME, or --all.")
    given = workflow.read_margins(margins) if margins else None
    if every:
        weighted = weighing.weigh_all(store, study, given, reason, **choices)
    else:
        name = _wave(store, study, wave)
        weighted = {name: weighing.weigh_wave(store, study, name, given, reason, **choices)}
    if given is not None:
        store.set_margins(study, given)
    for name, one in weighted.items():
        _tell_weights(name, one, "raked" if choices["method"] == "rake" else "calibrated")


def _tell_weights(name: str, weighted: Wave, done: str) -> None:
    """What became of a wave's weights, in a few lines."""
    assert weighted.weighting is not None
    settings, told = weighted.weighting.settings, diagnostics(weighted)
    met = [*weighted.weighting.margins.variables, *(settings.get("totals") or {})]
    click.echo(f"{name}: {len(weighted):,} answers {done}{' to ' if met else ''}{', '.join(met)}.")
    for told_of, merged in (settings.get("merged") or {}).items():
        click.echo(
            f"  merged in {told_of}: {'; '.join(f'{into} ({some(parts, 6)})' for into, parts in merged.items())}"
        )
    click.echo(
        f"  design effect {told['deff']:.2f}, effective n {told['n_eff']:,.0f}, "
        f"weights {told['lowest']:.2f} to {told['highest']:.2f} times the mean"
    )


def _wave(store: Store, study: str, wave: str | None) -> str:
    records = store.waves(study)
    if wave is not None:
        return wave
    if not records:
        raise SurveyError("store.no-wave", "The study has no waves yet", where=study, hint="Import one first.")
    return records[-1].name
