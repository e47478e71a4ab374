"""Comments that are no survey, in sentences and counts."""

from __future__ import annotations

from collections.abc import Mapping as MappingType
from typing import Any

import pandas as pd

from trustsurvey.language import N_, _, ngettext
from trustsurvey.model import Codebook
from trustsurvey.present.words import count

BY = {"": N_("all together"), "area": N_("area"), "month": N_("month")}


def added_words(name: str, about: MappingType[str, Any]) -> str:
    """What was taken in, and what was not; ``about`` a collection."""
    added, lost = int(about["comments"]), int(about.get("unknown_areas", 0))
    told = ngettext("{n} comment is added as {name}.", "{n} comments are added as {name}.", added)
    told = told.format(n=count(added), name=name)
    if lost:
        told += " " + ngettext(
            "In {n} of them the area is none of the study's; it counts without one.",
            "In {n} of them the area is none of the study's; they count without one.",
            lost,
        ).format(n=count(lost))
    return told


def count_table(found: pd.DataFrame, codebook: Codebook) -> pd.DataFrame:
    """Counts of comments by theme, the most frequent first; a column a level where there are several."""
    shown = found[found["comments"].notna()]
    titled = shown.assign(title=[_(codebook.code(key).title) for key in shown["code"]])
    levels = [level for level in dict.fromkeys(titled["level"]) if level]
    if not levels:
        table = titled.sort_values("comments", ascending=False, kind="stable")
        return pd.DataFrame({"": table["title"], _("Comments"): table["comments"].map(count)})
    wide = titled[titled["level"] != ""].pivot(index="title", columns="level", values="comments")
    text = wide.map(lambda v: count(v) if pd.notna(v) else _("under 10"))
    return text.reset_index().rename(columns={"title": ""}).rename_axis(columns=None)
