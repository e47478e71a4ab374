"""The reading process: ``python -m trustsurvey.readers FILE NAME FOLDER MEMORY SECONDS``.

It limits itself first, so that a file made to crash or to swell a parser ends this process and not the app, and looks
at the bytes while its libraries load.
"""

from __future__ import annotations

import contextlib
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from trustsurvey.errors import SurveyError
from trustsurvey.readers.kinds import kind_of
from trustsurvey.readers.look import look


def limit(memory: int, seconds: int) -> None:
    """Hold this process to so many bytes and seconds of the processor, where the system knows how."""
    try:
        import resource
    except ImportError:
        return
    for kind, most in ((resource.RLIMIT_AS, memory), (resource.RLIMIT_CPU, seconds), (resource.RLIMIT_CORE, 0)):
        hard = resource.getrlimit(kind)[1]
        # A limit that is lower already cannot be raised again, and some systems refuse one on memory.
        bound = most if hard == resource.RLIM_INFINITY else min(most, hard)
        with contextlib.suppress(ValueError, OSError):
            resource.setrlimit(kind, (bound, bound))


class _Without:
    """pyarrow loads libraries where it finds them, which takes longer than most files do; those are not needed here."""

    def __init__(self, *names: str) -> None:
        self.names = names

    def find_spec(self, name: str, path: object = None, target: object = None) -> None:
        if name in self.names:
            raise ModuleNotFoundError(name)


def is_text(file: Path, name: str) -> bool:
    """Whether a file is text, for which numpy is not needed either; what cannot be read is refused later."""
    try:
        return kind_of(file, name) == "text"
    except (SurveyError, OSError):
        return False


if __name__ == "__main__":
    file, name, folder, memory, seconds = sys.argv[1:]
    limit(int(memory), int(seconds))
    libraries = ("pandas", "cloudpickle", *(("numpy",) if is_text(Path(file), name) else ()))
    sys.meta_path.insert(0, _Without(*libraries))
    with ThreadPoolExecutor(1) as beside:
        looked = beside.submit(look, Path(file))
        from trustsurvey.readers import child

        child.main(Path(file), name, Path(folder), looked.result)
