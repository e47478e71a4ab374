"""Studies: create, list, run from a file, remove; the sample study; the app."""

from __future__ import annotations

import importlib.util
from dataclasses import replace
from pathlib import Path

import click

from trustsurvey import workflow
from trustsurvey.analysis import picture
from trustsurvey.cli.files import write_results
from trustsurvey.cli.group import REASON, STUDY, cli
from trustsurvey.errors import SurveyError, some
from trustsurvey.focus_groups.sample import add_sample_groups
from trustsurvey.instruments import default_instrument, read_instrument
from trustsurvey.model import Study
from trustsurvey.store import Store
from trustsurvey.store.repository import SAMPLE_REMOVED, slug_of
from trustsurvey.study_file import read_area_table, read_study_file, with_boundaries
from trustsurvey.voices.sample import read_sample


@cli.command()
@click.argument("name")
@click.option("--instrument", type=Path, help="Questionnaire file (YAML); the default one if not given.")
@click.option("--areas", "areas_from", type=Path, help="Study file whose 'areas' and 'margins' to take.")
@click.option("--probability", is_flag=True, help="Residents were drawn at random, with known chances.")
def create(name: str, instrument: Path | None, areas_from: Path | None, probability: bool) -> None:
    """Create a study called NAME.

    \b
    Example: trustsurvey create "Riverton" --areas study.yaml
    """
    store = Store.open()
    plan = read_study_file(areas_from) if areas_from else None
    questions = read_instrument(instrument) if instrument else None
    study = Study(
        slug_of(name),
        name,
        questions or (plan.study.instrument if plan else default_instrument()),
        plan.study.levels if plan else (),
        probability or bool(plan and plan.study.probability),
    )
    margins = workflow.read_margins(plan.margins) if plan and plan.margins else None
    store.create_study(study, plan.boundaries if plan else {}, margins)
    click.echo(f"Study '{study.slug}' created.")


@cli.command()
@STUDY
@click.argument("level")
@click.option(
    "--became", type=Path, required=True, help="Table of what the areas became: old, new and, if known, share."
)
@click.option("--table", type=Path, help="The areas of today: a CSV table with a column called as the level.")
@click.option("--boundaries", type=Path, help="The boundaries of today (GeoJSON); with them the table may be left out.")
@click.option("--name-key", default="", help="Property of the boundary file that holds the names.")
def redraw(
    study: str, level: str, became: Path, table: Path | None, boundaries: Path | None, name_key: str
) -> None:  # fmt: skip
    """Change the areas of a LEVEL of STUDY, where boundaries were redrawn.

    Waves stay as they were imported. Where they are shown, former areas count in those of today that they lie
    in as a whole; what was split, and what took in a part of another, is not shown for them.

    \b
    Example: trustsurvey redraw riverton ward --boundaries wards2026.geojson --became became.csv
    """
    store = Store.open()
    old = next((other for other in store.study(study).levels if other.key == level), None)
    if old is None:
        raise SurveyError("store.no-level", f"The study has no area level '{level}'", where=study,
                          expected=some(other.key for other in store.study(study).levels))  # fmt: skip
    areas = read_area_table(table, level, old.parent) if table else ()
    new, shapes = replace(old, areas=areas, boundary_key=name_key), None
    if boundaries:
        new, shapes = with_boundaries(new, boundaries)
    new = workflow.change_areas(store, study, new, became, shapes)
    click.echo(f"{new.title}: {len(new.areas):,} areas instead of {len(old.areas):,}.")
    margins = store.margins(study)
    if margins is not None and any(level in margin.variable.split(" x ") for margin in margins):
        click.echo(f"  note: the population numbers by {level} are those of the former areas; give new ones.")


@cli.command("list")
def list_studies() -> None:
    """List the studies and their waves."""
    store = Store.open()
    studies = store.studies()
    if not studies:
        click.echo("There are no studies yet. Begin with: trustsurvey create NAME")
    for study in studies:
        click.echo(f"{study.slug}: {study.name}" + (" (sample)" if study.sample else ""))
        for wave in store.waves(study.slug):
            weighted = "weighted" if wave.weighted else "not weighted"
            click.echo(f"  {wave.name}: {wave.rows:,} answers, {weighted}, {wave.status}")


