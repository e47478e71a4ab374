"""Sources side by side: one line a theme, and what they say together."""

from __future__ import annotations

from collections.abc import Mapping as MappingType

import pandas as pd

from trustsurvey.focus_groups.triangulate import InGroups, InSurvey, Received, Triangulated, Verdict
from trustsurvey.language import N_, _
from trustsurvey.model import Codebook
from trustsurvey.present.words import count, part_words, whole

Sources = tuple[InSurvey | None, InGroups | None, Received | None]
VERDICTS: dict[Verdict, str] = {
    "differ": N_("more in the groups"), "agree": N_("they agree"), "only groups": N_("only groups tell"),
    "only survey": N_("only the survey tells"), "too little": N_("too little to say"),
}  # fmt: skip
#: Where they differ the other way round.
LESS = N_("more in the survey")
#: Themes that stand out in the groups, by how widely they were raised there.
APART = {
    "widely": N_("Few write about, but groups speak of: {themes}."),
    "hardly": N_("Many write about, but groups hardly speak of: {themes}."),
}


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
                _("Theme"): _(book.code(code).title),
                _("Together"): _(LESS if _less(groups, together[code]) else VERDICTS[together[code].verdict]),
                _("Survey: of 100 who answered"): _share(survey),
                _("Groups"): part_words(groups.raised, groups.groups) if groups else "",
                _("People there"): part_words(groups.people, groups.of_people) if groups else "",
                _("Comments"): "" if received is None else count(received.number) if received.number else _("under 10"),
            }
        )
    table = pd.DataFrame(rows)
    return table.drop(columns=[name for name in table if not table[name].any()])


def summary_words(sources: MappingType[str, Sources], together: MappingType[str, Triangulated], book: Codebook) -> str:
    """How often the sources agree, and which themes stand out in one of them."""
    agree = sum(one.verdict == "agree" for one in together.values())
    told = _("Of {n} themes, survey and groups agree on {agree}.").format(n=count(len(together)), agree=count(agree))
    for level, words in APART.items():
        differ = [
            _(book.code(code).title)
            for code, one in together.items()
            if one.verdict == "differ" and (groups := sources[code][1]) is not None and groups.level == level
        ]
        told += f" {_(words).format(themes=', '.join(differ))}" if differ else ""
    return told


def _less(groups: InGroups | None, together: Triangulated) -> bool:
    return together.verdict == "differ" and groups is not None and groups.level == "hardly"


def _share(survey: InSurvey | None) -> str:
    if survey is None:
        return ""
    if not survey.level:
        return _("too few answers")
    low, high = whole(100 * survey.lci), whole(100 * survey.uci)
    return _("{low} to {high}").format(low=low, high=high) if low != high else _("about {number}").format(number=low)
