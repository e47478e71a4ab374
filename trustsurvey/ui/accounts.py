"""The forms for accounts."""

from __future__ import annotations

import streamlit as st

from trustsurvey.errors import SurveyError
from trustsurvey.rights import ROLES, Place
from trustsurvey.store import Store
from trustsurvey.store.people import Account
from trustsurvey.ui.guard import plain, refusals

ROLES_TOLD = (
    "**Liaison** imports and weights surveys, adds focus groups, reads what residents wrote with names taken out, and "
    "releases results. **Commander** sees released results, of all areas or of some, and records what was done. "
    "**Analyst** does all of that, makes any table, and may take answers of single residents away for a stated reason. "
    "**Administrator** looks after accounts, studies and the audit trail. Somebody may have several roles."
)


def listed(store: Store) -> None:
    """The table of accounts."""
    with refusals():
        accounts = store.accounts.listed()
    if not accounts:
        st.info("There is no account yet.")
        return
    st.dataframe(
        {
            "Name": [account.name for account in accounts],
            "Roles": [", ".join(sorted(account.roles)) for account in accounts],
            "Areas": [", ".join(place.area for place in account.places) or "all" for account in accounts],
            "Signs in with": ["a password" if account.local else "the organisation" for account in accounts],
            "Last here (UTC)": [account.seen for account in accounts],
            "": ["closed after wrong passwords" if account.locked else "" for account in accounts],
        },
        hide_index=True,
    )


def add(store: Store, local: bool) -> None:
    """The form for another account."""
    st.header("Add an account")
    with st.form("add account", clear_on_submit=True):
        name = st.text_input("Name" if local else "E-mail address, as your organisation's sign-in tells it")
        roles = st.multiselect("Roles", ROLES, key="roles of the new account")
        areas = _areas(store, (), "areas of the new account")
        password = _password("Password, which they change themselves") if local else None
        pressed = st.form_submit_button("Add", type="primary")
    if pressed:
        with refusals():
            if not roles:
                raise SurveyError("people.roles", "The account has no role", expected="one role or more")
            store.accounts.add(name, roles, areas, password)
            _say(f"{name} may sign in now.")


def change(store: Store, local: bool) -> None:
    """The forms that change an account, give it another password, or remove it."""
    with refusals():
        accounts = {account.name: account for account in store.accounts.listed()}
    if not accounts:
        return
    st.header("Change an account")
    name = st.selectbox("Account", list(accounts))
    account: Account = accounts[name]
    with st.form("change account"):
        roles = st.multiselect("Roles", ROLES, sorted(account.roles), key=f"roles of {name}")
        areas = _areas(store, account.places, f"areas of {name}")
        if st.form_submit_button("Change"):
            with refusals():
                store.accounts.change(name, roles, areas)
                _say(f"{name} was changed.")
    if local:
        with st.form("set password", clear_on_submit=True):
            password = _password(f"Another password for {plain(name)}")
            if st.form_submit_button("Set the password"):
                with refusals():
                    store.accounts.set_password(name, password)
                    _say(f"{name} has another password, and is signed out.")
    with st.form("remove account"):
        sure = st.checkbox(f"{plain(name)} may not sign in any more; what they did stays in the audit trail")
        if st.form_submit_button("Remove the account"):
            with refusals():
                if not sure:
                    raise SurveyError("people.sure", "Nothing was removed", hint="Tick the box first.")
                store.accounts.remove(name)
                _say(f"{name} was removed.")


def own(store: Store) -> None:
    """The form for one's own password."""
    with st.popover("Change my password"), st.form("own password", clear_on_submit=True, border=False):
        password = _password("New password")
        again = st.text_input("Once more", type="password")
        if st.form_submit_button("Change"):
            with refusals():
                if password != again:
                    raise SurveyError("people.again", "The two passwords differ", hint="Type them again.")
                store.accounts.set_password(store.person.name, password)
                st.rerun()


def _areas(store: Store, chosen: tuple[Place, ...], key: str) -> list[Place]:
    """A box for the areas that a commander is limited to, of all studies."""
    places = [
        Place(record.slug, level.key, area)
        for record in store.studies()
        for level in store.study(record.slug).levels
        for area in level.names
    ]
    places += [place for place in chosen if place not in places]
    several = len({place.study for place in places}) > 1

    def told(place: Place) -> str:
        return f"{place.area} ({place.study})" if several else place.area

    found: list[Place] = st.multiselect(
        "Only these areas", places, list(chosen), format_func=told, key=key,
        help="For commanders: results of these areas and of everyone together. None means all areas.",
    )  # fmt: skip
    return found


def _password(label: str) -> str:
    return st.text_input(label, type="password", help="At least 12 letters; several words are best.")


def _say(what: str) -> None:
    """Say what was done on the page as it is then."""
    st.session_state["accounts said"] = what
    st.rerun()


def said() -> None:
    """What was done a moment ago."""
    if told := st.session_state.pop("accounts said", ""):
        st.success(plain(told))
