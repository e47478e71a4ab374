"""The bare address: on to where the work is."""

import streamlit as st

st.switch_page("pages/trust.py", query_params=st.query_params.to_dict())
