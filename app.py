"""trustsurvey: the table of pages. Run with ``python -m trustsurvey app``."""

import streamlit as st

from trustsurvey.rights import Action, allowed
from trustsurvey.ui.guard import refusals
from trustsurvey.ui.sidebar import signed_in
from trustsurvey.ui.signing import person

#: Section: page (its file, title, address, the right it needs). Addresses differ from file names, so that a deep link
#: always runs this file first. Each page asks for its right again.
PAGES: dict[str, list[tuple[str, str, str, Action]]] = {
    "Results": [
        ("trust", "Trust", "results", "see"),
        ("neighbourhood", "One area", "area", "see"),
        ("voices", "What residents say", "themes", "see"),
        ("actions", "What was done", "done", "see"),
        ("beside", "Side by side", "sources", "see"),
    ],
    "Survey": [
        ("import_wave", "Import", "import", "import"),
        ("weighting", "Weighting", "weights", "weigh"),
    ],
    "Words": [
        ("coding", "Coding", "readings", "code"),
        ("codebook", "Codebook", "codes", "edit codebook"),
        ("redaction", "Names taken out", "names", "see unredacted"),
        ("comments", "Comments from elsewhere", "elsewhere", "import"),
        ("focus_groups", "Focus groups", "transcripts", "import"),
    ],
    "Analysis": [
        ("analyst", "For analysts", "questions", "analyse"),
        ("reading", "Words and themes", "words", "code"),
        ("groups", "What groups say", "heard", "code"),
        ("downloads", "Downloads", "files", "download results"),
    ],
    "Set-up": [
        ("study", "Studies", "studies", "edit study"),
        ("accounts", "Accounts", "people", "manage accounts"),
        ("audit", "Who did what", "trail", "see audit"),
    ],
}

st.set_page_config(page_title="Trust in the police", layout="wide")
with refusals():
    who = person()
    signed_in(who)
    pages = {
        section: [
            st.Page(f"pages/{file}.py", title=title, url_path=address)
            for file, title, address, action in entries
            if allowed(who, action, "*")
        ]
        for section, entries in PAGES.items()
    }
    home = st.Page("pages/home.py", title="Home", default=True, visibility="hidden")
    st.navigation({"": [home], **{section: shown for section, shown in pages.items() if shown}}, expanded=True).run()
