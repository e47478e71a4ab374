"""trustsurvey: the table of pages. Run with ``python -m trustsurvey app``."""

import streamlit as st

from trustsurvey.language import N_, _
from trustsurvey.rights import Action, allowed
from trustsurvey.ui.guard import refusals
from trustsurvey.ui.sidebar import signed_in
from trustsurvey.ui.signing import person
from trustsurvey.ui.speech import listen

#: Section: page (its file, title, address, the right it needs). Addresses differ from file names, so that a deep link
#: always runs this file first. Each page asks for its right again.
PAGES: dict[str, list[tuple[str, str, str, Action]]] = {
    N_("Results"): [
        ("trust", N_("Trust"), "results", "see"),
        ("neighbourhood", N_("One area"), "area", "see"),
        ("voices", N_("What residents say"), "themes", "see"),
        ("actions", N_("What was done"), "done", "see"),
        ("beside", N_("Side by side"), "sources", "see"),
    ],
    N_("Survey"): [
        ("start", N_("Next steps"), "next", "import"),
        ("import_wave", N_("Import"), "import", "import"),
        ("weighting", N_("Weighting"), "weights", "weigh"),
    ],
    N_("Words"): [
        ("coding", N_("Coding"), "readings", "code"),
        ("codebook", N_("Codebook"), "codes", "edit codebook"),
        ("redaction", N_("Names taken out"), "names", "see unredacted"),
        ("comments", N_("Comments from elsewhere"), "elsewhere", "import"),
        ("focus_groups", N_("Focus groups"), "transcripts", "import"),
    ],
    N_("Analysis"): [
        ("analyst", N_("For analysts"), "questions", "analyse"),
        ("reading", N_("Words and themes"), "words", "code"),
        ("groups", N_("What groups say"), "heard", "code"),
        ("downloads", N_("Downloads"), "files", "download results"),
    ],
    N_("Set-up"): [
        ("study", N_("Studies"), "studies", "edit study"),
        ("accounts", N_("Accounts"), "people", "manage accounts"),
        ("audit", N_("Who did what"), "trail", "see audit"),
    ],
}

listen()
st.set_page_config(page_title=_("Trust in the police"), layout="wide")
with refusals():
    who = person()
    signed_in(who)
    pages = {
        section: [
            st.Page(f"pages/{file}.py", title=_(title), url_path=address)
            for file, title, address, action in entries
            if allowed(who, action, "*")
        ]
        for section, entries in PAGES.items()
    }
    home = st.Page("pages/home.py", title=_("Home"), default=True, visibility="hidden")
    st.navigation({"": [home], **{_(section): shown for section, shown in pages.items() if shown}}, expanded=True).run()
