"""Comments that are no survey, in sentences and counts."""

from __future__ import annotations

from collections.abc import Mapping as MappingType
from typing import Any

import pandas as pd

from trustsurvey.model import Codebook
from trustsurvey.present.words import count

BY = {"": "all together", "area": "area", "month": "month"}


def added_words(name: str, about: MappingType[str, Any]) -> str:
    """What was taken in, and what was not; ``about`` a collection."""
    lost = about.get("unknown_areas", 0)
    more = f" In {count(lost)} of them the area is none of the study's; they count without one." if lost else ""
    return f"{count(about['comments'])} comments are added as {name}.{more}"


def count_table(found: pd.DataFrame, codebook: Codebook) -> pd.DataFrame:
    """Counts of comments by theme, the most frequent first; a column a level where there are several."""
    shown = found[found["comments"].notna()]
    titled = shown.assign(title=[codebook.code(key).title for key in shown["code"]])
    levels = [level for level in dict.fromkeys(titled["level"]) if level]
    if not levels:
        table = titled.sort_values("comments", ascending=False, kind="stable")
        return pd.DataFrame({"": table["title"], "Comments": table["comments"].map(count)})
    wide = titled[titled["level"] != ""].pivot(index="title", columns="level", values="comments")
    text = wide.map(lambda v: count(v) if pd.notna(v) else "under 10")
    return text.reset_index().rename(columns={"title": ""}).rename_axis(columns=None)
