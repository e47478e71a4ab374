"""Answers for other programs, and figures made again from the surveys' own files."""

from __future__ import annotations

from pathlib import Path
from typing import Any, get_args

import click

from trustsurvey import tabulate, workflow
from trustsurvey.analysis import picture
from trustsurvey.cli.files import write_bytes
from trustsurvey.cli.group import STUDY, WAVE, cli
from trustsurvey.errors import SurveyError
from trustsurvey.export.programs import FORMATS
from trustsurvey.export.takeaway import Choice, packed
from trustsurvey.reproduction.repeat import repeat
from trustsurvey.store import Store
from trustsurvey.takeaway import take_away

#: Differences that are listed.
LISTED = 20


@cli.command()
@STUDY
@click.argument("target", type=Path)
@WAVE
@click.option("--reason", default="", help="What the answers are needed for; kept in the audit trail. Required.")
@click.option("--format", "formats", multiple=True, type=click.Choice(FORMATS), help="May be repeated; all by default.")
@click.option("--no-weights", is_flag=True, help="Without weights and design; no R script then.")
@click.option("--replicates", type=click.Choice([kind for kind in get_args(tabulate.Variance) if kind != "taylor"]),
              help="Add replicate weights, each weighted anew.")  # fmt: skip
@click.option("--count", type=int, default=200, show_default=True, help="Replicates of a bootstrap.")
@click.option("--seed", type=int, default=1, show_default=True, help="Seed of a bootstrap.")
@click.option("--open-answers", is_flag=True, help="Add what residents wrote, names taken out.")
def microdata(
    study: str, target: Path, wave: str | None, reason: str, formats: tuple[str, ...], no_weights: bool,
    replicates: Any, count: int, seed: int, open_answers: bool,
) -> None:  # fmt: skip
    """Write the answers of a wave of STUDY, one row a resident, for other programs: to a folder, or TARGET.zip.

    CSV, Parquet, SPSS and Stata with labels, a syntax that sets the weight, codebook, method, an R script that
    makes the results anew, and a file from which 'reproduce' does. Who took them and why is written to the audit trail.

    \b
    Example: trustsurvey microdata riverton answers.zip --reason "figures for the council's statistician"
             trustsurvey microdata riverton folder --format csv --replicates bootstrap --reason "..."
    """
    store = Store.open()
    if target.suffix.lower() != ".zip" and target.exists() and (not target.is_dir() or any(target.iterdir())):
        raise SurveyError("export.folder", "The folder is not empty, or is a file", where=str(target),
                          hint="Name a new folder, or a file that ends in .zip.")  # fmt: skip
    waves, whole = workflow.load_waves(store, study, wave)
    shown = picture(waves, len(waves) - 1, whole)
    drawn = None
    if replicates is not None:
        drawn = tabulate.replicates_for(shown.wave, tabulate.Request(variance=replicates, count=count, seed=seed))
    choice = Choice(formats or FORMATS, not no_weights, open_answers)
    files = take_away(store, shown, waves, reason, choice, drawn)
    if target.suffix.lower() == ".zip":
        write_bytes(target, packed(files))
    else:
        for name, content in files.items():
            write_bytes(target / name, content)
    click.echo(f"{target} written: {len(shown.wave):,} residents. These are answers of single people; read README.txt.")


@cli.command()
@click.argument("file", type=Path)
@click.option("--data", type=Path, required=True, help="Folder with the surveys' own files, as they were imported.")
@click.pass_context
def reproduce(context: click.Context, file: Path, data: Path) -> None:
    """Make the figures of a reproducibility FILE again from the surveys' own files, and hold them against it.

    The file comes from 'export STUDY FILE.yaml', 'microdata' or the page Downloads. The surveys are known by their
    bytes, whatever they are called. Nothing is saved. Exit code 1 where a figure differs.

    \b
    Example: trustsurvey reproduce reproduce.yaml --data surveys/
    """
    made = repeat(file, data, lambda wave: click.echo(f"{wave}: read"))
    for note in made.notes:
        click.echo(f"note: {note}")
    if made.identical:
        click.echo(f"Identical: all {made.compared:,} figures of {made.wave}.")
        return
    click.echo(f"{len(made.differences):,} of {made.compared:,} figures of {made.wave} differ:")
    for row in made.differences.head(LISTED).to_dict("records"):
        click.echo(f"  {row['table']}, {row['row']}, {row['column']}: was {row['was'] or 'empty'}, "
                   f"is {row['is'] or 'empty'}")  # fmt: skip
    if len(made.differences) > LISTED:
        click.echo(f"  and {len(made.differences) - LISTED:,} more")
    context.exit(1)
