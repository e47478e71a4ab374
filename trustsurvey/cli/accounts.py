"""Accounts and the audit trail from the machine that the app runs on."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from trustsurvey.cli.group import cli
from trustsurvey.errors import SurveyError
from trustsurvey.export.workbook import csv_bytes
from trustsurvey.rights import ROLES, Place
from trustsurvey.store import Store

NAME = click.argument("name")
ROLE = click.option("--role", "roles", multiple=True, type=click.Choice(ROLES), help="May be repeated.")
AREA = click.option(
    "--area", "areas", multiple=True, metavar="STUDY/LEVEL/AREA",
    help="Only this area, such as riverton/district/East; may be repeated.",
)  # fmt: skip


@cli.group()
def accounts() -> None:
    """Who may sign in to the app (see docs/sign-in.md)."""


@accounts.command("list")
def list_accounts() -> None:
    """List the accounts with their roles and areas."""
    for account in Store.open().accounts.listed():
        areas = ", ".join(f"{p.study}/{p.level}/{p.area}" for p in account.places)
        more = (f"  only {areas}" if areas else "") + ("  closed after wrong passwords" if account.locked else "")
        kind = "password" if account.local else "provider"
        click.echo(f"{account.name}  {', '.join(sorted(account.roles)) or 'no role'}  {kind}{more}")


@accounts.command()
@NAME
@ROLE
@AREA
@click.option("--provider", is_flag=True, help="They sign in with the organisation; no password is kept here.")
def add(name: str, roles: tuple[str, ...], areas: tuple[str, ...], provider: bool) -> None:
    """Add an account; its password is asked for, or read from standard input."""
    if not roles:
        raise SurveyError("people.roles", "The account has no role", expected=", ".join(ROLES), hint="Add --role.")
    Store.open().accounts.add(name, roles, _places(areas), None if provider else _password())
    click.echo(f"{name} may sign in now.")


@accounts.command()
@NAME
@ROLE
@AREA
def change(name: str, roles: tuple[str, ...], areas: tuple[str, ...]) -> None:
    """Give an account exactly these roles and areas."""
    Store.open().accounts.change(name, roles, _places(areas))
    click.echo(f"{name}: {', '.join(sorted(roles)) or 'no role'}.")


@accounts.command()
@NAME
def password(name: str) -> None:
    """Give an account another password, and open it if wrong ones closed it."""
    Store.open().accounts.set_password(name, _password())
    click.echo(f"{name} has another password, and is signed out.")


@accounts.command()
@NAME
@click.confirmation_option(prompt="Remove the account?")
def remove(name: str) -> None:
    """Remove an account; what it did stays in the audit trail."""
    Store.open().accounts.remove(name)
    click.echo(f"{name} was removed.")


@cli.command()
@click.option("--limit", default=50, show_default=True, help="How many of the newest lines; 0 for all.")
@click.option("-o", "--output", type=click.Path(dir_okay=False), help="Write a CSV file.")
def audit(limit: int, output: str | None) -> None:
    """Show who imported, saw, exported and changed what, and check that nobody changed the trail."""
    store = Store.open()
    trail, broken = store.audit_trail(limit or sys.maxsize), store.audit_break()
    if output:
        Path(output).write_bytes(csv_bytes(trail))
        click.echo(f"{len(trail):,} lines written to {output}.")
    else:
        for row in trail.iloc[::-1].itertuples():
            click.echo(f"{row.id}  {row.at}  {row.person}  {row.action}  {row.object}  {row.detail}".rstrip())
    if broken is not None:
        raise SurveyError("audit.broken", f"Line {broken} does not follow from the one before it",
                          hint="Somebody changed the trail from outside; compare it with a backup.")  # fmt: skip
    click.echo("Every line follows from the one before.", err=True)


def _places(areas: tuple[str, ...]) -> list[Place]:
    found = []
    for text in areas:
        parts = text.split("/", 2)
        if len(parts) != 3 or not all(part.strip() for part in parts):
            raise SurveyError("people.area", "An area is not named in full", got=f"'{text}'",
                              expected="study/level/area, such as riverton/district/East")  # fmt: skip
        found.append(Place(*(part.strip() for part in parts)))
    return found


def _password() -> str:
    if not sys.stdin.isatty():
        return sys.stdin.readline().rstrip("\r\n")
    return str(click.prompt("Password", hide_input=True, confirmation_prompt=True))
