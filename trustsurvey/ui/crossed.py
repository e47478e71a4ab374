"""Groups within areas: one table of all areas by all groups, past the gate, for those who may see single answers."""

from __future__ import annotations

import pandas as pd

from trustsurvey.analysis import Picture
from trustsurvey.model import Study
from trustsurvey.store import Store, WaveRecord
from trustsurvey.tabulate.request import Request
from trustsurvey.tabulate.table import tabulate
from trustsurvey.ui import cache


def groups_within(
    store: Store, study: Study, records: list[WaveRecord], at: int, picture: Picture, level: str
) -> pd.DataFrame:
    """The measure of a picture by a level crossed with each group; the same table whichever area is looked at.

    Together, so that the gate judges together what is shown on the pages of all areas.
    """
    wave = cache.wave(store, study.slug, records[at])
    request = Request((picture.measure,), tuple((level, group) for group in picture.wave.groups))
    command = request.command(study.slug, records[at].name)
    made = cache.answered(
        store, study, None, records[at : at + 1], command, lambda: tabulate([wave], 0, study, request)
    )
    return made.table
