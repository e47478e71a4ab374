"""Parts of pages drawn for nobody, so that they are there when somebody comes."""

from __future__ import annotations

import threading
from collections.abc import Callable

from streamlit.runtime.fragment import MemoryFragmentStorage
from streamlit.runtime.memory_uploaded_file_manager import MemoryUploadedFileManager
from streamlit.runtime.pages_manager import PagesManager
from streamlit.runtime.scriptrunner import ScriptRunContext, add_script_run_ctx
from streamlit.runtime.state import SafeSessionState, SessionState

from trustsurvey import language


def unseen(draw: Callable[[], None]) -> None:
    """Call ``draw``, which draws on a page, in a run of its own whose page goes nowhere.

    Streamlit keeps what a part of a page is made of only where there is a page.
    """
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
