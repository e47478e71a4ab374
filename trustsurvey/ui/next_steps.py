"""What is still to do for a wave, from its file to its release, in the order in which it is done."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from trustsurvey.language import _, ngettext
from trustsurvey.store import TaskRecord, WaveRecord
from trustsurvey.voices.mentions import ENOUGH_READ


@dataclass(frozen=True)
class Step:
    """One step: what it is called, whether it is done, how it stands, and the page on which it is done."""

    title: str
    done: bool
    told: str
    page: str


def steps(record: WaveRecord | None, read: int, tasks: Sequence[TaskRecord]) -> list[Step]:
    """The steps of a wave, None for one that is not imported yet.

    ``read``: how many answers to one of its open questions were drawn at random and read, where most were.

    Open answers are read only where the file has some; that they are not all read keeps nobody from releasing.
    """
    waiting = sum(task.open for task in tasks)
    found = []
    if waiting:
        told = ngettext("{n} file waits for an answer.", "{n} files wait for an answer.", waiting).format(n=waiting)
        found.append(Step(_("Answer a question about a file"), False, told, "pages/import_wave.py"))
    if record is None:
        return [*found, Step(_("Import a survey"), False, _("Drop the file of the survey tool."),
                             "pages/import_wave.py")]  # fmt: skip
    rows = ngettext("{n} answer of {file}.", "{n} answers of {file}.", record.rows)
    found.append(Step(_("Import a survey"), True, rows.format(n=f"{record.rows:,}", file=record.file),
                      "pages/import_wave.py"))  # fmt: skip
    told = (
        _("The answers count as residents do.")
        if record.weighted
        else _("Those who answered are not like all residents: weights put that right as far as it can be.")
    )
    found.append(Step(_("Make weights"), record.weighted, told, "pages/weighting.py"))
    if any(record.mapping.having("text")):
        enough = read >= ENOUGH_READ
        told = (
            ngettext("{n} reading.", "{n} readings.", read).format(n=f"{read:,}")
            if enough
            else _("{n} of at least {least} are read. Before, nothing is said of themes.").format(
                n=read, least=ENOUGH_READ
            )
        )
        found.append(Step(_("Read what residents wrote"), enough, told, "pages/coding.py"))
    told = (
        _("Commanders see this wave.")
        if record.released
        else _("Until then only those see it who make it ready.")
    )  # fmt: skip
    found.append(Step(_("Release the wave"), record.released, told, "pages/weighting.py"))
    return found
