"""Alchemer, once SurveyGizmo: "choice:question" headings, a column of states."""

from __future__ import annotations

from collections import Counter

from trustsurvey.readers.platforms.entry import Platform, Rows, State, clean, headings, named
from trustsurvey.readers.raw import Column

OWN = {
    "responseid", "timestarted", "datesubmitted", "status", "contactid", "legacycomments", "sessionid", "useragent",
    "referer", "ipaddress", "extendedreferer",
}  # fmt: skip


def _recognise(rows: Rows) -> int:
    first = set(headings(rows))
    timed = {"timestarted", "datesubmitted"} <= first
    return int((timed and "status" in first) or (bool(first & {"timestarted", "sessionid"}) and len(OWN & first) >= 4))


def _columns(rows: Rows) -> list[Column]:
    names = [clean(cell) for cell in rows[0]]
    # "A: what?:Which of these?" has colons of its own: the question is what most headings end with.
    endings = Counter(ending for name in names for ending in set(_endings(name)))
    texts, questions, options = [], [], []
    for name in names:
        found = [ending for ending in _endings(name) if endings[ending] > 1 or ending in names]
        best = max(found, key=lambda ending: (endings[ending], len(ending)), default="")
        option = name[: len(name) - len(best)].rstrip(": ") if best else ""
        texts.append(f"{best} - {option}" if option else name)
        questions.append(best if option else "")
        options.append(option)
    return named(names, texts, questions, options)


def _endings(name: str) -> list[str]:
    """What follows each colon that has no blank behind it."""
    return [name[k + 1 :] for k, sign in enumerate(name) if sign == ":" and name[k + 1 : k + 2].strip(" :")]


ALCHEMER = Platform(
    "alchemer",
    "Alchemer",
    _recognise,
    _columns,
    roles={
        "responseid": "id",
        "timestarted": "start",
        "datesubmitted": "end",
        "status": "status",
        "ipaddress|useragent": "device",
        "contactid|sessionid|longitude|latitude|city|postal": "private",
        "email|firstname|lastname|emailaddress": "private",
        "legacycomments|comments|language|(extended)?referer|tags|country|stateregion|testdata": "ignore",
    },
    states=(
        State("status", "partial", ("Partial",)),
        State("status", "disqualified", ("Disqualified", "Deleted", "Over Quota")),
        State("status", "test", ("Test",)),
    ),
    joined=(";",),
)
