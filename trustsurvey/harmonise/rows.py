"""Which rows of a file count as answers."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pandas as pd

from trustsurvey.errors import Notice
from trustsurvey.harmonise import quality
from trustsurvey.harmonise.timing import texts, times
from trustsurvey.language import N_
from trustsurvey.model import Instrument, Mapping, RowCheck
from trustsurvey.readers.platforms import platform_named
from trustsurvey.readers.raw import Raw


def rows_that_count(
    raw: Raw, mapping: Mapping, instrument: Instrument, answers: pd.DataFrame, missing: pd.DataFrame,
    people: pd.DataFrame,
) -> tuple[np.ndarray, list[RowCheck]]:  # fmt: skip
    """Mask of the rows to keep, and a check for each reason that left rows out; a row goes for its first reason."""
    keep = np.ones(raw.rows, dtype=bool)
    dropped: list[RowCheck] = []

    def drop(reason: str, said: str, rule: Callable[..., np.ndarray], *columns: np.ndarray | pd.DataFrame) -> None:
        # Only rows still kept are looked at, so that a dropped row makes nobody a duplicate.
        mask = np.zeros(raw.rows, dtype=bool)
        mask[keep] = rule(*(column[keep] for column in columns))
        if mask.any():
            dropped.append(row_check(reason, said, mask, raw.row_numbers, "left out"))
            keep[mask] = False

    states, ids = row_states(raw, mapping), texts(raw, mapping, "id")
    rule = N_("the status that the platform gave them")
    if not mapping.keep_tests:
        drop(N_("test answers and previews"), rule, lambda cells: cells == "test", states)
    drop(N_("turned away or ruled out in the survey tool"), rule, lambda cells: cells == "disqualified", states)
    if ids is not None and not mapping.keep_duplicates:
        drop(N_("same respondent id as an earlier row"), N_("the same id, letter for letter"), quality.repeated, ids)
    when = times(raw, mapping, "start", "end")
    if when is not None and not mapping.keep_duplicates and len(list(mapping.having("device"))) > 1:
        drop(
            N_("same device as an earlier row within a day"),
            N_("the same internet address and browser within 24 hours"),
            quality.same_device,
            device_keys(raw, mapping),
            when,
        )
    drop(
        N_(f"answered less than {mapping.partial_below:.0%} of the questions put to everyone"),
        N_("an answer or \u201cdon't know\u201d to a question that is not only for some counts"),
        lambda part: quality.partial(part, instrument, mapping.partial_below),
        missing,
    )
    if not mapping.keep_duplicates:
        others = [pd.factorize(people[name])[0] for name in people.columns]
        others += [raw.values(column.column).codes for column in mapping.having("text")]
        drop(
            N_("identical to an earlier row in every answer"),
            N_(
                f"at least {quality.ENOUGH_ANSWERS} answers of {quality.ENOUGH_VARIETY} kinds, and every group and "
                "comment"
            ),
            lambda part, *rest: quality.identical(part, list(rest)),
            answers,
            *others,
        )
    return keep, dropped


def row_states(raw: Raw, mapping: Mapping) -> np.ndarray:
    """What the platform's own columns of states say of each row: test, disqualified, partial or nothing."""
    platform = platform_named(mapping.platform)
    states = np.full(raw.rows, "", dtype="<U12")
    for column in mapping.having("status"):
        values = raw.values(column.column)
        said = values.apply([state or "" for state in platform.meanings(column.column, values.distinct)], "<U12")
        # A test answer is one, however complete another column calls it.
        stronger = (states == "") | (said == "test") | ((said == "disqualified") & (states == "partial"))
        states = np.where((said != "") & stronger, said, states)
    return states


def unfinished(raw: Raw, mapping: Mapping, keep: np.ndarray) -> list[quality.Doubt]:
    """Rows kept that the platform itself marks as not finished."""
    mask = row_states(raw, mapping)[keep] == "partial"
    if not mask.any():
        return []
    notice = Notice(
        "quality.unfinished",
        f"{int(mask.sum()):,} answers were not finished, by the survey tool's own mark. They are kept, since they hold "
        "enough answers.",
    )
    rule = N_("the mark that the survey tool gave them")
    return [quality.Doubt(N_("not finished"), rule, mask, notice)]


def row_check(check: str, rule: str, mask: np.ndarray, rows: np.ndarray, done: str) -> RowCheck:
    """A check of rows with the numbers of the first that it found."""
    return RowCheck(check, rule, int(mask.sum()), done, tuple(int(row) for row in rows[mask][:5]))


def device_keys(raw: Raw, mapping: Mapping) -> np.ndarray:
    """What tells the device of each row: all device columns together, empty where one is."""
    parts = [raw.values(column.column) for column in mapping.having("device")]
    cells = [part.apply(part.distinct, object) for part in parts]
    return np.array(["\x1f".join(row) if all(row) else "" for row in zip(*cells, strict=True)], dtype=object)


def shared_address(raw: Raw, mapping: Mapping, keep: np.ndarray) -> np.ndarray | None:
    """Rows kept whose address, where that is all a platform tells, was used less than a day before."""
    when = times(raw, mapping, "start", "end")
    if when is None or len(list(mapping.having("device"))) != 1:
        return None
    return quality.same_device(device_keys(raw, mapping)[keep], when[keep])
