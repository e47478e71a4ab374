"""The command itself, and the arguments that several of its verbs share."""

from __future__ import annotations

import click

STUDY = click.argument("study")
WAVE = click.option("--wave", help="Name of the wave, such as '2026 Q2'; the newest one by default.")
REASON = click.option("--reason", default="", help="Why a released wave is corrected; kept with the wave.")


@click.group(context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
def cli() -> None:
    """Trust between police and public, measured from community surveys.

    \b
    A first time, step by step:
      trustsurvey create "Riverton" --instrument trust.yaml    a study, once
      trustsurvey inspect answers.csv                          what is in the file?
      trustsurvey import riverton answers.csv --wave "2026 Q2" read, check and save it
      trustsurvey weigh riverton --margins margins.csv         make it match the population
      trustsurvey estimate riverton --by district              scores with ranges
      trustsurvey export riverton results.xlsx                 everything, with methods

    The same from one file, again each quarter: trustsurvey run study.yaml

    Studies lie in the database named by TRUSTSURVEY_DATABASE_URL, else in the folder
    TRUSTSURVEY_HOME (by default .trustsurvey in your home folder); the app shows the same ones.
    """
