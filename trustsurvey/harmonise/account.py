"""The account of an import: what was read, kept and left out, and how each question was answered."""

from __future__ import annotations

import numpy as np
import pandas as pd

from trustsurvey.errors import Notice
from trustsurvey.harmonise.answers import Answers
from trustsurvey.harmonise.modes import mode_shares
from trustsurvey.harmonise.turned import correlations, rest_correlations
from trustsurvey.harmonise.values import ANSWERED, BLANK, DONT_KNOW, LEFT_OUT, NOT_APPLICABLE, REFUSED
from trustsurvey.model import Instrument, ItemCheck, Mapping, Report, RowCheck
from trustsurvey.readers.raw import Raw

#: Codes of one question of which shares are kept; a scale has fewer.
MOST_CODES = 25


def account(
    raw: Raw,
    mapping: Mapping,
    instrument: Instrument,
    answers: Answers,
    keep: np.ndarray,
    people: pd.DataFrame,
    checks: list[RowCheck],
    notices: list[Notice],
) -> Report:
    """The report of an import. ``checks``: those of rows, in order; what they left out adds up to the rows not kept."""
    return Report(
        raw.platform,
        raw.rows,
        tuple((check.check, check.count) for check in checks if check.done == "left out"),
        (*raw.notices, *answers.notices, *notices),
        tuple(checks),
        answers.values,
        item_checks(mapping, instrument, answers, keep),
        mode_shares(people.loc[keep, "mode"]) if "mode" in people else (),
        raw.whole,
    )


def item_checks(mapping: Mapping, instrument: Instrument, answers: Answers, keep: np.ndarray) -> tuple[ItemCheck, ...]:
    """How each question was answered by the residents kept."""
    columns = {column.target: column.column for column in mapping.having("item")}
    rest = rest_correlations(correlations(answers.codes[keep], instrument), instrument)
    checks = []
    for item in answers.codes.columns:
        reasons = np.bincount(answers.reasons[item].to_numpy()[keep], minlength=LEFT_OUT + 1)
        given = answers.codes[item].to_numpy()[keep]
        codes, counts = np.unique(given[np.isfinite(given)], return_counts=True)
        few = len(codes) <= MOST_CODES
        shares = np.round(counts / max(counts.sum(), 1), 6) if few else ()
        checks.append(
            ItemCheck(
                item,
                columns[item],
                answers.wording[item],
                int(reasons[ANSWERED]),
                int(reasons[DONT_KNOW]),
                int(reasons[REFUSED]),
                int(reasons[NOT_APPLICABLE]),
                int(reasons[BLANK]),
                int(reasons[LEFT_OUT:].sum()),
                tuple((float(code), float(share)) for code, share in zip(codes, shares, strict=few)),
                rest.get(item, float("nan")),
                answers.asked_on.get(item, ""),
            )
        )
    return tuple(checks)
