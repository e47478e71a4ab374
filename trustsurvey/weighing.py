"""Weights of saved waves: made from margins, or brought, and kept as drafts."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Literal

from trustsurvey.errors import SurveyError, some
from trustsurvey.model import Margins, Wave
from trustsurvey.readers.tables import read_table
from trustsurvey.store import Store
from trustsurvey.weighting.population import apart_from_numbers
from trustsurvey.weighting.residents import weights_from_table
from trustsurvey.weighting.trimming import trim
from trustsurvey.weighting.weigh import bring, calibrate, rake


def weighted(
    wave: Wave,
    margins: Margins,
    method: Literal["rake", "linear"] = "rake",
    trim_to: tuple[float, float] | None = None,
    **choices: Any,
) -> Wave:
    """A wave raked, or calibrated linearly, to margins; ``trim_to`` cuts the weights off afterwards.

    ``trim_to``: smallest and largest weight in multiples of the mean; the margins then move (see
    ``trimming.trim``). Totals and means of columns of numbers among the margins are met together with
    the others. ``choices``: those of ``weigh.rake``; bounds are multiples of the mean for both methods.
    """
    margins, totals, means = apart_from_numbers(margins)
    make = rake if method == "rake" else calibrate
    # Base weights of 1 beside counts of people would leave no bounds on the base weights that can be met.
    made = make(wave, margins, totals=totals or None, means=means or None, **{"bounds_on": "mean", **choices})
    return made if trim_to is None else trim(made, *trim_to)


def weigh_wave(
    store: Store, slug: str, name: str, margins: Margins | None = None, reason: str = "", **choices: Any
) -> Wave:
    """Weight a saved wave to the study's margins, or to others, and save the weights as its draft.

    ``choices`` are those of :func:`weighted`.
    """
    revision = _revision(store, slug, name)
    wave, _ = store.load_wave(slug, name)
    made = weighted(wave, margins or _margins(store, slug), **choices)
    store.save_weighting(slug, made, revision=revision, reason=reason)
    return made


def weigh_all(
    store: Store, slug: str, margins: Margins | None = None, reason: str = "", **choices: Any
) -> dict[str, Wave]:
    """Weight every wave of a study in the same way, all or none of them, and save the weights as drafts.

    ``choices`` are those of :func:`weighted`. SurveyError names the wave that cannot be weighted so.
    """
    records = store.waves(slug)
    margins = margins or _margins(store, slug)
    made: dict[str, Wave] = {}
    for record in records:
        try:
            made[record.name] = weighted(store.load_wave(slug, record.name)[0], margins, **choices)
        except SurveyError as error:
            where = record.name if error.where in ("", record.name) else f"{record.name}, {error.where}"
            raise SurveyError(**(error.as_dict() | {"where": where})) from error
    released = [record.name for record in records if record.ever_released]
    if released and not reason.strip():
        raise SurveyError("store.needs-reason", f"Released already: {some(released)}",
                          where=slug, expected="a reason for weighting them anew")  # fmt: skip
    for record in records:
        store.save_weighting(slug, made[record.name], revision=record.revision, reason=reason)
    return made


def bring_weights(
    store: Store, slug: str, name: str, path: str | Path, reason: str = "", file: str | None = None
) -> Wave:
    """Put weights that were made elsewhere on a saved wave, and save them as its draft.

    The table has a row a resident: ``respondent`` (the pseudonym) or ``source_row``, and ``weight``.
    ``reason``: who made them, and how; it is kept with them.
    """
    revision = _revision(store, slug, name)
    wave, _ = store.load_wave(slug, name)
    source = file or Path(path).name
    values = weights_from_table(wave, read_table(path, file), source)
    made = bring(wave, values, reason=reason.strip() or f"from {source}")
    store.save_weighting(slug, made, revision=revision, reason=reason)
    return made


def _margins(store: Store, slug: str) -> Margins:
    margins = store.margins(slug)
    if margins is None:
        raise SurveyError(
            "margins.none", "The study has no population margins", where=slug,
            expected="a table with variable, category and count",
            hint="Give one, or go on without weights: the results then speak for those who answered.",
        )  # fmt: skip
    return margins


def _revision(store: Store, slug: str, name: str) -> int | None:
    """What weights are saved upon; None for a wave that is not there, which loading it says."""
    return next((record.revision for record in store.waves(slug) if record.name == name), None)
