"""The codebook of a file of answers: a row a variable."""

from __future__ import annotations

import pandas as pd

from trustsurvey.export.microdata import Microdata, microdata_table
from trustsurvey.model import Wave


def codebook_table(wave: Wave, made: Microdata | None = None) -> pd.DataFrame:
    """What each variable is: variable (in the study), short name, label, question, scale, values, missing, role.

    ``made``: the answers it belongs to; those with all weights where it is not given. ``question``: as it was asked.
    Replicate weights share one row.
    """
    made = made or microdata_table(wave)
    kept = [v for v in made.variables if v.role != "replicate"]
    copies = [v for v in made.variables if v.role == "replicate"]
    rows: list[dict[str, object]] = [
        {
            "variable": v.long,
            "short": v.name,
            "label": v.label,
            "question": v.asked,
            "scale": v.scale,
            "values": "; ".join(f"{code:g} = {words}" for code, words in v.values),
            "missing": "; ".join(f"{code:g} = {reason}" for code, reason in v.missing)
            + ("; empty = left blank" if v.missing else ""),
            "role": v.role,
        }
        for v in kept
    ]
    if copies:
        names = f"{copies[0].name} to {copies[-1].name}"
        rows.append({"variable": names, "short": names, "label": f"{len(copies):,} replicate weights", "question": "",
                     "scale": "", "values": "", "missing": "", "role": "replicate"})  # fmt: skip
    return pd.DataFrame(rows)
