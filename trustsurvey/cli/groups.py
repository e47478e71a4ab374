"""Focus groups by command: a transcript shown and taken in, who is who, words taken out again."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import cast

import click
import pandas as pd

from trustsurvey.cli.files import read_columns, write_bytes
from trustsurvey.cli.group import STUDY, cli
from trustsurvey.cli.lines import CSV, inert, print_csv
from trustsurvey.errors import SurveyError, some
from trustsurvey.focus_groups.conversation import Conversation, clock
from trustsurvey.focus_groups.heard import ROLES
from trustsurvey.focus_groups.study import conversations, read_of, readings_of, withdraw as take_out
from trustsurvey.focus_groups.taken import kept
from trustsurvey.focus_groups.who import Speaker, merged, merges, proposed, pseudonyms, with_table
from trustsurvey.language import _
from trustsurvey.model import SpeakerRole, Transcript
from trustsurvey.present.transcripts import ROLE_TITLES, held_words, kept_words, read_words, understood_words
from trustsurvey.store import Store
from trustsurvey.transcripts.read import read_transcript
from trustsurvey.transcripts.render import WRITERS, render
from trustsurvey.voices.elsewhere import digest_of
from trustsurvey.voices.study import codebook_of
from trustsurvey.wording import fold

GROUP = click.argument("group")
WHY = click.option("--reason", required=True, help="Why; kept in the audit trail.")
YES = click.option("--yes", is_flag=True, help="Do not ask.")


@cli.group()
def groups() -> None:
    """Take in the transcripts of focus groups, and tell who raised what.

    \b
    Example: trustsurvey groups add riverton meeting.vtt
             trustsurvey groups add riverton meeting.vtt --name "Harbour residents" --held 2026-04-16
             trustsurvey groups themes riverton
             trustsurvey groups export riverton framework.xlsx

    Turns are read on the page Coding, or in another program and brought back. Focus groups are not a sample: they show
    what is said and why, never how many residents think so.
    """


@groups.command()
@click.argument("file", type=Path)
@click.option("--to", "layout", type=click.Choice(list(WRITERS)), help="Write the turns in this layout instead.")
@click.option("--save", type=Path, help="The file to write with --to; the screen by default.")
@CSV
def show(file: Path, layout: str | None, save: Path | None, as_csv: bool) -> None:
    """Print the turns of a transcript FILE as they are understood, or write them in another layout; nothing is kept.

    Names stay as they are. What is written reads as the same turns again, as far as the layout has room for times.

    \b
    Example: trustsurvey groups show meeting.docx
             trustsurvey groups show meeting.vtt --to srt --save meeting.srt
    """
    transcript = read_transcript(file)
    if save is not None and (layout is None or (save.exists() and save.samefile(file))):
        raise SurveyError("transcript.layout", "A transcript is written in a layout, to a file of its own",
                          where=str(save), expected=f"--to {', '.join(WRITERS)}")  # fmt: skip
    if layout is not None:
        content = render(transcript, layout)
        if save is None:
            click.echo(content, nl=False)
            return
        write_bytes(save, content.encode("utf-8") if isinstance(content, str) else content)
        click.echo(f"{save} written: {len(transcript.turns):,} turns.")
        return
    if as_csv:
        print_csv(pd.DataFrame(transcript.turns, columns=["text", "speaker", "start", "end", "line"]))
        return
    _tell_understood(transcript)
    for turn in transcript.turns:
        place = clock(turn.start) if turn.start is not None else f"{transcript.counted} {turn.line:,}"
        click.echo(f"{place:>9}  {inert(turn.speaker) or 'Not named'}: {inert(turn.text)}")


@groups.command()
@STUDY
@click.argument("file", type=Path)
@click.option("--name", default="", help="What the group is called; without one nothing is kept.")
@click.option("--held", default="", help="The day it was held, such as 2026-04-16.")
@click.option("--people", "table", type=Path,
              help="Table of who took part: speaker, if known also (other spellings), role and group; what else it "
              "has, such as area or age, is kept of each person.")  # fmt: skip
@click.option("--rows", default="", help="What the table's column 'group' calls this group, if not by its name.")
@click.option("--merge", multiple=True, help="Two spellings of one person, such as 'Ayesha=Aisha'; may be repeated.")
@click.option("--accept", is_flag=True, help="Make those one that are proposed as spellings of one person.")
@click.option("--role", multiple=True,
              help=f"What somebody is, such as 'Ruth=moderator'; repeatable. One of {', '.join(ROLES)}.")  # fmt: skip
@click.option("--dry-run", is_flag=True, help="Only say what would be kept.")
def add(
    study: str, file: Path, name: str, held: str, table: Path | None, rows: str, merge: tuple[str, ...], accept: bool,
    role: tuple[str, ...], dry_run: bool,
) -> None:  # fmt: skip
    """Add the transcript FILE of a focus group to STUDY: any layout, or first only say what is understood.

    Everybody gets a pseudonym before anything is kept, also where people name each other.

    \b
    Example: trustsurvey groups add riverton meeting.vtt
             trustsurvey groups add riverton meeting.vtt --name "Harbour residents" --held 2026-04-16 \\
               --people participants.csv --merge "Mike=Mike R." --role "Guest=observer"
    """
    store, name, day = Store.open(), " ".join(name.split()), _day(held)
    whole, transcript = store.study(study), read_transcript(file)
    people = proposed(transcript)
    if table is not None:
        people = with_table(people, *_of_group(read_columns(table), rows, name, table.name))
    told = _spellings(people, merge)
    offered = {one: head for one, head in _offered(transcript, people).items() if one not in told}
    people = merged(people, {**(offered if accept else {}), **told})
    people = _with_roles(people, role)
    _tell_understood(transcript)
    _tell_people(transcript, people)
    for one, head in ({} if accept else offered).items():
        click.echo(f"'{inert(one)}' may be another spelling of '{inert(head)}'. If so: --merge "
                   f'"{inert(one)}={inert(head)}", or --accept for all that are proposed.')  # fmt: skip
    if people and not role and table is None:
        click.echo('Roles are guessed, from names and from who asks most. To say it: --role "NAME=moderator".')
    if not name:
        click.echo('Nothing is kept yet. To keep the group, give it a name: --name "..." --held YEAR-MONTH-DAY.')
        return
    digest = digest_of(file.read_bytes())
    made = kept(transcript, people, name, digest, whole, store.pseudonym_key(study), day)
    if dry_run:
        click.echo(f"'{inert(name)}' would be kept, {held_words(day)}. Nothing is kept with --dry-run.")
        return
    store.collections.save(study, made.record, made.texts, made.unredacted)
    click.echo(inert(kept_words(Conversation.of(made.record, made.texts))))


@groups.command("list")
@STUDY
def list_groups(study: str) -> None:
    """List the focus groups of STUDY: when they were held, who was there, how far they are read."""
    store = Store.open()
    book, found = codebook_of(store, study), conversations(store, study)
    if not found:
        click.echo(f"There is no focus group yet. Begin with: trustsurvey groups add {study} FILE")
    for group in found:
        roles = group.people["role"].value_counts()
        there = ", ".join(f"{roles[role]:,} {role}{'s' * int(roles[role] > 1)}" for role in ROLES if role in roles)
        click.echo(f"{inert(group.name)}: {held_words(group.held)}, {len(group.turns):,} turns"
                   f"{f', {there}' if there else ''}")  # fmt: skip
        click.echo(f"  {read_words(*read_of(group, readings_of(store, study, group, book)))}")
        if group.withdrawn:
            click.echo(f"  taken out: {', '.join(map(inert, group.withdrawn))}")


@groups.command()
@STUDY
@GROUP
@click.argument("pseudonym")
@WHY
@YES
def withdraw(study: str, group: str, pseudonym: str, reason: str, yes: bool) -> None:
    """Take the words of PSEUDONYM out of a GROUP of STUDY and of everything made from it, where consent is withdrawn.

    Their turns go with all that was read in them. Where others name them the pseudonym stays.

    \b
    Example: trustsurvey groups withdraw riverton "Harbour residents" P3 --reason "asked by phone on 2 May"
    """
    store = Store.open()
    found = called(conversations(store, study), group)
    _need_reason(reason)
    turns = int((found.turns["speaker"] == pseudonym).sum())
    if not yes and pseudonym in set(found.people["speaker"]):
        click.confirm(f"Take {turns:,} turns of {pseudonym} out of '{inert(found.name)}' for good?", abort=True)
    take_out(store, study, found, pseudonym, reason)
    click.echo(f"The words of {pseudonym} are gone from '{inert(found.name)}': {turns:,} turns.")


@groups.command()
@STUDY
@GROUP
@WHY
@YES
def remove(study: str, group: str, reason: str, yes: bool) -> None:
    """Remove a GROUP of STUDY with all that was read in it.

    \b
    Example: trustsurvey groups remove riverton "Harbour residents" --reason "added twice"
    """
    store = Store.open()
    found = called(conversations(store, study), group)
    _need_reason(reason)
    if not yes:
        click.confirm(f"Remove '{inert(found.name)}' and all that was read in it?", abort=True)
    store.collections.remove(study, found.name, reason)
    click.echo("Removed.")


def called(found: Sequence[Conversation], name: str) -> Conversation:
    """The group of this name, capitals or not; SurveyError ``groups.no-group``."""
    exact = [group for group in found if group.name == name] or [g for g in found if fold(g.name) == fold(name)]
    if not exact:
        raise SurveyError("groups.no-group", f"There is no focus group called '{name}'",
                          expected=some([group.name for group in found], 12) or "a group that was added")  # fmt: skip
    return exact[0]


def _need_reason(reason: str) -> None:
    if not reason.strip():
        raise SurveyError("groups.reason", "Words are taken out for a reason only", hint="Say why with --reason.")


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text.strip()) if text.strip() else None
    except ValueError as error:
        raise SurveyError("groups.held", "The day is not understood", got=f"'{text}'",
                          expected="year, month and day, such as 2026-04-16") from error  # fmt: skip


def _of_group(table: pd.DataFrame, rows: str, name: str, where: str) -> tuple[pd.DataFrame, str]:
    """The table, and what its column "group" calls this group; "" where it has none or is of one group alone."""
    if "group" not in table:
        return table, ""
    listed = list(dict.fromkeys(str(value).strip() for value in table["group"].dropna()))
    wanted = rows or name
    if fold(wanted) in map(fold, listed):
        return table, wanted
    if len(listed) < 2 and not rows:
        return table, ""
    raise SurveyError("who.group", f"The table has no rows of a group '{wanted}'" if wanted else
                      "The table is of several groups", where=where, got=some(listed, 8),
                      hint="Say with --rows which of these it is.")  # fmt: skip


def _person(people: Sequence[Speaker], name: str) -> Speaker:
    found = next((person for person in people if fold(name) in map(fold, person.names)), None)
    if found is None:
        raise SurveyError("who.nobody", f"Nobody is called '{name.strip()}'",
                          expected=some([person.name for person in people], 20) or "a speaker")  # fmt: skip
    return found


def _pair(text: str, expected: str) -> tuple[str, str]:
    name, equal, value = text.rpartition("=")
    if not (equal and name.strip() and value.strip()):
        raise SurveyError("who.pair", "It is not two words with '=' between them", got=f"'{text}'", expected=expected)
    return name, value


def _spellings(people: Sequence[Speaker], merge: Sequence[str]) -> dict[str, str]:
    """Name -> the person it is a spelling of, with all spellings that the table told of that name."""
    same: dict[str, str] = {}
    for text in merge:
        one, head = (_person(people, name) for name in _pair(text, "a spelling and the person, such as 'Ayesha=Aisha'"))
        if one != head:
            same |= dict.fromkeys(one.names, head.name)
    return same


def _offered(transcript: Transcript, people: Sequence[Speaker]) -> dict[str, str]:
    """Names that may be spellings of one, but for those of which the table says whose they are."""
    names = {person.name for person in people}
    return {one: head for one, head in merges(transcript).items() if {one, head} <= names}


def _with_roles(people: Sequence[Speaker], said: Sequence[str]) -> tuple[Speaker, ...]:
    roles: dict[str, SpeakerRole] = {}
    for text in said:
        name, role = _pair(text, "a speaker and a role, such as 'Ruth=moderator'")
        if fold(role) not in ROLES:
            raise SurveyError("who.role", "The role is not known", where=f"--role '{text}'", got=f"'{role.strip()}'",
                              expected=some(ROLES))  # fmt: skip
        roles[_person(people, name).name] = cast(SpeakerRole, fold(role))
    return tuple(replace(person, role=roles.get(person.name, person.role)) for person in people)


def _tell_understood(transcript: Transcript) -> None:
    click.echo(f"{inert(transcript.source)}: {understood_words(transcript)}")
    for notice in transcript.notices:
        click.echo(f"  note: {inert(notice.text)}")


def _tell_people(transcript: Transcript, people: Sequence[Speaker]) -> None:
    labels = pseudonyms(people)
    for person in people:
        turns = sum(transcript.speakers.get(name, 0) for name in person.names)
        also = f" (also {', '.join(map(inert, person.spellings))})" if person.spellings else ""
        many = f"{turns:>5,} {'turn ' if turns == 1 else 'turns'}"
        click.echo(f"  {labels[person.name]:14} {_(ROLE_TITLES[person.role]):16} {many}  {inert(person.name)}{also}")
