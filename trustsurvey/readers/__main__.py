"""The reading process: ``python -m trustsurvey.readers MEMORY SECONDS LOAD``, told its file on standard input.

It limits itself first, so that a file made to crash or to swell a parser ends this process and not the app, and looks
at the bytes while its libraries load. Where it was started before there is a file, it loads them and waits.
"""

from __future__ import annotations

import contextlib
import importlib
import json
import os
import sys
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path

from trustsurvey.readers.bounds import limit
from trustsurvey.readers.look import Look, look

#: What most files need.
MOST = ("numpy", "pyarrow.compute", "trustsurvey.readers.text", "trustsurvey.readers.workbook", "python_calamine")


class _Without:
    """pyarrow loads libraries where it finds them, which takes longer than most files do; those are not needed here."""

    def __init__(self, *names: str) -> None:
        self.names = names

    def find_spec(self, name: str, path: object = None, target: object = None) -> None:
        if name in self.names:
            raise ModuleNotFoundError(name)


def told() -> tuple[list[str], Future[Look]] | None:
    """The file that this process is to read, its name and the folder for its table; the look at it has begun."""
    line = sys.stdin.readline()
    if not line:
        return None
    job = json.loads(line)
    return job, beside.submit(look, Path(job[0]))


if __name__ == "__main__":
    memory, seconds, load = sys.argv[1:]
    limit(int(memory), int(seconds))
    # For a text numpy is not needed either.
    sys.meta_path.insert(0, _Without("pandas", "cloudpickle", *(("numpy",) if load == "text" else ())))
    with ThreadPoolExecutor(1) as beside:
        waiting = beside.submit(told)
        from trustsurvey.readers import child

        for module in MOST if load == "all" else ():
            with contextlib.suppress(ImportError):
                importlib.import_module(module)
        if (job := waiting.result()) is not None:
            (path, name, folder), looked = job
            child.main(Path(path), name, Path(folder), looked.result)
            sys.stdout.flush()
            os._exit(0)  # taking the interpreter down takes longer than many files do