@cli.command()
@click.argument("file", type=Path)
@click.option("--draft", is_flag=True, help="Leave new waves as drafts instead of releasing them.")
def run(file: Path, draft: bool) -> None:
    """Do everything that a study FILE (YAML) describes: create, import, weigh, export.

    What is done already is left as it is, so next quarter you add one wave to the file and run it
    again. The sample study's file, sample_data/study.yaml, shows every entry.
    """
    store = Store.open()
    plan = read_study_file(file)

    def tell(step: workflow.Step) -> None:
        click.echo(f"{step.wave + ': ' if step.wave else ''}{step.what}{'' if step.done else ' (already there)'}")

    slug = workflow.run_study(store, plan, not draft, tell)
    if plan.export is not None:
        waves, whole = workflow.load_waves(store, slug)
        write_results(store, picture(waves, len(waves) - 1, whole), waves, plan.export, microdata=True)
        click.echo(f"{plan.export} written.")


@cli.command()
@click.argument("folder", type=Path, default=Path("sample_data"))
@click.option("--again", is_flag=True, help="Put it back even if it was removed in the app.")
def sample(folder: Path, again: bool) -> None:
    """Put the sample study in FOLDER into the database, unless it is there or was removed."""
    store = Store.open()
    if store.setting(SAMPLE_REMOVED) and not again:
        click.echo("The sample study was removed; 'trustsurvey sample --again' puts it back.")
        return
    plan = read_study_file(folder / "study.yaml")
    samples = [study.slug for study in store.studies() if study.sample]
    present = {wave.name for slug in samples for wave in store.waves(slug, released_only=True)}
    if {wave.name for wave in plan.waves} <= present:
        click.echo("The sample study is in place.")
        return
    with click.progressbar(length=len(plan.waves), label="Sample study") as bar:
        slug = workflow.run_study(store, plan, progress=lambda share: bar.update(1))
    if (folder / "readings.csv").is_file():
        read_sample(store, slug, folder / "readings.csv")
    if (folder / "focus_groups").is_dir():
        add_sample_groups(store, slug, folder / "focus_groups")
    store.set_setting(SAMPLE_REMOVED, "")


@cli.command()
@click.option("--port", default=8501, show_default=True, help="Port on this machine.")
@click.option("--address", default="localhost", show_default=True, help="Address to answer at; 0.0.0.0 for all.")
@click.option("--no-sample", is_flag=True, help="Do not put the sample study in.")
@click.pass_context
def app(context: click.Context, port: int, address: str, no_sample: bool) -> None:
    """Start the app in the project's folder, with the sample study in it, at http://localhost:8501.

    Others than this machine may reach it (--address) only where people sign in: TRUSTSURVEY_SIGN_IN is 'accounts' or
    'provider'.
    """
    page = Path("app.py")
    if not page.exists():
        raise SurveyError("app.absent", "There is no app.py here", where=str(Path.cwd()),
                          hint="Run this in the project's folder; the installed package is for analysts.")  # fmt: skip
    if importlib.util.find_spec("streamlit") is None:
        raise SurveyError("app.packages", "The packages that draw the pages are not installed", got="no streamlit",
                          hint="Run 'make run', or: python -m pip install -r requirements.txt")  # fmt: skip
    if not no_sample and Path("sample_data").is_dir():
        context.invoke(sample, folder=Path("sample_data"), again=False)
    from trustsurvey.ui.serve import serve

    click.echo(f"Opening http://{address}:{port} (stop with Ctrl-C)")
    serve(page, port, address)


@cli.command()
@STUDY
@click.option("--wave", help="Remove this wave only.")
@click.option("--yes", is_flag=True, help="Do not ask.")
@REASON
def remove(study: str, wave: str | None, yes: bool, reason: str) -> None:
    """Remove a STUDY with all its waves, or one wave of it."""
    store = Store.open()
    store.study(study)
    if not yes:
        click.confirm(f"Remove {f'the wave {wave} of ' if wave else 'the whole study '}{study}?", abort=True)
    if wave:
        store.remove_wave(study, wave, reason)
    else:
        store.remove_study(study)
    click.echo("Removed.")
