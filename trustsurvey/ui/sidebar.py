"""In the sidebar of every page: who is signed in, and the way out."""

from __future__ import annotations

import streamlit as st

from trustsurvey.language import _
from trustsurvey.rights import Person
from trustsurvey.ui import accounts, cache
from trustsurvey.ui.markup import plain
from trustsurvey.ui.signing import digest
from trustsurvey.ui.ways import SIGN_OUT, way
from trustsurvey.wording import listed

#: Seconds after which a page that nobody touches looks whether its sign-in still holds.
LOOK = 60


def signed_in(who: Person) -> None:
    """In the sidebar: who is signed in, and the way out."""
    with st.sidebar:
        if who.open_mode:
            st.caption(
                _(
                    "Open mode: nobody signs in. Only this machine can reach the app, and whoever uses it may do "
                    "everything."
                )
            )
            return
        session = digest()
        assert session is not None
        roles = listed([_(role) for role in sorted(who.roles)])
        told = _("Signed in as {name}, {roles}.") if roles else _("Signed in as {name}, without a role.")
        st.caption(told.format(name=plain(who.name), roles=roles))
        if way() == "provider":
            if st.button(_("Sign out")):
                cache.store().sessions.end(session)
                st.logout()
                st.stop()  # another run begun now may throw the way to the provider away
        else:
            accounts.own(cache.store().acting_as(who))
            st.html(f'<a href="{SIGN_OUT.lstrip("/")}" style="color: inherit">{_("Sign out")}</a>')
        _watch(session)


@st.fragment(run_every=LOOK)
def _watch(digest: str) -> None:
    """Close a page that was left open: it goes when the sign-in is over, without a click."""
    if cache.store().sessions.whose(digest, touch=False) is None:
        st.rerun()
