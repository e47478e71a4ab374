"""The verbs as commands. Each says what it did in a line or two; ``--help`` teaches."""

from __future__ import annotations

import importlib.util
from datetime import datetime
from pathlib import Path
from typing import Any

import click

from trustsurvey import workflow
from trustsurvey.errors import SurveyError
from trustsurvey.export.tables import picture_tables
from trustsurvey.export.workbook import csv_archive, csv_bytes, workbook_bytes
from trustsurvey.harmonise import mapping_to_yaml
from trustsurvey.instruments import default_instrument, read_instrument
from trustsurvey.model import Study
from trustsurvey.present import words
from trustsurvey.readers.guard import read
from trustsurvey.rights import THIS_MACHINE, allowed
from trustsurvey.store import Store
from trustsurvey.store.repository import SAMPLE_REMOVED, slug_of
from trustsurvey.study_file import read_study_file
from trustsurvey.weigh import diagnostics

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
@click.option("--study", help="Study whose questions, areas and last mapping to compare the file with.")
@click.option("--mapping", type=Path, help="Write the proposed mapping to this YAML file, for you to correct.")
def inspect(file: Path, study: str | None, mapping: Path | None) -> None:
    """Say what an export FILE holds, and propose what each column is. Saves nothing."""
    raw = _read(file)
    if study:
        proposal, guesses = workflow.propose_for(Store.open(), study, raw)
    else:
        from trustsurvey.harmonise import propose

        proposal, guesses = propose(raw, default_instrument())
    click.echo(f"{raw.source}: {raw.platform}, {raw.rows:,} rows, {len(raw.columns):,} columns")
    for notice in raw.notices:
        click.echo(f"note: {notice.text}")
    for guess in guesses:
        column = guess.column
        if column.role != "ignore" or not guess.sure:
            target = f"{column.role} {column.target}".strip()
            click.echo(f"  {column.column[:40]:40}  {target:20}  {guess.why}{'' if guess.sure else ' (check)'}")
    ignored = sum(guess.column.role == "ignore" for guess in guesses)
    click.echo(f"  {ignored:,} columns are not part of the survey's questions.")
    if mapping:
        mapping.write_text(mapping_to_yaml(proposal), encoding="utf-8")
        click.echo(f"Proposed mapping written to {mapping}.")


@cli.command("import")
@STUDY
@click.argument("file", type=Path)
@click.option("--wave", required=True, help="Name of the wave, such as '2026 Q2'.")
@click.option("--mapping", type=Path, help="Mapping file (YAML); proposed from the last wave if not given.")
@click.option("--start", type=click.DateTime(["%Y-%m-%d"]), help="First day of fieldwork, if not in the file.")
@click.option("--end", type=click.DateTime(["%Y-%m-%d"]), help="Last day of fieldwork, if not in the file.")
@click.option("--release", is_flag=True, help="Show the wave to viewers at once.")
@REASON
def import_wave(
    study: str, file: Path, wave: str, mapping: Path | None, start: datetime | None, end: datetime | None,
    release: bool, reason: str,
) -> None:  # fmt: skip
    """Read an export FILE and save it as a wave of STUDY.

    CSV, TSV and XLSX are read, from Qualtrics, SurveyMonkey, Google Forms or a plain table. A value
    that is not understood stops the import and is named with its row; say in the mapping file what
    it means. Importing the same file again changes nothing.

    \b
    Example: trustsurvey import riverton q2.csv --wave "2026 Q2" --mapping mapping.yaml
    """
    store = Store.open()
    raw = _read(file)
    chosen = workflow.read_mapping(mapping) if mapping else workflow.propose_for(store, study, raw)[0]
    result = workflow.prepare(
        store, study, raw, chosen, wave, start.date() if start else None, end.date() if end else None
    ).settled()
    new = store.save_wave(study, result, chosen, raw.source, raw.digest, reason=reason)
    if release:
        workflow.release_wave(store, study, wave)
    report = result.report
    click.echo(f"{wave}: {report.rows_kept:,} of {report.rows_read:,} rows {'saved' if new else 'were saved already'}.")
    for why, count in report.dropped:
        click.echo(f"  left out {count:,}: {why}")
    for notice in report.notices:
        click.echo(f"  note: {notice.text}")
    if store.margins(study) is None and result.design.weights.max() == result.design.weights.min():
        click.echo("  note: no weights or margins; results will speak for those who answered.")


@cli.command()
@STUDY
@WAVE
@click.option("--margins", type=Path, help="Table with variable, category, count; kept with the study.")
@click.option("--start", type=click.Choice(["base", "one"]), default="base", show_default=True,
              help="Rake from the file's base weights, or from 1 for everyone.")  # fmt: skip
@click.option("--missing", type=click.Choice(["refuse", "keep"]), default="refuse", show_default=True,
              help="Residents without an answer to a margin: refuse, or keep at their share.")  # fmt: skip
