"""Themes that are in the answers and not in the codebook, each a button away from being one."""

from __future__ import annotations

from dataclasses import replace

import streamlit as st

from trustsurvey.language import _, translated
from trustsurvey.model import Codebook
from trustsurvey.present.words import count
from trustsurvey.store import Store
from trustsurvey.text.discovery import Themes, code_of
from trustsurvey.ui import voices
from trustsurvey.ui.guard import plain, refusals


def draw(store: Store, slug: str, book: Codebook) -> None:
    """Look for themes in the newest wave's answers in which no code was found, and list them."""
    with refusals():
        records = store.waves(slug)
    if not records:
        st.caption(_("There is no wave with answers yet."))
        return
    st.caption(
        _(
            "Looks in the answers of the newest wave in which neither a person nor a keyword found a "
            "theme, for words that come together. What comes up every time the search begins elsewhere is "
            "steady; what is unsteady may be chance."
        )
    )
    if not st.toggle(_("Look for them")):
        return
    with refusals():
        found = voices.missed(store, slug, records[-1], book)
    if found.notice is not None:
        st.info(plain(translated(found.notice.text)))
    for number, theme in enumerate(found.themes):
        words, add = st.columns([4, 1], vertical_alignment="center")
        words.markdown(
            _("**{theme_words}**: {texts} answers or more, {badge}").format(
                theme_words=plain(", ".join(theme.words[:6])), texts=count(theme.texts), badge=plain(theme.badge)
            )
        )
        if add.button(_("Make it a theme"), key=f"discovered {number}"):
            _add(book, found, number)


def _add(book: Codebook, found: Themes, number: int) -> None:
    """Put a theme into the table of the codebook, to be named and saved there."""
    theme = found.themes[number]
    start: Codebook = st.session_state.get("codebook read", book)
    code = code_of(theme, ", ".join(theme.words[:3]), start.keys)
    st.session_state["codebook read"] = replace(start, codes=(*start.codes, code))
    st.session_state["codebook file"] = f"discovered {code.key}"
    st.session_state["codebook told"] = _(
        "\u201c{code}\u201d stands at the end of the table. Name it, and save."
    ).format(code=plain(code.title))
    st.rerun()
