"""The bare address: on to where the work of whoever asks is."""

import streamlit as st

from trustsurvey.rights import allowed
from trustsurvey.ui.guard import open_page

store = open_page("", "see")
if store.person.roles and store.person.roles <= {"administrator"}:
    st.switch_page("pages/accounts.py")
if "liaison" in store.person.roles and not allowed(store.person, "analyse", "*"):
    st.switch_page("pages/start.py")
st.switch_page("pages/trust.py", query_params=st.query_params.to_dict())
