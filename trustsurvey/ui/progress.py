"""Work that takes its time: how far it is, how long it will still take, and a way to break it off."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import streamlit as st

from trustsurvey.language import _, ngettext
from trustsurvey.wording import in_words

#: Seconds before it is foretold how long the rest will take, and the share that must be done by then.
SURE_AFTER, SURE_FROM = 1.5, 0.02


@contextmanager
def under_way(doing: str, broken_off: Callable[..., Any], *args: Any) -> Iterator[Callable[[float], None]]:
    """A bar that work moves on by calling what it is given with a share from 0 to 1, and a button to break off.

    Streamlit ends a run at its next step where somebody presses a button, opens another page or closes the tab. So
    what is called here ends the work, which must not have kept anything by then. ``broken_off``: called, with
    ``args``, where the button was pressed, before the page is drawn anew.
    """
    place = st.empty()
    begun = time.monotonic()
    with place.container():
        bar = st.progress(0.0, f"{doing} \u2026")
        st.button(_("Stop"), on_click=broken_off, args=args, key=f"stop {doing}",
                  help=_("Nothing of it is kept. Leaving this page stops it as well."))  # fmt: skip

    def step(share: float) -> None:
        share = min(max(share, 0.0), 1.0)
        rest = left(time.monotonic() - begun, share)
        bar.progress(share, f"{doing}: {share:.0%}" + (f", {rest}" if rest else ""))

    try:
        yield step
    finally:
        place.empty()


def left(passed: float, share: float) -> str:
    """How long the rest takes at the pace so far, as "about 40 seconds left"; "" while that is a guess."""
    if passed < SURE_AFTER or not SURE_FROM <= share < 1:
        return ""
    seconds = passed * (1 - share) / share
    if seconds < 5:
        return _("a few seconds left")
    if seconds < 90:
        return _("about {n} seconds left").format(n=round(seconds / 5) * 5)
    minutes = round(seconds / 60)
    return ngettext("about {n} minute left", "about {n} minutes left", minutes).format(n=in_words(minutes))
