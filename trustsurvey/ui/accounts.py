"""The forms for accounts."""

from __future__ import annotations

import pandas as pd
import streamlit as st

from trustsurvey.errors import SurveyError
from trustsurvey.language import N_, _
from trustsurvey.rights import ROLES, Place, Role
from trustsurvey.store import Store
from trustsurvey.store.people import Account
from trustsurvey.ui import pieces
from trustsurvey.ui.guard import plain, refusals

ROLES_TOLD = N_(
    "**Liaison** imports and weights surveys, adds focus groups, reads what residents wrote with names taken out, and "
    "releases results. **Commander** sees released results, of all areas or of some, and records what was done. "
    "**Analyst** does all of that, makes any table, and may take answers of single residents away for a stated reason. "
    "**Administrator** looks after accounts, studies and the audit trail. Somebody may have several roles."
)
_ROLES: dict[Role, str] = {
    "liaison": N_("liaison"), "commander": N_("commander"), "analyst": N_("analyst"),
    "administrator": N_("administrator"),
}  # fmt: skip


def listed(store: Store) -> None:
    """The table of accounts."""
    with refusals():
        accounts = store.accounts.listed()
    if not accounts:
        st.info(_("There is no account yet."))
        return
    shown = pd.DataFrame(
        {
            _("Name"): [account.name for account in accounts],
            _("Roles"): [", ".join(sorted(map(_role, account.roles))) for account in accounts],
            _("Areas"): [", ".join(place.area for place in account.places) or _("all") for account in accounts],
            _("Signs in with"): [_("a password") if account.local else _("the organisation") for account in accounts],
            _("Last here (UTC)"): [account.seen for account in accounts],
            "": [_("closed after wrong passwords") if account.locked else "" for account in accounts],
        }
    )
    pieces.table(shown)


def _role(role: Role) -> str:
    return _(_ROLES[role])


def add(store: Store, local: bool) -> None:
    """The form for another account."""
    st.header(_("Add an account"))
    with st.form("add account", clear_on_submit=True):
        name = st.text_input(_("Name") if local else _("E-mail address, as your organisation's sign-in tells it"))
        roles = st.multiselect(_("Roles"), ROLES, key="roles of the new account", format_func=_role)
        areas = _areas(store, (), key="areas of the new account")
        password = _password(_("Password, which they change themselves")) if local else None
        pressed = st.form_submit_button(_("Add"), type="primary")
    if pressed:
        with refusals():
            if not roles:
                raise SurveyError("people.roles", "The account has no role", expected="one role or more")
            store.accounts.add(name, roles, areas, password)
            _say(_("{name} may sign in now.").format(name=name))


def change(store: Store, local: bool) -> None:
    """The forms that change an account, give it another password, or remove it."""
    with refusals():
        accounts = {account.name: account for account in store.accounts.listed()}
    if not accounts:
        return
    st.header(_("Change an account"))
    name = st.selectbox(_("Account"), list(accounts))
    account: Account = accounts[name]
    with st.form("change account"):
        roles = st.multiselect(_("Roles"), ROLES, sorted(account.roles), key=f"roles of {name}", format_func=_role)
        areas = _areas(store, account.places, f"areas of {name}")
        if st.form_submit_button(_("Change")):
            with refusals():
                store.accounts.change(name, roles, areas)
                _say(_("{name} was changed.").format(name=name))
    if local:
        with st.form("set password", clear_on_submit=True):
            password = _password(_("Another password for {name}").format(name=plain(name)))
            if st.form_submit_button(_("Set the password")):
                with refusals():
                    store.accounts.set_password(name, password)
                    _say(_("{name} has another password, and is signed out.").format(name=name))
    with st.form("remove account"):
        told = _("{name} may not sign in any more; what they did stays in the audit trail")
        sure = st.checkbox(told.format(name=plain(name)))
        if st.form_submit_button(_("Remove the account")):
            with refusals():
                if not sure:
                    raise SurveyError("people.sure", "Nothing was removed", hint="Tick the box first.")
                store.accounts.remove(name)
                _say(_("{name} was removed.").format(name=name))


def own(store: Store) -> None:
    """The form for one's own password."""
    with st.popover(_("Change my password")), st.form("own password", clear_on_submit=True, border=False):
        password = _password(_("New password"))
        again = st.text_input(_("Once more"), type="password")
        if st.form_submit_button(_("Change")):
            with refusals():
                if password != again:
                    raise SurveyError("people.again", "The two passwords differ", hint="Type them again.")
                store.accounts.set_password(store.person.name, password)
                st.rerun()


def _areas(store: Store, chosen: tuple[Place, ...], key: str) -> list[Place]:
    """A box for the areas that a commander is limited to, of all studies."""
    titles = {
        Place(record.slug, level.key, area): (level.title, record.name)
        for record in store.studies()
        for level in store.study(record.slug).levels
        for area in level.names
    }
    places = [*titles, *(place for place in chosen if place not in titles)]
    several = len({place.study for place in places}) > 1

    def told(place: Place) -> str:
        level, study = titles.get(place, (place.level, place.study))
        return f"{place.area} ({level}, {study})" if several else f"{place.area} ({level})"

    found: list[Place] = st.multiselect(
        _("Only these areas"), places, list(chosen), format_func=told, key=key,
        help=_("For commanders: results of these areas and of everyone together. None means all areas."),
    )  # fmt: skip
    return found


def _password(label: str) -> str:
    return st.text_input(label, type="password", help=_("At least 12 letters; several words are best."))


def _say(what: str) -> None:
    """Say what was done on the page as it is then."""
    st.session_state["accounts said"] = what
    st.rerun()


def said() -> None:
    """What was done a moment ago."""
    if told := st.session_state.pop("accounts said", ""):
        st.success(plain(told))
