"""Parts of pages drawn for nobody, so that they are there when somebody comes.

Streamlit keeps what was drawn where it runs, and only there.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from functools import partial

from streamlit.runtime.fragment import MemoryFragmentStorage
from streamlit.runtime.memory_uploaded_file_manager import MemoryUploadedFileManager
from streamlit.runtime.pages_manager import PagesManager
from streamlit.runtime.scriptrunner import ScriptRunContext, add_script_run_ctx
from streamlit.runtime.state import SafeSessionState, SessionState

from trustsurvey import language
from trustsurvey.present import area
from trustsurvey.store import Store, WaveRecord
from trustsurvey.ui import cache, one_area, results, said, views, voices


def draw_score(store: Store, slug: str, records: list[WaveRecord], at: int, score: str | None) -> None:
    """The page of results of a wave by a score, None for the headline."""
    picture = cache.study_picture(store, slug, records, at, score)
    for view in picture.levels:
        views.level_map(store, slug, view)
    found = cache.companions(store, slug, records[at], picture.measure)
    waves, about = [record.name for record in records[: at + 1]], cache.about(store, slug, records, at, score)
    for part in results.ahead(picture, waves, found, about):
        unseen(part)


def draw_heard(store: Store, slug: str, records: list[WaveRecord], at: int) -> None:
    """What residents say in a wave, as the page of results shows it."""
    unseen(partial(cache.once, said.voices, voices.heard(store, slug, records, at)))


def draw_areas(store: Store, slug: str, records: list[WaveRecord], at: int) -> None:
    """The pages of all areas of a wave, by the headline."""
    picture, about = cache.study_picture(store, slug, records, at), cache.about(store, slug, records, at, None)
    for view in picture.levels:
        pictures = one_area.pictures(store, slug, records, at, None, view)
        crossed = one_area.crossed(store, slug, records, at, picture, view)
        for name in area.names(view):
            one = area.Area.of(picture, view.level.key, name)
            for part in one_area.ahead(one, pictures, crossed, (about, view.level.key, name)):
                unseen(part)


def unseen(draw: Callable[[], None]) -> None:
    """Call ``draw``, which draws on a page, in a run of its own whose page goes nowhere."""
    page = ScriptRunContext(
        session_id="",
        _enqueue=lambda _message: None,
        query_string="",
        session_state=SafeSessionState(SessionState(), lambda: None),
        uploaded_file_mgr=MemoryUploadedFileManager(""),
        main_script_path="",
        user_info={},
        fragment_storage=MemoryFragmentStorage(),
        pages_manager=PagesManager(""),
    )
    failed: list[BaseException] = []

    def run() -> None:
        add_script_run_ctx(threading.current_thread(), page)
        language.use(None)
        try:
            draw()
        except BaseException as error:  # noqa: BLE001 - it belongs to whoever asked
            failed.append(error)

    thread = threading.Thread(target=run, name="draw ahead", daemon=True)
    thread.start()
    thread.join()
    if failed:
        raise failed[0]
