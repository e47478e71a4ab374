"""Studies: create, list, run from a file, remove; the sample study; the app."""

from __future__ import annotations

import importlib.util
from pathlib import Path

import click

from trustsurvey import workflow
from trustsurvey.cli.files import write_results
from trustsurvey.cli.group import REASON, STUDY, cli
from trustsurvey.errors import SurveyError
from trustsurvey.instruments import default_instrument, read_instrument
from trustsurvey.model import Study
from trustsurvey.store import Store
from trustsurvey.store.repository import SAMPLE_REMOVED, slug_of
from trustsurvey.study_file import read_study_file


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
        write_results(store, slug, workflow.load_picture(store, slug), plan.export, microdata=True)
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
        workflow.run_study(store, plan, progress=lambda share: bar.update(1))
    store.set_setting(SAMPLE_REMOVED, "")


@cli.command()
@click.option("--port", default=8501, show_default=True, help="Port on this machine.")
@click.option("--no-sample", is_flag=True, help="Do not put the sample study in.")
@click.pass_context
def app(context: click.Context, port: int, no_sample: bool) -> None:
    """Start the app in the project's folder, with the sample study in it, at http://localhost:8501."""
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

    click.echo(f"Opening http://localhost:{port} (stop with Ctrl-C)")
    serve(page, port)


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
