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

from streamlit.runtime import Runtime

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
)
#: Waves that are made ready at most, and seconds between looks whether the server has started.
MOST, PAUSE = 32, 0.05


def begin() -> threading.Thread:
    """Make ready in a thread that ends with the server; a process waits for the first file that is dropped."""
    thread = threading.Thread(target=_once_started, name="make ready", daemon=True)
    thread.start()
    return thread


def _once_started() -> None:
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
    """The pictures of all studies by all scores, with what the pages of results draw of them; newest waves first.

    What cannot be made is left out: a page says why.
    """
    from trustsurvey.ui import actions, ahead, cache, voices

    def scores(slug: str, at: int) -> list[str | None]:
        """The headline of a wave, and its other scores."""
        shown = cache.study_picture(store, slug, waves[slug], at)
        others = dict.fromkeys(shown.estimates.table["measure"])
        return [None, *(measure for measure in others if measure != shown.measure)]

    def make(slug: str, at: int, what: str) -> None:
        with contextlib.suppress(SurveyError):
            for score in scores(slug, at) if what == "scores" else (None,):
                shown = cache.study_picture(store, slug, waves[slug], at, score)
                if what in ("scores", "themes"):
                    cache.companions(store, slug, waves[slug][at], shown.measure)
            if what == "themes":
                voices.heard(store, slug, waves[slug], at)
                actions.record(store, slug, waves[slug][: at + 1])
            if what == "draw" and Runtime.exists():  # what was drawn is kept nowhere else
                for score in scores(slug, at):
                    ahead.draw_score(store, slug, waves[slug], at, score)
                ahead.draw_heard(store, slug, waves[slug], at)
                if at == len(waves[slug]) - 1:
                    ahead.draw_areas(store, slug, waves[slug], at)

    with contextlib.suppress(SurveyError):
        store = cache.store()
        waves = {record.slug: store.waves(record.slug) for record in store.studies()}
        newest = [(slug, len(records) - 1) for slug, records in waves.items() if records]
        earlier = [(slug, at) for slug, last in newest for at in range(last - 1, -1, -1)]
        order = (("", newest), ("themes", newest), ("", earlier), ("scores", newest), ("draw", newest),
                 ("themes", earlier), ("scores", earlier), ("draw", earlier))  # fmt: skip
        for what, places in order:
            for slug, at in places[:MOST]:
                make(slug, at, what)
