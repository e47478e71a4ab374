"""Run the reading process under limits and bring back its table or its refusal."""

from __future__ import annotations

import contextlib
import json
import os
import signal
import tempfile
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

from trustsurvey.errors import SurveyError
from trustsurvey.readers import worker
from trustsurvey.readers.dictionary import with_dictionary
from trustsurvey.readers.kinds import is_text
from trustsurvey.readers.raw import Raw

#: Largest file that the app takes; the command line has no such limit.
UPLOAD_LIMIT = 200 << 20

#: Signals by which a parser ends that has lost its way in a file; the others are limits that were reached.
BROKEN = {signal.SIGSEGV, signal.SIGBUS, signal.SIGILL, signal.SIGFPE} if os.name == "posix" else set()

Progress = Callable[[float], Any]


def read(
    path: str | Path,
    name: str | None = None,
    *,
    limit: int | None = None,
    progress: Progress | None = None,
    codebook: str | Path | None = None,
) -> Raw:
    """Read a survey export into a :class:`Raw`: CSV, TSV, workbooks, SPSS, Stata, Parquet, or one of them in a zip.

    The file is taken apart in a process of its own, limited in memory and time. ``limit`` refuses
    larger files unread; ``progress`` is called with numbers from 0 to 1. ``codebook``: the REDCap data
    dictionary of the export, which names its questions and values. Every defect of a file is a
    SurveyError with code ``read.*``.
    """
    if codebook is not None:
        return with_dictionary(read(path, name, limit=limit, progress=progress), read(codebook))
    path = Path(path)
    name = (name or path.name).replace("\0", "")
    try:
        size = path.stat().st_size
    except (OSError, ValueError) as error:
        raise SurveyError("read.absent", "There is no such file", where=str(path)) from error
    refuse_large(size, name, limit)
    if size == 0:
        raise SurveyError(
            "read.empty", "The file is empty", where=name, expected="a heading and one row a resident",
            hint="Export the answers again and check that the file has rows.",
        )  # fmt: skip
    folder = tempfile.TemporaryDirectory(prefix="trustsurvey-")
    try:
        _run(path, name, Path(folder.name), progress)
        return Raw.load(folder)
    except BaseException:
        folder.cleanup()
        raise


def refuse_large(size: int, name: str, limit: int | None) -> None:
    """Refuse a file above the limit before a byte of it is read."""
    if limit is not None and size > limit:
        raise SurveyError(
            "read.large",
            "The file is too large for the app",
            where=name,
            got=f"{size / 2**20:,.0f} MB",
            expected=f"at most {limit / 2**20:,.0f} MB",
            hint="Import it with the command line, which reads it piece by piece.",
        )


def _run(path: Path, name: str, folder: Path, progress: Progress | None) -> None:
    process = worker.spare.take() or worker.start("text" if is_text(path, name) else "any")
    watchdog = threading.Timer(worker.SECONDS, process.kill)
    watchdog.start()
    try:
        worker.tell(process, path, name, folder)
        assert process.stdout is not None
        for line in process.stdout:
            if progress is not None:
                with contextlib.suppress(ValueError):
                    progress(float(line))
        code = process.wait()
    finally:
        watchdog.cancel()
        worker.end(process)
        worker.spare.refill()
    refused = folder / "error.json"
    if refused.exists():
        raise SurveyError(**json.loads(refused.read_text(encoding="utf-8")))
    if code < 0 and -code in BROKEN:
        raise SurveyError(
            "read.broken",
            "The file is damaged so badly that its reader broke off",
            where=name,
            hint="Save it again from the program that made it, or export the answers as CSV.",
        )
    if code != 0 or not (folder / "meta.json").exists():
        raise SurveyError(
            "read.gave-up",
            "The file could not be read within the limits of memory and time",
            where=name,
            expected=f"a file that needs less than {worker.MEMORY >> 30} GB and {worker.SECONDS // 60} minutes",
            hint="A damaged workbook, or one whose sheet seems to reach to the last row and column, is the "
            "usual cause; copy the answers into a new workbook or export them as CSV.",
        )
