"""trustsurvey: the table of pages. Run with ``streamlit run app.py``."""

import streamlit as st

# Addresses differ from file names, so that a deep link always runs this file first.
PAGES = {
    "Results": [
        st.Page("pages/home.py", title="Home", default=True, visibility="hidden"),
        st.Page("pages/trust.py", title="Trust", url_path="results"),
        st.Page("pages/neighbourhood.py", title="One area", url_path="area"),
        st.Page("pages/voices.py", title="What residents say", url_path="themes"),
        st.Page("pages/actions.py", title="What was done", url_path="done"),
        st.Page("pages/beside.py", title="Side by side", url_path="sources"),
    ],
    "Survey": [
        st.Page("pages/import_wave.py", title="Import", url_path="import"),
        st.Page("pages/weighting.py", title="Weighting", url_path="weights"),
    ],
    "Words": [
        st.Page("pages/coding.py", title="Coding", url_path="readings"),
        st.Page("pages/codebook.py", title="Codebook", url_path="codes"),
        st.Page("pages/redaction.py", title="Names taken out", url_path="names"),
        st.Page("pages/comments.py", title="Comments from elsewhere", url_path="elsewhere"),
        st.Page("pages/focus_groups.py", title="Focus groups", url_path="transcripts"),
    ],
    "Analysis": [
        st.Page("pages/analyst.py", title="For analysts", url_path="questions"),
        st.Page("pages/reading.py", title="Words and themes", url_path="words"),
        st.Page("pages/groups.py", title="What groups say", url_path="heard"),
        st.Page("pages/downloads.py", title="Downloads", url_path="files"),
    ],
    "Set-up": [
        st.Page("pages/study.py", title="Studies", url_path="studies"),
    ],
}

st.set_page_config(page_title="Trust in the police", layout="wide")
st.navigation(PAGES, expanded=True).run()
