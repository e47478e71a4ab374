"""What becomes of an import: its account, taking it back, another mapping, questions handed to an analyst."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

import click
import pandas as pd

from trustsurvey import workflow
from trustsurvey.cli.group import REASON, STUDY, cli
from trustsurvey.cli.lines import CSV, print_csv
from trustsurvey.cli.rights import may_see_single_answers
from trustsurvey.export.account import account_table
from trustsurvey.harmonise import mapping_to_yaml
from trustsurvey.mapping_file import mapping_digest
from trustsurvey.model import Mapping, Report
from trustsurvey.store import Store

DAY = click.DateTime(["%Y-%m-%d"])
NAME = click.argument("wave")


def tell_import(name: str, report: Report, new: bool) -> None:
    """What was saved, what was left out, what was noticed."""
    done = "saved" if new else "were saved already"
    click.echo(f"{name}: {report.rows_kept:,} of {report.rows_read:,} rows {done}.")
    for why, count in report.dropped:
        click.echo(f"  left out {count:,}: {why}")
    for notice in report.notices:
        click.echo(f"  note: {notice.text}")


def write_mapping(mapping: Mapping, target: Path) -> None:
    """Write a mapping for a person to correct."""
    target.write_text(mapping_to_yaml(mapping), encoding="utf-8")


@cli.command()
@STUDY
@NAME
@CSV
def report(study: str, wave: str, as_csv: bool) -> None:
    """Print the account of an import that is kept with WAVE of STUDY.

    Rows read, kept and left out by reason (tests, duplicates, unfinished), rows that look doubtful (too fast,
    the same answer throughout), values that stand on no scale with row and column, don't know by question,
    and what was repaired or noticed.
    """
    record = workflow.wave_record(Store.open(), study, wave)
    table = account_table(record.report, may_see_single_answers(study))
    if as_csv:
        print_csv(table)
        return
    click.echo(f"{record.name}: {record.file} ({record.report.platform}), imported {record.imported_at:%Y-%m-%d %H:%M}")
    click.echo(f"  file {record.digest[:12]}, mapping {mapping_digest(record.mapping)[:12]}, {record.status}")
    for part, lines in table.groupby("part", sort=False):
        click.echo(f"{part}:")
        for line in lines.to_dict("records"):
            click.echo("  " + _line(str(part), line))


def _line(part: str, line: dict[str, object]) -> str:
    if part == "notices":
        return str(line["detail"])
    numbers = [str(line["count"])] if not pd.isna(line["count"]) else []
    if not pd.isna(line["share"]):
        numbers.append(f"{float(str(line['share'])):.1%}")
    told = f"{line['what']}"
    told += f" ({line['detail']})" if line["detail"] else ""
    told += f": {', '.join(numbers)}" if numbers else ""
    told += f", {line['done']}" if line["done"] else ""
    return told + (f"; rows {line['rows']}" if line["rows"] else "")


@cli.command()
@STUDY
@NAME
def undo(study: str, wave: str) -> None:
    """Take back the newest import of WAVE of STUDY that was not released, with its weights.

    What it corrected is back: the import before, or what was released; else the wave is gone and its file
    may be imported anew.
    """
    store = Store.open()
    store.discard_draft(study, wave)
    left = next((record for record in store.waves(study) if record.name == wave), None)
    if left is None:
        click.echo(f"{wave}: taken back; nothing of it is left.")
    else:
        click.echo(f"{wave}: taken back; it is as imported {left.imported_at:%Y-%m-%d %H:%M} again ({left.status}).")


@cli.command()
@STUDY
@NAME
@click.option("--mapping", type=Path, help="Corrected mapping file (YAML).")
@click.option("--write", "target", type=Path, help="Write the wave's mapping to this file, for you to correct.")
@click.option("--start", type=DAY, help="First day of fieldwork, if another.")
@click.option("--end", type=DAY, help="Last day of fieldwork, if another.")
@REASON
def remap(
    study: str, wave: str, mapping: Path | None, target: Path | None, start: datetime | None, end: datetime | None,
    reason: str,
) -> None:  # fmt: skip
    """Read the kept file of WAVE of STUDY again under a corrected mapping, without the file itself.

    Columns that were private when the file was imported were not kept and cannot be used. The result is a
    draft without weights; 'undo' leads back.

    \b
    Example: trustsurvey remap riverton "2026 Q2" --write mapping.yaml
             trustsurvey remap riverton "2026 Q2" --mapping mapping.yaml
    """
    if (mapping is None) == (target is None):
        raise click.UsageError("Say --write FILE to get the mapping, or --mapping FILE to use a corrected one.")
    store = Store.open()
    if target is not None:
        write_mapping(workflow.wave_record(store, study, wave).mapping, target)
        click.echo(f"Mapping of {wave} written to {target}.")
    elif mapping is not None:
        first, final = (day.date() if day else None for day in (start, end))
        made, new = workflow.remap(store, study, wave, workflow.read_mapping(mapping), first, final, reason)
        tell_import(wave, made.report, new)


@cli.command()
@STUDY
@click.option("--close", type=int, metavar="TASK", help="Close this task without a wave.")
@click.option("--note", default="", help="What came of it.")
@click.option("--write", "target", type=(int, Path), metavar="TASK FILE", help="Write the mapping of a task to a file.")
@click.option("--save", type=(int, Path), metavar="TASK FILE", help="Save the wave under this mapping file.")
@click.option("--wave", default="", help="Name of the wave that is saved.")
@REASON
def tasks(
    study: str, close: int | None, note: str, target: tuple[int, Path] | None, save: tuple[int, Path] | None,
    wave: str, reason: str,
) -> None:  # fmt: skip
    """List the imports of STUDY that were handed over with a question, and answer them.

    \b
    Example: trustsurvey tasks riverton
             trustsurvey tasks riverton --write 3 mapping.yaml
             trustsurvey tasks riverton --save 3 mapping.yaml --wave "2026 Q2"
             trustsurvey tasks riverton --close 3 --note "the agency sends a new file"
    """
    store = Store.open()
    if close is not None:
        store.close_task(study, close, note)
        click.echo(f"Task {close} is closed; its file is deleted.")
    elif target is not None:
        write_mapping(workflow.open_task(store, study, target[0]).mapping, target[1])
        click.echo(f"Mapping of task {target[0]} written to {target[1]}.")
    elif save is not None:
        task = workflow.open_task(store, study, save[0])
        name, mapping = wave or task.wave, workflow.read_mapping(save[1])
        raw = store.task_file(study, task.id)
        made = workflow.prepare(store, study, raw, mapping, name).settled()
        new = workflow.save_import(store, study, made, mapping, raw, reason, task.id)
        tell_import(name, made.report, new)
    else:
        found = store.tasks(study)
        for task in found:
            state = "open" if task.open else f"closed: {task.note}"
            click.echo(f"{task.id}: {task.file}, {task.created_at:%Y-%m-%d}: {task.question} ({state})")
        if not found:
            click.echo("There are no tasks.")
