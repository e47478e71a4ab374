"""Answers of single residents leave by this door alone: asked for the right and a reason, and written down."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime

from trustsurvey.analysis import Picture
from trustsurvey.errors import SurveyError
from trustsurvey.export.takeaway import Choice, takeaway_files, told_of
from trustsurvey.model import Wave
from trustsurvey.replication.replicates import Replicates
from trustsurvey.reproduction.recipe import recipe
from trustsurvey.store import Store
from trustsurvey.voices.study import corrected

#: Letters that a reason must have at least.
LEAST_REASON = 10


def need_reason(reason: str, where: str) -> None:
    """Refuse (``export.reason``) what does not say what answers of single residents are needed for."""
    if len(reason.strip()) < LEAST_REASON:
        raise SurveyError("export.reason", "Answers of single residents are taken away for a reason", where=where,
                          got=f"'{reason.strip()}'" if reason.strip() else "none",
                          expected="what they are needed for, in a few words; it is kept")  # fmt: skip


def take_away(
    store: Store,
    picture: Picture,
    waves: Sequence[Wave],
    reason: str,
    choice: Choice | None = None,
    replicates: Replicates | None = None,
) -> dict[str, bytes]:
    """The files of ``takeaway.takeaway_files`` and the reproducibility file, for the wave of a picture.

    ``waves``: those up to that of the picture, as it was made from. What was taken, by whom and why is in the audit
    trail before anything is given back. SurveyError ``rights.denied``, ``export.reason``.
    """
    slug, choice = picture.study.slug, choice or Choice()
    store.need("download microdata", slug)
    if choice.open_answers:
        store.need("code", slug)
    need_reason(reason, slug)
    records = {record.name: record for record in store.waves(slug)}
    if choice.open_answers:
        picture = replace(picture, wave=corrected(store, slug, picture.wave))
    told = told_of(store.person.name, datetime.now(UTC).date(), reason)
    files = takeaway_files(picture, records[picture.wave.name], choice, told, replicates)
    sources = [records[wave.name] for wave in waves]
    files["reproduce.yaml"] = recipe(picture, waves, sources, store.margins(slug)).encode("utf-8")
    more = [*choice.formats, *(["weights"] if choice.weights else [])]
    more += [f"{len(replicates):,} replicates"] if replicates is not None and choice.weights else []
    more += ["open answers"] if choice.open_answers else []
    done = f"{', '.join(more)}; {' '.join(reason.split())}"
    store.note("take away", f"{slug}/{picture.wave.name}", done)
    return files
