"""The bare address: on to where the work is."""

import streamlit as st

st.switch_page("pages/trust.py")
