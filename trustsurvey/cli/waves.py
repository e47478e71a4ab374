"""Waves: look into a file, import it, weight it."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from pathlib import Path

import click

from trustsurvey import workflow
from trustsurvey.cli.files import read_answers
from trustsurvey.cli.group import REASON, STUDY, cli
from trustsurvey.cli.imports import tell_import
from trustsurvey.harmonise import Problem, accept, harmonise, mapping_to_yaml, propose, rounds
from trustsurvey.harmonise.questionnaire import questionnaire_from, summary
from trustsurvey.instruments import default_instrument, dump_instrument
from trustsurvey.model import Mapping
from trustsurvey.readers.raw import Raw
from trustsurvey.store import Store

CODEBOOK = click.option(
    "--codebook", type=Path, help="REDCap data dictionary that names the questions of a raw export."
)


ONLY = click.option("--only", type=(str, str), metavar="COLUMN VALUE",
                    help="Take the rows alone in which this column says this.")  # fmt: skip


@cli.command()
@click.argument("file", type=Path)
@CODEBOOK
@ONLY
@click.option("--study", help="Study whose questions, areas and last mapping to compare the file with.")
@click.option("--mapping", type=Path, help="Write the proposed mapping to this YAML file, for you to correct.")
@click.option("--accept", "accepted", is_flag=True, help="Take what is proposed for doubtful values into the mapping.")
@click.option("--instrument", type=Path, help="Write a questionnaire of the file's own questions to this YAML file.")
def inspect(
    file: Path, codebook: Path | None, only: tuple[str, str] | None, study: str | None, mapping: Path | None,
    accepted: bool, instrument: Path | None,
) -> None:  # fmt: skip
    """Say what an export FILE holds, and propose what each column is. Saves nothing.

    What would have to be decided before an import is listed, with what is proposed. With --instrument, a
    questionnaire of the questions in the file is written, for a study whose questions are its own: correct
    it, and give it to 'create'.
    """
    raw = _chosen(read_answers(file, codebook), only)
    if instrument:
        _write_draft(raw, instrument)
        return
    store = Store.open() if study else None
    if store is not None and study:
        proposal, guesses = workflow.propose_for(store, study, raw)
    else:
        proposal, guesses = propose(raw, default_instrument())
    click.echo(f"{raw.source}: {raw.platform}, {raw.rows:,} rows, {len(raw.columns):,} columns")
    for notice in raw.notices:
        click.echo(f"note: {notice.text}")
    found = rounds.likely_rounds(raw)
    if found is not None:
        told = ", ".join(f"{value} ({count:,} rows)" for value, count in found.counts)
        click.echo(f"note: several waves by '{found.column}': {told}. Import them with --split or --only.")
    for guess in guesses:
        column = guess.column
        if column.role != "ignore" or not guess.sure:
            target = f"{column.role} {column.target}".strip()
            click.echo(f"  {column.column[:40]:40}  {target:20}  {guess.why}{'' if guess.sure else ' (check)'}")
    ignored = sum(guess.column.role == "ignore" for guess in guesses)
    click.echo(f"  {ignored:,} columns are not part of the survey's questions.")
    problems = _problems(store, study, raw, proposal)
    for problem in problems:
        hint = f" Proposed: {problem.suggestion}." if problem.suggestion else ""
        click.echo(f"to decide: {problem.error(raw.source).title}.{hint}")
    if accepted:
        proposal = accept(proposal, problems)
    if mapping:
        mapping.write_text(mapping_to_yaml(proposal), encoding="utf-8")
        click.echo(f"Proposed mapping written to {mapping}.")


def _chosen(raw: Raw, only: tuple[str, str] | None) -> Raw:
    return raw if only is None else rounds.only(raw, *only)


def _problems(store: Store | None, study: str | None, raw: Raw, proposal: Mapping) -> tuple[Problem, ...]:
    """What an import would ask; nothing where the file has no question of the questionnaire."""
    if not any(proposal.having("item")):
        return ()
    if store is not None and study:
        return workflow.prepare(store, study, raw, proposal, "").problems
    return harmonise(raw, proposal, default_instrument(), name="").problems


def _write_draft(raw: Raw, target: Path) -> None:
    draft = questionnaire_from(raw)
    head = [f"# Proposed from {raw.source}. Please check:", *(f"# {item}: {note.text}" for item, note in draft.notes)]
    target.write_text("\n".join([*head, dump_instrument(draft.instrument)]), encoding="utf-8")
    click.echo(f"{raw.source}: {summary(draft)}")
    for item, note in draft.notes:
        click.echo(f"  {item}: {note.text}")
    click.echo(f"Proposed questionnaire written to {target}.")


@cli.command("import")
@STUDY
@click.argument("file", type=Path)
@click.option("--wave", default="", help="Name of the wave, such as '2026 Q2'.")
@click.option("--split", metavar="COLUMN", help="The file holds several waves; this column names them.")
@ONLY
@click.option("--mapping", type=Path, help="Mapping file (YAML); proposed from the last wave if not given.")
@click.option("--became", type=(str, Path), multiple=True, metavar="LEVEL TABLE",
              help="Areas of the file are former ones; the table (old, new, share) says what they became.")  # fmt: skip
@click.option("--start", type=click.DateTime(["%Y-%m-%d"]), help="First day of fieldwork, if not in the file.")
@click.option("--end", type=click.DateTime(["%Y-%m-%d"]), help="Last day of fieldwork, if not in the file.")
@click.option("--release", is_flag=True, help="Show the wave to viewers at once.")
@click.option("--ask", default="", metavar="QUESTION", help="Save no wave: leave the file to an analyst, as a task.")
@CODEBOOK
@REASON
def import_wave(
    study: str, file: Path, wave: str, split: str | None, only: tuple[str, str] | None, mapping: Path | None,
    became: tuple[tuple[str, Path], ...], start: datetime | None, end: datetime | None, release: bool, ask: str,
    codebook: Path | None, reason: str,
) -> None:  # fmt: skip
    """Read an export FILE and save it as a wave of STUDY.

    CSV, TSV, Excel, OpenDocument, SPSS, Stata and Parquet files are read, also packed into a zip, from
    the usual survey tools or as a plain table. A value that is not understood stops the import and is
    named with its row; say in the mapping file what it means. Importing the same file again changes
    nothing.

    \b
    Example: trustsurvey import riverton q2.csv --wave "2026 Q2" --mapping mapping.yaml
             trustsurvey import riverton years.csv --split year
    """
    if bool(wave) == bool(split):
        raise click.UsageError("Say --wave NAME, or --split COLUMN for a file of several waves.")
    store = Store.open()
    whole = _chosen(read_answers(file, codebook), only)
    stated = workflow.read_mapping(mapping) if mapping else None
    first, final = (day.date() if day else None for day in (start, end))
    parts = _parts(whole, split) if split else {wave: whole}
    for name, raw in parts.items():
        chosen = workflow.propose_for(store, study, raw)[0] if stated is None else _fitting(stated, raw, whole)
        chosen, told = workflow.with_former_areas(store, study, raw, chosen, dict(became))
        if ask:
            click.echo(f"{name}: task {workflow.hand_over(store, study, raw, chosen, ask, name)} is handed over.")
            continue
        result = workflow.prepare(store, study, raw, chosen, name, first, final, told).settled()
        new = workflow.save_import(store, study, result, chosen, raw, reason)
        if release:
            workflow.release_wave(store, study, name)
        tell_import(name, result.report, new)
    if not ask and store.margins(study) is None and result.design.weights.max() == result.design.weights.min():
        click.echo("  note: no weights or margins; results will speak for those who answered.")


def _parts(whole: Raw, split: str) -> dict[str, Raw]:
    """The waves of a file by name; rows that belong to none are told."""
    found = rounds.rounds_of(whole, split)
    lost = whole.rows - sum(count for _, count in found.counts)
    if lost:
        click.echo(f"note: {lost:,} rows say nothing in '{split}' and belong to no wave.")
    return {value: rounds.only(whole, split, value) for value in found.values}


def _fitting(mapping: Mapping, raw: Raw, whole: Raw) -> Mapping:
    """A mapping without the columns that are empty in this wave of the file."""
    return replace(mapping, columns=tuple(c for c in mapping.columns if c.column in raw or c.column not in whole))
