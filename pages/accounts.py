"""Who may sign in, with which roles and for which areas."""

import streamlit as st

from trustsurvey.language import N_, _
from trustsurvey.ui import accounts, ways
from trustsurvey.ui.guard import open_page

store = open_page(N_("Accounts"), "manage accounts")
if ways.way() == "open":
    st.info(
        _(
            "Nobody signs in at this app, so accounts are not asked for yet. Start it with TRUSTSURVEY_SIGN_IN = "
            "accounts, or = provider for the sign-in of your organisation. The guide is docs/sign-in.md."
        )
    )
if ways.roles_by_group():
    st.info(
        _("Roles come with the groups of your organisation's sign-in: what is changed here lasts until the next one.")
    )
accounts.said()
st.markdown(_(accounts.ROLES_TOLD))
accounts.listed(store)
accounts.add(store, local=ways.way() != "provider")
accounts.change(store, local=ways.way() != "provider")
