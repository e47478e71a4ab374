"""Sources side by side: one line a theme, and what they say together."""

from __future__ import annotations

from collections.abc import Mapping as MappingType

import pandas as pd

from trustsurvey.focus_groups.triangulate import InGroups, InSurvey, Received, Triangulated, Verdict
from trustsurvey.model import Codebook
from trustsurvey.present.words import count, whole

Sources = tuple[InSurvey | None, InGroups | None, Received | None]
VERDICTS: dict[Verdict, str] = {
    "differ": "more in the groups", "agree": "they agree", "only groups": "only groups tell",
    "only survey": "only the survey tells", "too little": "too little to say",
}  # fmt: skip
#: Where they differ the other way round.
LESS = "more in the survey"


def side_table(
    sources: MappingType[str, Sources], together: MappingType[str, Triangulated], book: Codebook
) -> pd.DataFrame:
    """Theme, together, survey, groups, comments: those that differ first, then by how many groups raised them."""

    def rank(code: str) -> tuple[int, int, int]:
        groups = sources[code][1]
        raised = (groups.raised, groups.people) if groups else (0, 0)
        return list(VERDICTS).index(together[code].verdict), -raised[0], -raised[1]

    rows = []
    for code in sorted(sources, key=rank):
        survey, groups, received = sources[code]
        rows.append(
            {
                "Theme": book.code(code).title,
                "Together": LESS if _less(groups, together[code]) else VERDICTS[together[code].verdict],
                "Survey: of 100 who answered": _share(survey),
                "Groups": f"{groups.raised} of {groups.groups}" if groups else "",
                "People there": f"{groups.people} of {groups.of_people}" if groups else "",
                "Comments": "" if received is None else count(received.number) if received.number else "under 10",
            }
        )
    table = pd.DataFrame(rows)
    return table.drop(columns=[name for name in table if not table[name].any()])


def summary_words(sources: MappingType[str, Sources], together: MappingType[str, Triangulated], book: Codebook) -> str:
    """How often the sources agree, and which themes stand out in one of them."""
    agree = sum(one.verdict == "agree" for one in together.values())
    told = f"Of {count(len(together))} themes, survey and groups agree on {count(agree)}."
    ways = {
        "widely": "Few write about, but groups speak of: ",
        "hardly": "Many write about, but groups hardly speak of: ",
    }
    for level, words in ways.items():
        differ = [
            book.code(code).title
            for code, one in together.items()
            if one.verdict == "differ" and (groups := sources[code][1]) is not None and groups.level == level
        ]
        told += f" {words}{', '.join(differ)}." if differ else ""
    return told


def _less(groups: InGroups | None, together: Triangulated) -> bool:
    return together.verdict == "differ" and groups is not None and groups.level == "hardly"


def _share(survey: InSurvey | None) -> str:
    if survey is None:
        return ""
    if not survey.level:
        return "too few answers"
    low, high = whole(100 * survey.lci), whole(100 * survey.uci)
    return f"{low} to {high}" if low != high else f"about {low}"
