"""What was promised and done, by command: listed, written down, changed, removed, and held against the surveys."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import Any

import click

from trustsurvey import workflow
from trustsurvey.actions import record as records
from trustsurvey.actions.files import actions_to_csv, read_actions, written
from trustsurvey.actions.names import names_in
from trustsurvey.cli.files import write_bytes
from trustsurvey.cli.group import STUDY, cli
from trustsurvey.cli.lines import CSV, inert, print_csv
from trustsurvey.errors import SurveyError, some
from trustsurvey.export.actions import actions_table
from trustsurvey.language import _
from trustsurvey.model import STATES, Action, ActionVersion, Study
from trustsurvey.model.action import as_entries, changed
from trustsurvey.present import actions as present
from trustsurvey.store import Store

DAY = click.DateTime(["%Y-%m-%d"])
NUMBER = click.argument("number", type=int)


@cli.group("actions")
def actions() -> None:
    """Keep what was promised to residents and what was done, and see what the surveys found before and after.

    \\b
    Example: trustsurvey actions add riverton "Two lamps in the underpass" --unit "Harbour team" --area district=Harbour
             trustsurvey actions change riverton 3 --state done --done 2026-03-02
             trustsurvey actions list riverton
             trustsurvey actions assess riverton

    The four steps are those of SARA: what was heard (Scanning), what lies behind it (Analysis), what was promised and
    done (Response), what came of it (Assessment). Promises are never rewritten silently: every change is kept.
    """


def _entries(command: Callable[..., None]) -> Callable[..., None]:
    """The options that say what an action is."""
    options = [
        click.option("--heard", help="What residents said."),
        click.option("--theme", help="Theme of the codebook that it is about, by key."),
        click.option("--area", metavar="LEVEL=AREA", help="Where, such as district=Harbour; without it everywhere."),
        click.option("--wave", help="Wave in which it was heard."),
        click.option("--analysis", help="What lies behind it."),
        click.option("--unit", help="Who promised it: a unit, not a person."),
        click.option("--state", type=click.Choice(STATES), help="Where it stands."),
        click.option("--due", type=DAY, help="Day it is promised for."),
        click.option("--done", type=DAY, help="Day it was done."),
        click.option("--dropped-for", "reason", help="Why it was dropped."),
        click.option("--score", help="Score that should change, by key."),
        click.option("--share", help="Theme that should be mentioned more or less often, by key."),
        click.option("--question", help="Open question that --share is about; the first one by default."),
        click.option("--for", "group", metavar="GROUPING=GROUP", help="Whom it should change for, such as age=18-29."),
        click.option("--outcome", help="What came of it."),
    ]  # fmt: skip
    for option in reversed(options):
        command = option(command)
    return command


def _told(given: dict[str, Any]) -> dict[str, Any]:
    """The entries of an action from options; those that were not given are left out, an empty text takes one away."""
    told = {name: value for name, value in given.items() if value is not None}
    for name, (grouping, level) in (("area", ("level", "area")), ("group", ("by", "group"))):
        if name in told:
            value = told.pop(name)
            first, _mark, second = value.partition("=")
            if value and not (first.strip() and second.strip()):
                raise SurveyError("action.place", f"'{value}' names no {name}", expected="such as district=Harbour")
            told |= {grouping: first.strip(), level: second.strip()}
    days = {name: value.date() for name, value in told.items() if isinstance(value, datetime)}
    return told | days


@actions.command("list")
@STUDY
@click.option("--area", default="", help="Those that concern this area alone.")
@CSV
def list_actions(study: str, area: str, as_csv: bool) -> None:
    """List what was promised in STUDY, what is overdue first."""
    store = Store.open()
    found = records.record_of(store, study, [])
    found = replace(found, actions=tuple(a for a in found.actions if not area or a.area == area))
    if as_csv:
        _taken(store, study, f"actions.csv, {area}" if area else "actions.csv")
        click.echo(actions_to_csv(present.in_order(found)), nl=False)
        return
    if not found.actions:
        click.echo("Nothing was written down of what was promised.")
        return
    click.echo(present.tally_words(found))
    for action in present.in_order(found):
        where = f" [{action.area}]" if action.area else ""
        state = present.state_words(action, found.today)
        click.echo(inert(f"{action.id:>4}{where} {present.stopped(action.promised)} {state}"))


@actions.command("add")
@STUDY
@click.argument("promised", default="")
@_entries
@click.option("--from", "file", type=Path, help="A .yaml or .csv file of actions; those that are there already stay.")
def add_action(study: str, promised: str, file: Path | None, **given: Any) -> None:
    """Write down what was PROMISED in STUDY, or all that is in a file.

    \\b
    Example: trustsurvey actions add riverton "Two lamps in the underpass" --heard "It is dark there" --due 2026-05-01
             trustsurvey actions add riverton --from actions.csv
    """
    store = Store.open()
    told = _told(given)
    if (file is None) == (not promised) or (file is not None and told):
        raise click.UsageError("Say what was promised, or --from FILE.")
    if file is not None:
        read = read_actions(file)
        new = records.add_new(store, study, read)
        click.echo(f"{len(new):,} of {len(read):,} actions written down; the others were there.")
        for action in new:
            _notice(action, store.study(study), f"'{action.promised[:60]}' ")
        return
    action = Action(promised, **told)
    (number,) = records.add(store, study, [action])
    click.echo(f"Action {number} is written down.")
    _notice(action, store.study(study))


def _notice(action: Action, study: Study, of: str = "this ") -> None:
    """Say that an action may name a person."""
    if named := names_in(action, study):
        click.echo(inert(f"  note: {of}may name a person: {some(named)}; a unit or a role is enough."))


@actions.command("change")
@STUDY
@NUMBER
@click.option("--promised", help="What was promised, in other words.")
@_entries
@click.option("--why", default="", help="Why; needed where the promise or what it is judged by is changed.")
def change_action(study: str, number: int, why: str, **given: Any) -> None:
    """Change the action of STUDY with this NUMBER; what it said before is kept.

    An empty entry (--outcome "") takes one away.

    \\b
    Example: trustsurvey actions change riverton 3 --state done --done 2026-03-02 --outcome "The lamps burn"
             trustsurvey actions change riverton 3 --due 2026-06-01 --why "the lamps come late"
    """
    store = Store.open()
    newest = records.history(store, study, number)[-1]
    told = _told(given)
    if told.get("state", newest.action.state) != newest.action.state:
        # A day on which it was done, and a reason for which it was dropped, go with their state.
        told = {"done": None, "reason": ""} | told
    new = replace(newest.action, **told)
    if not records.change(store, study, new, newest.number, why):
        click.echo(f"Action {number} says that already.")
        return
    for name, before, after in changed(newest.action, new):
        click.echo(inert(f"{name}: '{before}' is '{after}' now"))
    _notice(new, store.study(study))


@actions.command("remove")
@STUDY
@NUMBER
@click.option("--reason", required=True, help="Why; kept in the audit trail with what it said.")
def remove_action(study: str, number: int, reason: str) -> None:
    """Remove the action of STUDY with this NUMBER, if it was written down by mistake.

    A promise that was given up is not removed: change --state dropped --dropped-for "why".
    """
    records.remove(Store.open(), study, number, reason)
    click.echo(f"Action {number} is removed.")


@actions.command("history")
@STUDY
@NUMBER
def history_of(study: str, number: int) -> None:
    """Print all that was ever written down of the action of STUDY with this NUMBER: who, when, what."""
    before: ActionVersion | None = None
    for version in records.history(Store.open(), study, number):
        why = f" ({version.note})" if version.note else ""
        click.echo(inert(f"{version.created_at:%Y-%m-%d %H:%M} {version.person}{why}"))
        if before is None:
            told = [f"{name}: {value}" for name, value in as_entries(version.action).items()]
        else:
            differ = changed(before.action, version.action)
            told = [f"{name}: {new or 'nothing'} (was: {old or 'nothing'})" for name, old, new in differ]
        for line in told:
            click.echo(f"  {inert(line)}")
        before = version


@actions.command("save")
@STUDY
@click.argument("file", type=Path)
def save_actions(study: str, file: Path) -> None:
    """Write the actions of STUDY to a FILE (.yaml or .csv), as 'add --from' takes them."""
    store = Store.open()
    store.need("download results", study)
    found = records.record_of(store, study, []).actions
    if file.suffix.casefold() not in (".yaml", ".yml", ".csv"):
        raise SurveyError("export.kind", "The file's name must end in .yaml or .csv", where=str(file))
    write_bytes(file, written(found, file.name).encode("utf-8"))
    store.note("export", study, file.name)
    click.echo(f"{file}: {len(found):,} actions.")


@actions.command()
@STUDY
@CSV
def assess(study: str, as_csv: bool) -> None:
    """Say what the surveys of STUDY found before and after each action that is done.

    The last survey that ended before it was done is held against the first that began after, with the range of the
    difference; where possible the change there is set against that of everybody else. Nothing is said of causes.
    """
    store = Store.open()
    waves = workflow.load_waves(store, study)[0]
    found = records.record_of(store, study, waves, records.heard_in(store, study, waves))
    if as_csv:
        _taken(store, study, "actions.csv, before and after")
        print_csv(actions_table(found))
        return
    done = [action for action in present.in_order(found) if action.state == "done"]
    for action in done:
        title, told = present.action_line(action, found)
        click.echo(inert(f"{action.id}: {present.stopped(title)} {told}"))
    click.echo(_(present.CAUTION) if done else _("Nothing is done yet, so nothing can be compared."))


def _taken(store: Store, study: str, what: str) -> None:
    """Actions go out as a table: for those who may take results, and noted in the trail as on the page."""
    store.need("download results", study)
    store.note("export", study, what[:300])
