"""What residents say to an open question, as the pages of results show it."""

from __future__ import annotations

import streamlit as st

from trustsurvey.language import _
from trustsurvey.present import charts, themes
from trustsurvey.present.briefing import Voice
from trustsurvey.ui import pieces
from trustsurvey.ui.guard import plain
from trustsurvey.voices.picture import Themes
from trustsurvey.wording import figure


def mentioned(found: Themes, heading: str, key: str) -> None:
    """The themes that are under no other, with their ranges; the numbers have all of them."""
    everyone = themes.in_percent(found.rows())
    drawn = everyone[everyone["measure"].isin(found.top())].head(themes.DRAWN)
    pieces.chart(
        charts.dots(drawn, "title", top=themes.chart_end(drawn)),
        f"### {heading}\n"
        + _(
            "Of a hundred residents who answered, so many mention each theme; the line is where the number "
            "likely lies. Somebody may mention several. The chart ends at {end}."
        ).format(end=figure(themes.chart_end(drawn), ".0f")),
        themes.share_table(everyone.assign(**{n: everyone[n] / 100 for n in ("est", "lci", "uci")}), "title"),
        key,
    )


def changed(found: Themes) -> None:
    """What is mentioned more or less often than in the wave before."""
    st.markdown("### " + _("What changed") + "\n" + pieces.lines(themes.change_words(found)))
    if found.change is not None:
        pieces.numbers(themes.change_table(found))


def voices(heard: list[Voice]) -> None:
    """Each open question on the page of results: themes, what changed, a quote of each theme mentioned most."""
    for number, voice in enumerate(heard):
        block = pieces.blocks()
        with block():
            mentioned(voice.found, plain(voice.found.question), f"themes {number}")
        with block():
            changed(voice.found)
            for code, said in voice.quotes.items():
                if said.typical:
                    st.markdown(f"**{plain(voice.found.title(code))}**\n\n> \u201c{plain(said.typical[0])}\u201d")
