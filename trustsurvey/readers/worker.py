"""Reading processes: started for a file, or kept waiting by the app so that nobody waits for one to start."""

from __future__ import annotations

import contextlib
import json
import os
import subprocess
import sys
import threading
from pathlib import Path
from typing import Literal

MEMORY = 4 << 30
SECONDS = 600

#: What a process is to load: for a text, which needs little; for any file; before it waits, what most files need.
Load = Literal["text", "any", "all"]


class Spare:
    """One process that waits for its file, if there is to be one."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._waiting: subprocess.Popen[bytes] | None = None
        self._wanted = False

    def keep(self) -> None:
        """From now on have a process waiting; it ends with this one."""
        self._wanted = True
        self.refill()

    def refill(self) -> None:
        """Start the next process, where one is to wait and none does."""
        with self._lock:
            if self._wanted and (self._waiting is None or self._waiting.poll() is not None):
                self._waiting = start("all")

    def take(self) -> subprocess.Popen[bytes] | None:
        """The process that waits; None where there is none."""
        with self._lock:
            process, self._waiting = self._waiting, None
        return process if process is not None and process.poll() is None else None

    def dismiss(self) -> None:
        """Have no process waiting any more."""
        self._wanted = False
        process = self.take()
        if process is not None:
            end(process)


#: The one of this process.
spare = Spare()


def start(load: Load) -> subprocess.Popen[bytes]:
    """A process under limits that waits for the file that it is told."""
    command = [sys.executable, "-P", "-m", "trustsurvey.readers", str(MEMORY), str(SECONDS), load]
    # The child must find this package wherever it lies; nothing else of the environment matters.
    package = str(Path(__file__).resolve().parents[2])
    environment = {
        **os.environ,
        "PYTHONPATH": os.pathsep.join(filter(None, [package, os.environ.get("PYTHONPATH", "")])),
        # The system's own pool keeps the address space of a block for each column: a thousand break the limit.
        "ARROW_DEFAULT_MEMORY_POOL": "mimalloc",
        "OMP_NUM_THREADS": "1",
        "OPENBLAS_NUM_THREADS": "1",
    }
    return subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, env=environment
    )


def tell(process: subprocess.Popen[bytes], path: Path, name: str, folder: Path) -> None:
    """Give a process its file. One that has ended already is found out by its exit code."""
    assert process.stdin is not None
    job = json.dumps([str(path.resolve()), name, str(folder)])
    with contextlib.suppress(BrokenPipeError):
        process.stdin.write(job.encode("utf-8") + b"\n")
        process.stdin.close()


def end(process: subprocess.Popen[bytes]) -> None:
    """See a process out, whatever it does."""
    if process.poll() is None:
        process.kill()
        process.wait()
    for pipe in (process.stdin, process.stdout):
        if pipe is not None:
            with contextlib.suppress(BrokenPipeError):
                pipe.close()
