"""KoboToolbox, ODK Central and their kin: form names or labels, groups before questions, choices of 0 and 1."""

from __future__ import annotations

import re
from collections import Counter

from trustsurvey.readers.platforms.entry import Platform, Rows, State, clean, headings, named
from trustsurvey.readers.raw import Column

#: Columns that begin with a sign of their own, where a separator is no separator.
META = re.compile(r"(meta[-:/]?.*|_.*|\*meta-.*)", re.IGNORECASE)


def _is_kobo(rows: Rows) -> int:
    first = {cell.strip() for cell in rows[0]} if rows else set()
    return int("_uuid" in first and bool(first & {"_submission_time", "_id", "_index", "_submitted_by"}))


def _is_central(rows: Rows) -> int:
    first = set(headings(rows))
    keyed = "key" in first and bool(first & {"submissiondate", "metainstanceid", "instanceid"})
    return int(keyed or {"metainstanceid", "submissiondate"} <= first)


def _columns(rows: Rows) -> list[Column]:
    """Columns without their groups; "question/choice" is one choice of a question."""
    paths = [_path(clean(cell)) for cell in rows[0]]
    whole = {"/".join(path) for path in paths}
    last = Counter(path[-1] for path in paths)
    names, texts, questions, options = [], [], [], []
    for path in paths:
        parent = "/".join(path[:-1])
        keep = 2 if parent and parent in whole else 1
        short = "/".join(path[-keep:])
        names.append(short if keep == 2 or last[path[-1]] == 1 else "/".join(path))
        texts.append(" - ".join(path[-keep:]))
        questions.append(path[-2] if keep == 2 else parent)
        options.append(path[-1] if parent else "")
    return named(names, texts, questions, options)


def _path(heading: str) -> list[str]:
    if META.fullmatch(heading):
        return [heading]
    # "and/or" in a label has no group before it; a group's name has no blank beside the stroke.
    parts = re.split(r"(?<=\S)/(?=\S)", heading)
    return [part for part in parts if part] or [heading]


def _central_columns(rows: Rows) -> list[Column]:
    """As for Kobo, with the stroke or colon that ODK Central and its forerunners put behind a group."""
    groups = [re.split(r"[-:]", clean(cell))[0] for cell in rows[0] if not META.fullmatch(clean(cell))]
    shared = {group for group, times in Counter(groups).items() if times > 1}
    heads = []
    for cell in rows[0]:
        heading = clean(cell)
        if not META.fullmatch(heading):
            while (parts := re.split(r"[-:]", heading, maxsplit=1))[0] in shared and len(parts) > 1:
                heading = parts[1]
        heads.append(heading)
    unique = Counter(heads)
    return _columns([[head if unique[head] == 1 else clean(cell) for head, cell in zip(heads, rows[0], strict=True)]])


KOBO = Platform(
    "kobo",
    "KoboToolbox",
    _is_kobo,
    _columns,
    roles={
        "uuid": "id",
        "start": "start",
        "end": "end",
        "submissiontime": "end",
        "validationstatus": "status",
        "deviceid|simserial|subscriberid": "device",
        "submittedby|username|phonenumber|.*geolocation": "private",
        ".*(latitude|longitude|altitude|precision)": "private",
        "id|status|notes|version|tags|index|parent(tablename|index)|submission(id|uuid)|today|"
        "meta(instance(id|name)|rootuuid|deprecatedid|audit)|formhubuuid|xformidstring|bambooid|attachments": "ignore",
    },
    states=(State("validationstatus", "disqualified", ("validation_status_not_approved", "Not approved")),),
    joined=(" ",),
)
CENTRAL = Platform(
    "odk",
    "ODK",
    _is_central,
    _central_columns,
    roles={
        "key|metainstanceid|instanceid": "id",
        "start|starttime": "start",
        "end|endtime": "end",
        "submissiondate": "end",
        "duration": "duration",
        "reviewstate|reviewstatus": "status",
        "deviceid|simid|subscriberid": "device",
        "submittername|submitterid|username|devicephonenum|phonenumber|.*(latitude|longitude|altitude|accuracy)": (
            "private"
        ),
        "attachments(present|expected)|status|edits|formversion|formdefversion|meta.*|today": "ignore",
    },
    states=(State("reviewstate|reviewstatus", "disqualified", ("rejected",)),),
    joined=(" ",),
)
