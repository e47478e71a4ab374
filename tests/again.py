"""What Streamlit's runner of tests does again for every run of a page, done once; a page does all that it does."""

from __future__ import annotations

import functools
import os
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from streamlit.components.v2 import manifest_scanner
from streamlit.runtime.scriptrunner.script_cache import ScriptCache
from streamlit.testing.v1 import local_script_runner


@contextmanager
def done_once() -> Iterator[None]:
    """Packages are looked through and pages compiled once; the end of a run is waited for without asking for it."""
    compiled, ended = ScriptCache.get_bytecode, local_script_runner.require_widgets_deltas

    @functools.cache
    def kept(path: str, changed: int, size: int) -> Any:
        return compiled(ScriptCache(), path)

    def bytecode(cache: ScriptCache, path: str) -> Any:
        is_now = os.stat(path)
        return kept(os.path.abspath(path), is_now.st_mtime_ns, is_now.st_size)

    def wait(runner: Any, timeout: float = 3) -> None:
        runner._script_thread.join(timeout)
        if runner._script_thread.is_alive():
            ended(runner, 0)  # says that it took too long

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(
            manifest_scanner, "scan_component_manifests", functools.cache(manifest_scanner.scan_component_manifests)
        )
        patch.setattr(ScriptCache, "get_bytecode", bytecode)
        patch.setattr(local_script_runner, "require_widgets_deltas", wait)
        yield
