"""Open answers by command: the codebook, what residents mention, how far readers agree."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any, get_args

import click
import pandas as pd

from trustsurvey import workflow
from trustsurvey.cli.group import STUDY, WAVE, cli
from trustsurvey.cli.lines import CSV, estimate_line, print_csv, print_rows
from trustsurvey.cli.rights import need_single_answers
from trustsurvey.disclosure.cells import nesting_of
from trustsurvey.errors import SurveyError
from trustsurvey.export.workbook import csv_bytes
from trustsurvey.present.words import percent
from trustsurvey.store import Body, Store
from trustsurvey.text.codebook import codebook_from_csv, codebook_from_yaml, codebook_to_csv, codebook_to_yaml
from trustsurvey.text.prevalence import How
from trustsurvey.voices import agreement, exchange, picture, study as voices
from trustsurvey.voices.answers import OpenAnswers, refuse_unredacted
from trustsurvey.voices.mentions import Mentions, mentions as share

ITEM = click.option("--item", help="Key of the open question, such as oe1; the first one by default.")


@cli.command()
@STUDY
@click.option("--take", type=click.Path(exists=True, dir_okay=False, path_type=Path),
              help="A codebook (.yaml or .csv) that becomes the study's next version.")  # fmt: skip
@click.option("--save", type=click.Path(dir_okay=False, path_type=Path), help="Write the codebook to a file instead.")
@click.option("--reason", default="", help="What changed, and why; kept with the version.")
def codebook(study: str, take: Path | None, save: Path | None, reason: str) -> None:
    """Show, save or replace the codebook of STUDY: the themes that open answers are read for.

    \b
    Example: trustsurvey codebook riverton --save codebook.yaml
             trustsurvey codebook riverton --take codebook.yaml --reason "parking apart from traffic"
    """
    store = Store.open()
    book = voices.codebook_of(store, study)
    if take is not None:
        text = take.read_text(encoding="utf-8-sig")
        read = (codebook_from_csv if take.suffix.lower() == ".csv" else codebook_from_yaml)(text, take.name)
        saved = voices.save_codebook(store, study, replace(read, version=book.version), reason)
        click.echo(f"Version {saved.version}: {len(saved.codes)} themes.")
        return
    if save is not None:
        written = codebook_to_csv if save.suffix.lower() == ".csv" else codebook_to_yaml
        save.write_text(written(book), encoding="utf-8")
        click.echo(f"{save}: {len(book.codes)} themes.")
        return
    click.echo(f"{book.name}, version {book.version}" if book.version else f"{book.name}, as it comes with the program")
    for code in book.codes:
        click.echo(f"  {'  ' if code.parent else ''}{code.key:24} {code.title}")


@cli.command("mentions")
@STUDY
@WAVE
@ITEM
@click.option("--by", multiple=True, help="Grouping, such as district; may be repeated.")
@click.option("--how", type=click.Choice(get_args(How)), default="supervised", show_default=True,
              help="Machine corrected by what people read at random; that alone; or the machine taken at its word, "
              "which is wrong and there for comparison.")  # fmt: skip
@click.option("--changes", is_flag=True, help="Show the change since the wave before instead.")
@CSV
def mentions(
    study: str, wave: str | None, item: str | None, by: tuple[str, ...], how: Any, changes: bool, as_csv: bool
) -> None:
    """Print the share of residents who mention each theme of an open question of STUDY, with 95 % intervals.

    The share is of those who answered. It rests on answers that people read at random, on the page "Coding".

    \b
    Example: trustsurvey mentions riverton --item oe1 --by district
             trustsurvey mentions riverton --changes
    """
    store = Store.open()
    waves, whole = workflow.load_waves(store, study, wave)
    book = voices.codebook_of(store, study)
    answers = [voices.answers_of(store, study, one, book) for one in waves]
    here = voices.one_question(answers[-1], item, waves[-1].name)
    machine = voices.taught(book, answers)
    if changes:
        found = picture.themes(answers, len(answers) - 1, here.item, whole, machine)
        if found.change is None:
            raise SurveyError("mentions.alone", "There is no earlier wave of which enough answers were read",
                              where=here.wave.name, hint="Read some of it at random, on the page Coding.")  # fmt: skip
        table = found.change[found.change["by"].isin(["", *by])]
        _tell(table, as_csv, f"Change since {found.previous}", _change_line)
        return
    made = share(here, machine, by, how=how, nesting=nesting_of(whole.levels))
    table = made.estimates.table.assign(audited=made.audited)
    _tell(table, as_csv, _basis(here, made), estimate_line)


@cli.command("codings")
@STUDY
@WAVE
@click.option(
    "--save", type=click.Path(dir_okay=False, path_type=Path), help="Write the readings to a .csv or .qdpx file."
)
@click.option("--take", type=click.Path(exists=True, dir_okay=False, path_type=Path),
              help="Add readings that were made elsewhere (.csv, .qdpx).")  # fmt: skip
def codings(study: str, wave: str | None, save: Path | None, take: Path | None) -> None:
    """Count, save or bring readings of the open answers of a wave of STUDY.

    A .qdpx file is a REFI-QDA project, for NVivo, MAXQDA, ATLAS.ti, QualCoder and others; a .csv has a row an answer,
    coder and code. Both hold answers one by one, with names taken out.

    \b
    Example: trustsurvey codings riverton --save answers.qdpx
             trustsurvey codings riverton --take read_elsewhere.csv
    """
    store = Store.open()
    book = voices.codebook_of(store, study)
    waves, whole = workflow.load_waves(store, study, wave)
    here = voices.corrected(store, study, waves[-1])
    refuse_unredacted(here)
    body, made = Body(here.name), store.voices.codings(study, Body(here.name))
    if take is not None:
        brought = exchange.taken(take.read_bytes(), take.name, here, book)
        store.voices.add_codings(study, body, list(brought))
        store.note("bring readings", f"{study}/{here.name}", f"{take.name}: {len(brought)}")
        click.echo(f"{here.name}: {len(brought):,} readings taken.")
        return
    if save is not None:
        need_single_answers(study, "Readings of single answers", "rights.readings")
        table = save.suffix.lower() != ".qdpx"
        content = csv_bytes(exchange.as_table(here, made)) if table else exchange.as_qdpx(here, book, made, whole.name)
        save.write_bytes(content)
        store.note("export", f"{study}/{here.name}", f"readings {save.name}")
    click.echo(f"{here.name}: {len(made):,} readings of {len({one.answer for one in made}):,} answers.")


@cli.command("agreement")
@STUDY
@WAVE
@ITEM
@click.option("--machine", is_flag=True, help="Between people and the machine instead.")
@CSV
def agree(study: str, wave: str | None, item: str | None, machine: bool, as_csv: bool) -> None:
    """Print how far people agree who read the same answers of STUDY: Krippendorff's alpha, with 95 % intervals.

    \b
    Example: trustsurvey agreement riverton
             trustsurvey agreement riverton --machine --csv
    """
    store = Store.open()
    waves, _ = workflow.load_waves(store, study, wave)
    book = voices.codebook_of(store, study)
    answers = [voices.answers_of(store, study, one, book) for one in waves]
    item = voices.one_question(answers[-1], item, waves[-1].name).item
    mine = [one for wave_answers in answers for one in wave_answers if one.item == item]
    if machine:
        table = agreement.with_machine(mine, voices.taught(book, answers), book)
    else:
        table = agreement.between_people(mine, book)
    if as_csv:
        print_csv(table)
    else:
        click.echo(table.to_string(index=False, float_format=lambda v: f"{v:.2f}", na_rep="not defined"))


def _basis(answers: OpenAnswers, made: Mentions) -> str:
    read, drawn = len(answers.readings.counts()), int(made.coded.audited.sum())
    return f"{answers.wave.name}, {answers.item}: {len(answers.keys):,} answered, {read:,} read, {drawn:,} at random."


def _tell(table: pd.DataFrame, as_csv: bool, heading: str, line: Any) -> None:
    if as_csv:
        print_csv(table)
        return
    click.echo(heading)
    print_rows(table, line)


def _change_line(row: dict[str, Any]) -> str:
    if row["verdict"] not in ("up", "down", "none"):
        return str(row["verdict"])
    told = {"up": "more often", "down": "less often", "none": "no detectable change"}[row["verdict"]]
    diff, low, high = (100 * row[name] for name in ("diff", "lci", "uci"))
    return (
        f"{percent(row['before'])} to {percent(row['after'])}, {diff:+.1f} ({low:+.1f} to {high:+.1f}) points, "
        f"adjusted p {row['p_adj']:.3f}: {told}"
    )
