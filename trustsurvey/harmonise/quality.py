"""Which rows do not count: test answers, duplicates, partial answers. What looks doubtful."""

from __future__ import annotations

import numpy as np
import pandas as pd

from trustsurvey.errors import Notice
from trustsurvey.harmonise.values import ANSWERED, DONT_KNOW
from trustsurvey.model import Instrument
from trustsurvey.wording import fold

#: Identical answers count as a duplicate only with this many answered questions ...
ENOUGH_ANSWERS = 8
#: ... of this many different kinds, since two people who agree with everything are two people.
ENOUGH_VARIETY = 3
DAY = np.timedelta64(24, "h")


def preview_rows(status: np.ndarray, words: tuple[str, ...]) -> np.ndarray:
    """Mask of previews and test answers by the platform's status column."""
    marks = {fold(word) for word in words}
    return np.array([fold(value) in marks for value in status], dtype=bool)


def repeated(keys: np.ndarray) -> np.ndarray:
    """Mask of rows whose key, unless empty, stood in an earlier row."""
    series = pd.Series(keys, dtype=object)
    return (series.duplicated() & (series != "")).to_numpy()


def same_device(devices: np.ndarray, when: np.ndarray | None) -> np.ndarray:
    """Mask of rows from the same device within 24 hours of an earlier answer."""
    frame = pd.DataFrame({"device": devices, "when": pd.NaT if when is None else when})
    frame = frame[frame["device"] != ""]
    if when is None or frame.empty:
        return np.zeros(len(devices), dtype=bool)
    frame = frame.sort_values(["device", "when"], kind="stable")
    gap = frame.groupby("device")["when"].diff()
    mask = np.zeros(len(devices), dtype=bool)
    mask[frame.index[(gap <= DAY) & gap.notna()]] = True
    return mask


def identical(answers: pd.DataFrame, others: list[np.ndarray]) -> np.ndarray:
    """Mask of rows that repeat an earlier one in every answer and every other column given."""
    values = answers.to_numpy(float)
    if not len(values):
        return np.zeros(0, dtype=bool)
    answered = np.isfinite(values)
    ordered = np.sort(values, axis=1)
    variety = (np.diff(ordered, axis=1) > 0).sum(axis=1) + 1
    eligible = (answered.sum(axis=1) >= ENOUGH_ANSWERS) & (variety >= ENOUGH_VARIETY)
    frame = answers.fillna(-1e9).reset_index(drop=True)
    for k, other in enumerate(others):
        frame[f"other {k}"] = other
    return frame.duplicated().to_numpy() & eligible


def partial(missing: pd.DataFrame, instrument: Instrument, below: float) -> np.ndarray:
    """Mask of rows that answered less than a share of the questions put to everyone."""
    core = [name for name in missing.columns if not instrument.item(name).optional]
    if not core or below <= 0:
        return np.zeros(len(missing), dtype=bool)
    said = np.isin(missing[core].to_numpy(), (ANSWERED, DONT_KNOW))
    return said.mean(axis=1) < below


def doubts(
    answers: pd.DataFrame, instrument: Instrument, seconds: np.ndarray | None, shared: np.ndarray | None
) -> list[Notice]:
    """Notices about hasty and monotonous answers and shared addresses; nobody is dropped for them."""
    notices = []
    if seconds is not None and np.isfinite(seconds).sum() >= 20:
        fast = int((seconds < np.nanmedian(seconds) / 3).sum())
        if fast:
            notices.append(
                Notice(
                    "quality.speed",
                    f"{fast:,} answers took less than a third of the usual time "
                    f"({np.nanmedian(seconds) / 60:.0f} minutes). They are kept.",
                )
            )
    lines = _straight(answers, instrument)
    if lines:
        notices.append(
            Notice(
                "quality.straight",
                f"{lines:,} residents gave the same answer to all statements of a block, though some are "
                "worded the other way round. They are kept.",
            )
        )
    if shared is not None and shared.any():
        notices.append(
            Notice(
                "quality.address",
                f"{int(shared.sum()):,} answers came from an internet address already used within a day. "
                "Households and libraries share addresses, so they are kept.",
            )
        )
    return notices


def _straight(answers: pd.DataFrame, instrument: Instrument) -> int:
    """Residents with one answer throughout the items of one scale that include reversed ones."""
    blocks: dict[str, list[str]] = {}
    for name in answers.columns:
        blocks.setdefault(instrument.item(name).scale.name, []).append(name)
    flat = np.zeros(len(answers), dtype=bool)
    for names in blocks.values():
        reverse = [instrument.item(name).reverse for name in names]
        if len(names) < 5 or all(reverse) or not any(reverse):
            continue
        values = answers[names].to_numpy(float)
        enough = np.isfinite(values).sum(axis=1) >= 5
        with np.errstate(all="ignore"):
            spread = np.nanmax(np.where(enough[:, None], values, 0), axis=1) - np.nanmin(
                np.where(enough[:, None], values, 0), axis=1
            )
        flat |= enough & (spread == 0)
    return int(flat.sum())
