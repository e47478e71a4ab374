"""What focus groups raised, by command: themes, talk, saturation, quotes; readings out to other programs and back."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import click
import numpy as np
import pandas as pd

from trustsurvey.cli.files import write_bytes
from trustsurvey.cli.group import STUDY
from trustsurvey.cli.groups import called, groups
from trustsurvey.cli.lines import CSV, inert, print_csv
from trustsurvey.cli.rights import need_single_answers
from trustsurvey.errors import SurveyError, some
from trustsurvey.export.framework import framework_workbook
from trustsurvey.export.workbook import csv_bytes
from trustsurvey.focus_groups import exchange, matrix
from trustsurvey.focus_groups.conversation import Conversation
from trustsurvey.focus_groups.quoted import Passages
from trustsurvey.focus_groups.saturation import accumulation, saturation as saturation_of, unseen
from trustsurvey.focus_groups.study import body_of, conversations, heard_of, read_of, readings_of
from trustsurvey.focus_groups.talk import talk_by_group, talk_shares
from trustsurvey.model import Codebook, Coding
from trustsurvey.present.coded_transcript import coded_html
from trustsurvey.present.groups import alone
from trustsurvey.present.transcripts import read_words
from trustsurvey.present.words import percent
from trustsurvey.store import Store
from trustsurvey.text.readings import Readings
from trustsurvey.voices.study import codebook_of
from trustsurvey.wording import fold

NO_SAMPLE = "Focus groups are not a sample: what they raise says nothing about how many residents would."
BY = {"": matrix.by_theme, "group": matrix.by_group, "participant": matrix.by_participant}
KINDS = (".xlsx", ".qdpx", ".csv", ".html")


@groups.command()
@STUDY
@click.option("--by", type=click.Choice(["group", "participant"]), help="By group, or by participant (a pseudonym).")
@CSV
def themes(study: str, by: str | None, as_csv: bool) -> None:
    """Print in how many focus groups of STUDY, and by how many people there, each theme was raised.

    People are counted, not times; what the moderator says counts nowhere, and officers are counted apart.

    \b
    Example: trustsurvey groups themes riverton
             trustsurvey groups themes riverton --by group --csv
    """
    if by == "participant":
        need_single_answers(study, "Themes by participant", "rights.participants")
    store = Store.open()
    book, found, readings = _read(store, study)
    heard = heard_of(found, readings)
    table = BY[by or ""](heard)
    table.insert(1, "title", [book.code(code).title for code in table["code"]])
    if as_csv:
        print_csv(table)
        return
    _print_themes(table, by or "")
    _basis(found, readings)


@groups.command()
@STUDY
@click.option("--people", is_flag=True, help="Everybody who was there, instead of a line a group.")
@CSV
def talk(study: str, people: bool, as_csv: bool) -> None:
    """Print who spoke how much in the focus groups of STUDY, how evenly, and who was not heard.

    \b
    Example: trustsurvey groups talk riverton --people
    """
    heard = heard_of(*_read(Store.open(), study)[1:])
    everybody = talk_shares(heard)
    table = everybody if people else talk_by_group(heard)
    if as_csv:
        print_csv(table)
        return
    for row in table.to_dict("records"):
        click.echo(_talk_line(row) if people else _talk_of_group(row, everybody))
    click.echo("How much somebody says is no measure of what they think.")


@groups.command()
@STUDY
@CSV
def saturation(study: str, as_csv: bool) -> None:
    """Print whether new themes still came up in the focus groups of STUDY, and what may be unheard.

    Main themes are counted, with those below them; that somebody has nothing to say is none.

    \b
    Example: trustsurvey groups saturation riverton
    """
    book, found, readings = _read(Store.open(), study)
    heard = heard_of(found, readings, alone(book))
    table = accumulation(heard)
    if as_csv:
        print_csv(table)
        return
    for row in table.to_dict("records"):
        click.echo(f"{row['groups']:>3}  {inert(row['group'])[:32]:32} {row['new']:>3} new, {row['seen']:>3} so far "
                   f"(over all orders {row['expected']:.1f})  {'#' * int(row['seen'])}")  # fmt: skip
    click.echo(saturation_of(heard).words)
    click.echo(unseen(heard.raised).words)
    _basis(found, readings)


@groups.command()
@STUDY
@click.argument("theme")
@click.option("--most", type=click.IntRange(1, 100), default=6, show_default=True, help="How many quotes.")
def quotes(study: str, theme: str, most: int) -> None:
    """Print what participants of the focus groups of STUDY said on a THEME, balanced across groups.

    THEME is its key or title, as 'codebook' lists them. One quote a person, the most typical first; names are taken
    out.

    \b
    Example: trustsurvey groups quotes riverton police_desk
    """
    need_single_answers(study, "Quotes of participants", "rights.quotes")
    book, found, readings = _read(Store.open(), study)
    key = _theme(book, theme)
    quoted = Passages.of_turns(heard_of(found, readings), book.language).quotes(key, most)
    by_name = {group.name: group for group in found}
    for quote in quoted.quotes:
        group = by_name[quote.group]
        row = int(np.flatnonzero((group.turns["key"] == quote.key).to_numpy())[0])
        part = ", part of a turn" if quote.part else ""
        click.echo(f"{inert(quote.group)}, {quote.speaker or 'not named'}, {group.place(row)}{part}:")
        click.echo(f"  {inert(quote.text)}")
    if not quoted.people:
        click.echo(f"No participant raised '{book.code(key).title}' in what was read.")
    elif quoted.unquoted:
        click.echo(f"Raised, but nothing fit to quote: {', '.join(map(inert, quoted.unquoted))}.")
    if any(quote.part for quote in quoted.quotes):
        click.echo("Which part of a turn speaks of the theme is guessed: look before you quote it.")
    _basis(found, readings)


@groups.command()
@STUDY
@click.argument("target", type=Path)
@click.option("--group", help="Only this group.")
def export(study: str, target: Path, group: str | None) -> None:
    """Write the focus groups of STUDY to TARGET, with what was read in them and names taken out.

    .xlsx: a framework matrix, people and groups by theme with their words; .qdpx: a project for NVivo, MAXQDA,
    ATLAS.ti, QualCoder and others; .csv: the readings, a row a turn, coder and code; .html: the coded transcript of one
    group, to print.

    \b
    Example: trustsurvey groups export riverton framework.xlsx
             trustsurvey groups export riverton harbour.html --group "Harbour residents"
    """
    kind = target.suffix.lower()
    if kind not in KINDS:
        raise SurveyError("export.kind", "The file's name does not end as one of the kinds there are",
                          where=str(target), expected=", ".join(KINDS))  # fmt: skip
    need_single_answers(study, "Words of participants", "rights.groups")
    store = Store.open()
    book, found, readings = _read(store, study, group)
    codings = {one.name: store.voices.codings(study, body_of(one)) for one in found}
    if kind == ".html" and len(found) > 1:
        raise SurveyError("groups.one", "A page holds one group", where=str(target),
                          expected=some([one.name for one in found], 12), hint="Say which with --group.")  # fmt: skip
    if kind == ".html":
        content = coded_html(found[0], book, codings[found[0].name]).encode("utf-8")
    elif kind == ".qdpx":
        content = exchange.as_qdpx(found, book, codings, store.study(study).name)
    elif kind == ".csv":
        content = csv_bytes(exchange.as_table(found, codings))
    else:
        content = framework_workbook(found, book, heard_of(found, readings))
    write_bytes(target, content)
    store.note("export", f"{study}/{found[0].name if group else 'focus groups'}", target.name)
    click.echo(f"{target} written: {len(found):,} {'groups' if len(found) > 1 else 'group'}. "
               "It holds what single people said.")  # fmt: skip


@groups.command()
@STUDY
@click.argument("file", type=Path)
def read(study: str, file: Path) -> None:
    """Bring readings of focus groups of STUDY that were made elsewhere, from a REFI-QDA project FILE (.qdpx).

    Begin elsewhere with what 'groups export' writes. Codes are known by title, readings that are here already are
    left as they are.

    \b
    Example: trustsurvey groups read riverton read_elsewhere.qdpx
    """
    store = Store.open()
    book, found = codebook_of(store, study), conversations(store, study)
    brought = exchange.taken(file.read_bytes(), file.name, found, book)
    for group in found:
        if group.name not in brought:
            continue
        body, here = body_of(group), brought[group.name]
        known = {_content(one) for one in exchange.latest(store.voices.codings(study, body))}
        new = [one for one in here if _content(one) not in known]
        store.voices.add_codings(study, body, new)
        store.note("bring readings", f"{study}/{group.name}", f"{file.name}: {len(new)}")
        click.echo(f"{inert(group.name)}: {len(new):,} readings taken, {len(here) - len(new):,} were here already.")
    if not brought:
        click.echo("The project holds no readings.")


def _read(store: Store, study: str, name: str | None = None) -> tuple[Codebook, list[Conversation], list[Readings]]:
    """Codebook, groups and what was read in them; SurveyError ``groups.none`` where there is no group."""
    book, found = codebook_of(store, study), conversations(store, study)
    if not found:
        raise SurveyError("groups.none", "There is no focus group", where=study,
                          hint=f"Add one: trustsurvey groups add {study} FILE")  # fmt: skip
    found = [called(found, name)] if name else found
    return book, found, [readings_of(store, study, group, book) for group in found]


def _theme(book: Codebook, told: str) -> str:
    """The key of a theme given by key or title."""
    found = next((code.key for code in book.codes if fold(told) in (fold(code.key), fold(code.title))), None)
    if found is None:
        raise SurveyError("quoted.code", "There is no such theme", got=f"'{told}'", expected=some(book.keys, 30))
    return found


def _content(coding: Coding) -> tuple[Any, ...]:
    return (coding.answer, coding.coder, frozenset(coding.codes), frozenset(coding.spans), coding.memo, coding.version)


def _basis(found: Sequence[Conversation], readings: Sequence[Readings]) -> None:
    counts = [read_of(group, one) for group, one in zip(found, readings, strict=True)]
    click.echo(read_words(sum(read for read, _ in counts), sum(of for _, of in counts)))
    click.echo(NO_SAMPLE)


def _print_themes(table: pd.DataFrame, by: str) -> None:
    shown = table[table["raised" if by else "groups"] > 0]
    if shown.empty:
        click.echo("No participant raised a theme in what was read.")
    if by == "participant":
        for (group, speaker), mine in shown.groupby(["group", "speaker"], sort=False):
            click.echo(f"{inert(group)}, {speaker}: {', '.join(mine['title'])}")
        return
    if by == "group":
        for group in dict.fromkeys(shown["group"]):
            click.echo(inert(group))
            mine = shown[shown["group"] == group].sort_values("people", ascending=False, kind="stable")
            for row in mine.to_dict("records"):
                more = f", {row['unnamed']:,} turns of nobody known" if row["unnamed"] else ""
                click.echo(f"  {row['title'][:36]:36} {row['people']:>3} of {row['present']:,} people{more}")
        return
    for row in shown.sort_values(["groups", "people"], ascending=False, kind="stable").to_dict("records"):
        officers = f", {row['officers']:,} officers" if row["officers"] else ""
        click.echo(f"  {row['title'][:36]:36} {row['groups']:>3} of {row['of_groups']:,} groups, "
                   f"{row['people']:>3} of {row['of_people']:,} people{officers}")  # fmt: skip


def _talk_line(row: dict[str, Any]) -> str:
    heard = {"never": ", never heard", "hardly": ", hardly heard"}.get(row["heard"], "")
    return (f"{inert(row['group'])[:32]:32} {row['speaker'] or 'not named':14} {row['turns']:>5,} turns, "
            f"{row['words']:>6,} words, {_share(row['share']):>6} of all{heard}")  # fmt: skip


def _talk_of_group(row: dict[str, Any], everybody: pd.DataFrame) -> str:
    mine = everybody[everybody["group"] == row["group"]]
    told = [f"{row['participants']:,} participants", f"moderator {_share(row['moderator'])} of the words"]
    if np.isfinite(row["gini"]):
        told.append(f"of the participants' words {_share(row['largest'])} by one of them, Gini {row['gini']:.2f}")
    told += [
        f"{how} heard {', '.join(names)}" for how in ("never", "hardly")
        if (names := mine.loc[mine["heard"] == how, "speaker"].tolist())
    ]  # fmt: skip
    return f"{inert(row['group'])}: {'; '.join(told)}."


def _share(value: float) -> str:
    return percent(value) if np.isfinite(value) else "unknown"
