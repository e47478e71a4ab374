"""What pages will ask for is worked out beside the server when it starts, so that the first viewer need not wait.

Newest waves first. Everything goes through the caches of the pages, where it is kept under the states of the
waves; a viewer who comes meanwhile waits for what is being made and does not make it again.
"""

from __future__ import annotations

import contextlib
import gc
import importlib
import threading
import time

from trustsurvey.errors import SurveyError
from trustsurvey.present import pdf
from trustsurvey.readers.worker import spare

#: What the pages of results load when they are opened first.
MODULES = (
    "workbench",
    "present.maps",
    "present.pairs",
    "present.area",
    "present.beside",
    "ui.briefing",
    "ui.views",
    "ui.crossed",
)
#: Waves that are made ready at most, and seconds between looks whether the server has started.
MOST, PAUSE = 32, 0.05


def begin() -> threading.Thread:
    """Make ready in a thread that ends with the server; a process waits for the first file that is dropped."""
    thread = threading.Thread(target=_once_started, name="make ready", daemon=True)
    thread.start()
    return thread


def _once_started() -> None:
    from streamlit.runtime import Runtime

    spare.keep()
    for module in MODULES:
        importlib.import_module(f"trustsurvey.{module}")
    importlib.import_module("streamlit.emojis")  # a large pattern, for the first warning of a page
    pdf.available()
    while not Runtime.exists():
        time.sleep(PAUSE)
    make_ready()
    # What is kept for all viewers need not be looked through for garbage at their every choice.
    gc.collect()
    gc.freeze()


def make_ready() -> None:
    """The pictures of all studies: the newest wave of each with its themes, earlier waves, the newest by other scores.

    What cannot be made is left out: a page says why.
    """
    import streamlit as st

    from trustsurvey.ui import actions, briefing, cache

    # Within a cached function no other shows a sign of waiting, which there is no page for.
    @st.cache_resource(show_spinner=False)
    def make(slug: str, state: object, at: int, what: str) -> None:
        with contextlib.suppress(SurveyError):
            shown = cache.study_picture(store, slug, waves[slug], at)
            if what == "themes":
                briefing.heard(store, slug, waves[slug], at)
                cache.companions(store, slug, waves[slug][at], shown.measure)
                actions.record(store, slug, waves[slug][: at + 1])
            for measure in dict.fromkeys(shown.estimates.table["measure"]) if what == "scores" else ():
                if measure != shown.measure:
                    cache.study_picture(store, slug, waves[slug], at, measure)
                    cache.companions(store, slug, waves[slug][at], measure)

    with contextlib.suppress(SurveyError):
        store = cache.store()
        waves = {record.slug: store.waves(record.slug) for record in store.studies()}
        newest = [(slug, len(records) - 1) for slug, records in waves.items() if records]
        earlier = [(slug, at) for slug, last in newest for at in range(last - 1, -1, -1)]
        order = (("", newest), ("themes", newest), ("", earlier), ("scores", newest), ("themes", earlier))
        for what, places in order:
            for slug, at in places[:MOST]:
                make(slug, cache.parts_of(waves[slug]), at, what)