@click.option("--bounds", type=(float, float), help="Smallest and largest weight, in multiples of the mean: 0.2 5.")
@click.option("--rescale", is_flag=True, help="Keep only the shares of margins whose totals disagree.")
@REASON
def weigh(
    study: str, wave: str | None, margins: Path | None, start: str, missing: str,
    bounds: tuple[float, float] | None, rescale: bool, reason: str,
) -> None:  # fmt: skip
    """Rake a wave of STUDY to population margins.

    \b
    Example: trustsurvey weigh riverton --margins margins.csv --missing keep --bounds 0.2 5
    """
    store = Store.open()
    name = _wave(store, study, wave)
    given = workflow.read_margins(margins) if margins else None
    weighted = workflow.weigh_wave(
        store, study, name, given, reason, start=start, missing=missing, bounds=bounds, rescale=rescale
    )
    if given is not None:
        store.set_margins(study, given)
    told = diagnostics(weighted)
    variables = ", ".join(weighted.weighting.margins.variables)  # type: ignore[union-attr]
    click.echo(f"{name}: {len(weighted):,} answers raked to {variables}.")
    click.echo(
        f"  design effect {told['deff']:.2f}, effective n {told['n_eff']:,.0f}, "
        f"weights {told['lowest']:.2f} to {told['highest']:.2f} times the mean"
    )


@cli.command()
@STUDY
@WAVE
@click.option("--by", multiple=True, help="Area level or group to break down by; may be given several times.")
@click.option("--measure", multiple=True, help="Index to show, such as trust or pj; all by default.")
@click.option("--changes", is_flag=True, help="Show the change since the wave before instead.")
@click.option("--csv", "as_csv", is_flag=True, help="Print CSV with all columns.")
def estimate(
    study: str, wave: str | None, by: tuple[str, ...], measure: tuple[str, ...], changes: bool, as_csv: bool
) -> None:
    """Print scores of a wave of STUDY with 95 % intervals, n and effective n.

    Small cells are hidden and thin ones withheld, here as on the pages.

    \b
    Example: trustsurvey estimate riverton --by district --measure trust
    """
    picture = workflow.load_picture(Store.open(), study, wave, measure=measure[0] if measure else None)
    known = [*picture.wave.areas, *picture.wave.groups]
    strange = [grouping for grouping in by if grouping not in known]
    if strange:
        raise SurveyError("estimate.by", f"The wave has no '{strange[0]}'", expected=", ".join(known))
    table = picture.estimates.table
    if changes:
        if picture.change is None:
            why = f"No score of it was asked in {picture.previous}" if picture.previous else "The wave is the first"
            raise SurveyError("estimate.first", f"{why}, so there is nothing to compare with", where=picture.wave.name)
        table = picture.change.table
    table = table[table["by"].isin(["", *by])]
    if measure:
        absent = [name for name in measure if name not in set(table["measure"])]
        if absent:
            raise SurveyError("estimate.measure", f"The wave has no measure '{absent[0]}'",
                              expected=", ".join(dict.fromkeys(table["measure"])))  # fmt: skip
        table = table[table["measure"].isin(measure)]
    if as_csv:
        click.echo(csv_bytes(table).decode("utf-8-sig"), nl=False)
        return
    invented = " (invented sample data)" if picture.study.sample else ""
    click.echo(f"{picture.study.name}{invented}, {picture.wave.name}. {words.standing_words(picture.wave)}")
    for row in table.to_dict("records"):
        place = row["level"] or "everyone"
        click.echo(f"  {row['measure']:16}{place[:28]:28}  " + (_change(row) if changes else _score(row)))


def _score(row: dict[str, Any]) -> str:
    if row["suppressed"]:
        return row["suppressed"]
    told = f"{row['est']:6.1f}  ({row['lci']:.1f} to {row['uci']:.1f})  "
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
    _write(store, study, picture, target, microdata=not no_weights)
    click.echo(f"{target} written.")


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
        _write(store, slug, workflow.load_picture(store, slug), plan.export, microdata=True)
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


def _read(file: Path) -> Any:
    """Read a file, with a bar for one that takes time."""
    if not file.exists() or file.stat().st_size < 20 << 20:
        return read(file)
    with click.progressbar(length=1000, label=f"Reading {file.name}") as bar:
        return read(file, progress=lambda share: bar.update(int(1000 * share) - bar.pos))


def _wave(store: Store, study: str, wave: str | None) -> str:
    records = store.waves(study)
    if wave is not None:
        return wave
    if not records:
        raise SurveyError("store.no-wave", "The study has no waves yet", where=study, hint="Import one first.")
    return records[-1].name


def _write(store: Store, study: str, picture: Any, target: Path, microdata: bool) -> None:
    if target.suffix.lower() not in (".xlsx", ".zip"):
        raise SurveyError("export.kind", "The file's name must end in .xlsx or .zip", where=str(target),
                          hint="A workbook, or a set of CSV files packed into one.")  # fmt: skip
    record = next(r for r in store.waves(study) if r.name == picture.wave.name)
    entitled = microdata and allowed(THIS_MACHINE, "download microdata", study)
    tables = picture_tables(picture, record, entitled)
    content = workbook_bytes(tables) if target.suffix.lower() == ".xlsx" else csv_archive(tables)
    try:
        target.write_bytes(content)
    except OSError as error:
        raise SurveyError("export.write", "The file cannot be written", where=str(target),
                          got=error.strerror or str(error)) from error  # fmt: skip
    store.note("export", f"{study}/{picture.wave.name}", f"{target.name}{' with weights' if entitled else ''}")
