"""Tests and regressions."""

from __future__ import annotations

from typing import Any, get_args

import click

from trustsurvey import workbench, workflow
from trustsurvey.cli.group import STUDY, WAVE, cli
from trustsurvey.cli.lines import CSV, tell
from trustsurvey.cli.rights import need_single_answers
from trustsurvey.comparison.multiplicity import Adjustment
from trustsurvey.errors import SurveyError
from trustsurvey.estimation.association import Statistic
from trustsurvey.estimation.regression import Family
from trustsurvey.store import Store


@cli.command("test")
@STUDY
@WAVE
@click.option("--by", multiple=True, help="Area level or group; two of them to test whether they are independent.")
@click.option("--answers", help="Question whose answers may differ between groups, such as pj1.")
@click.option("--measure", help="Score whose mean may differ between groups, such as trust.")
@click.option("--null", type=float, help="Number that the mean of the score may differ from, instead of groups.")
@click.option("--pairs", is_flag=True, help="Means: hold every two groups against one another.")
@click.option("--adjust-for", type=click.Choice(get_args(Adjustment)), default="holm", show_default=True,
              help="Pairs: hold down the chance of any false alarm (holm), or their share (bh).")  # fmt: skip
@click.option("--statistic", type=click.Choice(get_args(Statistic)), default="F", show_default=True,
              help="Independence: Rao and Scott's second or first order correction, Wald, adjusted Wald.")  # fmt: skip
@CSV
def test_command(
    study: str, wave: str | None, by: tuple[str, ...], answers: str | None, measure: str | None, null: float | None,
    pairs: bool, adjust_for: Any, statistic: Any, as_csv: bool,
) -> None:  # fmt: skip
    """Test independence or equal means in a wave of STUDY, allowing for its weights and design.

    \b
    Example: trustsurvey test riverton --by age --answers pj1
             trustsurvey test riverton --by age --by district
             trustsurvey test riverton --by age --measure trust --pairs
             trustsurvey test riverton --measure trust --null 50
    """
    waves, whole = workflow.load_waves(Store.open(), study, wave)
    at = len(waves) - 1
    asked = (len(by), answers is not None, measure is not None, null is not None)
    if asked == (1, True, False, False):
        found = workbench.answers_by_group(waves, at, whole, str(answers), by[0], statistic)
    elif asked == (2, False, False, False):
        need_single_answers(study, "Crossed tables", "rights.crossed")
        found = workbench.two_groupings(waves, at, whole, by[0], by[1], statistic)
    elif asked == (1, False, True, False):
        found = workbench.means_by_group(waves, at, whole, str(measure), by[0], pairs, adjust_for)
    elif asked == (0, False, True, True):
        found = workbench.mean_against(waves, at, whole, str(measure), float(null or 0.0))
    else:
        raise SurveyError(
            "test.what", "A test is of one thing", where=study,
            expected="--by with --answers, two --by, --by with --measure, or --measure with --null",
        )  # fmt: skip
    tell(found, as_csv)


@cli.command()
@STUDY
@WAVE
@click.option("--measure", required=True, help="Score; for a logistic regression a question answered positively.")
@click.option("--with", "predictors", multiple=True, required=True,
              help="Score, column of numbers or group; may be repeated.")  # fmt: skip
@click.option("--family", type=click.Choice(get_args(Family)), default="linear", show_default=True,
              help="Of the mean score, or of the log odds of a positive answer.")  # fmt: skip
@click.option("--reference", multiple=True, help="Category that others are held against, such as 'age=18-29'.")
@CSV
def regress(
    study: str, wave: str | None, measure: str, predictors: tuple[str, ...], family: Any, reference: tuple[str, ...],
    as_csv: bool,
) -> None:  # fmt: skip
    """Print a survey-weighted regression in a wave of STUDY, with design-based errors.

    \b
    Example: trustsurvey regress riverton --measure le --with pj --with age
             trustsurvey regress riverton --measure sa1 --family logistic --with age --reference "age=65+"
    """
    waves, whole = workflow.load_waves(Store.open(), study, wave)
    wrong = [text for text in reference if "=" not in text]
    if wrong:
        raise SurveyError("regress.reference", "A reference is a grouping and its category", got=f"'{wrong[0]}'",
                          expected="age=18-29")  # fmt: skip
    named = dict(text.split("=", 1) for text in reference)
    tell(workbench.regression(waves, len(waves) - 1, whole, measure, predictors, family, named), as_csv)
