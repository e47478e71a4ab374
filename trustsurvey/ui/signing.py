"""Who asks, in a run of a page: looked up anew on every click."""

from __future__ import annotations

import streamlit as st

from trustsurvey.errors import SurveyError
from trustsurvey.language import _
from trustsurvey.rights import THIS_MACHINE, Person
from trustsurvey.store.sessions import digest_of
from trustsurvey.ui import cache
from trustsurvey.ui.refused import show_error
from trustsurvey.ui.vouching import vouched
from trustsurvey.ui.ways import COOKIE, LOOPBACK, SIGN_IN, way

#: In the session: the name of whoever is signed in. A page's choices have names of their own there.
SIGNED_IN = "signed in"


def person() -> Person:
    """Who asks; where nobody may, the page says so and stops here. SurveyError for settings that are unsound."""
    if way() == "open":
        return _whoever_sits_here()
    told, refusal = None, None
    try:
        told = digest()
    except SurveyError as error:  # what a provider vouches for may be refused, and is then asked for anew
        refusal = error
    who = None if told is None else cache.store().sessions.whose(told)
    if who is None:
        _ask_to_sign_in(told is not None, refusal)
        st.stop()
    if st.session_state.setdefault(SIGNED_IN, who.name) != who.name:
        # Somebody else signed in within the same browser: nothing of the one before is left.
        st.session_state.clear()
        st.session_state[SIGNED_IN] = who.name
    return who


def _whoever_sits_here() -> Person:
    """In open mode that is whoever sits at this machine, and nobody else can ask."""
    address = st.get_option("server.address")
    if address not in LOOPBACK:
        st.error(
            _(
                "This app has no sign-in, so it answers only on the machine it runs on, but it was started for the "
                "address \u201c{address}\u201d. Start it again with server.address = localhost, or with accounts "
                "(TRUSTSURVEY_SIGN_IN = accounts)."
            ).format(address=address or _("any"))
        )
        st.stop()
    return THIS_MACHINE


def digest() -> str | None:
    """The digest of the session that this page was opened in, None without one.

    One that an identity provider vouches for is begun here.
    """
    if way() == "accounts":
        secret = st.context.cookies.get(COOKIE)
        return digest_of(secret) if secret else None
    if not st.user.is_logged_in:
        return None
    told = vouched(st.user.to_dict())
    if cache.store().sessions.whose(told.digest) is None:
        cache.store().sessions.vouched(told.name, told.digest, told.at, told.roles)
    return told.digest


def _ask_to_sign_in(over: bool, refusal: SurveyError | None) -> None:
    st.title(_("Trust in the police"))
    if refusal is not None:
        show_error(refusal)
    elif over:
        st.info(
            _(
                "You are signed out: you signed out elsewhere, half an hour passed in which nothing was done, or eight "
                "hours since you signed in."
            )
        )
    if way() == "provider":
        if st.button(_("Sign in"), type="primary"):
            st.login()
    else:
        st.html(f'<a href="{SIGN_IN.lstrip("/")}">{_("Sign in")}</a>')
