"""Exports as further survey tools write them: heading rows and answers, told from their documented layouts."""

from __future__ import annotations

from collections.abc import Sequence

Table = list[list[object]]
Questions = Sequence[tuple[str, str]]
Answers = Sequence[Sequence[object]]

LIMESURVEY_OWN = (
    ("id", "Response ID"), ("submitdate", "Date submitted"), ("lastpage", "Last page"),
    ("startlanguage", "Start language"), ("seed", "Seed"), ("startdate", "Date started"),
    ("datestamp", "Date last action"), ("ipaddr", "IP address"), ("refurl", "Referrer URL"),
)  # fmt: skip


def limesurvey_rows(questions: Questions, answers: Answers, heads: str = "code", partial: Sequence[int] = ()) -> Table:
    """A LimeSurvey export with headings as "code", "text" or "both", or a "vv" file; ``partial`` rows have no date."""
    columns = [*LIMESURVEY_OWN, *questions]
    codes, texts = [code for code, _ in columns], [text for _, text in columns]
    both = [f"{code}. {text}" for code, text in columns]
    rows: Table = {"code": [codes], "text": [texts], "both": [both], "vv": [texts, codes]}[heads]  # type: ignore[assignment]
    for k, row in enumerate(answers):
        sent = "" if k in partial else f"2026-05-{k + 1:02d} 09:05:00"
        own = [k + 1, sent, 2 if k in partial else 5, "en", 1_000 + k, f"2026-05-{k + 1:02d} 09:00:00"]
        rows.append([*own, f"2026-05-{k + 1:02d} 09:05:01", f"198.51.100.{k}", "https://example.org/", *row])
    return rows


KOBO_AFTER = (
    "_id", "_uuid", "_submission_time", "_validation_status", "_notes", "_status", "_submitted_by", "__version__",
    "_tags", "_index",
)  # fmt: skip


def kobo_rows(headings: Sequence[str], answers: Answers, rejected: Sequence[int] = ()) -> Table:
    """A KoboToolbox export: start and end before the questions, its own columns after them."""
    rows: Table = [["start", "end", *headings, *KOBO_AFTER]]
    for k, row in enumerate(answers):
        day = f"2026-05-{k + 1:02d}T09"
        state = "Not approved" if k in rejected else ""
        after = [9_000 + k, f"uuid-{k}", f"{day}:06:00", state, "", "submitted_via_web", "enum_01", "v1", "", k + 1]
        rows.append([f"{day}:00:00.000+02:00", f"{day}:05:00.000+02:00", *row, *after])
    return rows


def central_rows(headings: Sequence[str], answers: Answers, rejected: Sequence[int] = ()) -> Table:
    """An export of ODK Central: the time first, the key and what the server knows last."""
    after = [
        "meta-instanceID", "KEY", "SubmitterID", "SubmitterName", "AttachmentsPresent", "AttachmentsExpected",
        "Status", "ReviewState", "DeviceID", "Edits", "FormVersion",
    ]  # fmt: skip
    rows: Table = [["SubmissionDate", "start", "end", *headings, *after]]
    for k, row in enumerate(answers):
        times = [f"2026-05-{k + 1:02d}T09:0{minute}:00.000Z" for minute in (6, 0, 5)]
        state = "rejected" if k in rejected else "approved"
        known = [f"uuid:{k}", f"uuid:{k}", 12, "Maria Muster", 0, 0, "", state, "device:1", 0, "2026"]
        rows.append([*times, *row, *known])
    return rows


def redcap_rows(questions: Questions, answers: Answers, labels: bool = False, events: Sequence[str] = ()) -> Table:
    """A REDCap export of one instrument, raw or with labels; ``events`` make it longitudinal."""
    when = ["Event Name" if labels else "redcap_event_name"] if events else []
    before = ["Record ID", *when, "Survey Identifier", "Survey Timestamp"]
    raw = ["record_id", *when, "redcap_survey_identifier", "police_survey_timestamp"]
    after = "Complete?" if labels else "police_survey_complete"
    rows: Table = [[*(before if labels else raw), *(text if labels else name for name, text in questions), after]]
    for k, row in enumerate(answers):
        record, event = (k // len(events) + 1, [events[k % len(events)]]) if events else (k + 1, [])
        rows.append([record, *event, "", f"2026-05-{k + 1:02d} 09:05:00", *row, "Complete" if labels else 2])
    return rows


ALCHEMER_OWN = (
    "Response ID", "Time Started", "Date Submitted", "Status", "Contact ID", "Legacy Comments", "Comments", "Language",
    "Referer", "SessionID", "User Agent", "Tags", "IP Address", "Longitude", "Latitude", "Country", "City",
    "State/Region", "Postal",
)  # fmt: skip


def alchemer_rows(headings: Sequence[str], answers: Answers, states: Sequence[str] = ()) -> Table:
    """An Alchemer export; ``states`` replace "Complete", row by row."""
    rows: Table = [[*ALCHEMER_OWN, *headings]]
    for k, row in enumerate(answers):
        state = states[k] if k < len(states) else "Complete"
        when = [f"2026-05-{k + 1:02d} 09:00:00", f"2026-05-{k + 1:02d} 09:05:00"]
        net = ["s1", "Mozilla/5.0", "", f"198.51.100.{k}", "-30.0", "45.0", "Freeland", "Riverton", "RT", "01234"]
        rows.append([k + 1, *when, state, "", "", "", "English", "", *net, *row])
    return rows


def typeform_rows(headings: Sequence[str], answers: Answers, states: Sequence[str] = ()) -> Table:
    """A Typeform export; a column under its own words for each choice of a question."""
    rows: Table = [["#", *headings, "Response Type", "Start Date (UTC)", "Submit Date (UTC)", "Network ID", "Tags"]]
    for k, row in enumerate(answers):
        state = states[k] if k < len(states) else "completed"
        rows.append(
            [f"id{k:04d}", *row, state, f"2026-05-{k + 1:02d} 09:00:00", f"2026-05-{k + 1:02d} 09:05:00", "a1", ""]
        )
    return rows


def microsoft_rows(headings: Sequence[str], answers: Answers, own: Sequence[str] = ()) -> Table:
    """A Microsoft Forms export; ``own`` are its first columns in another language."""
    rows: Table = [[*(own or ("ID", "Start time", "Completion time", "Email", "Name")), *headings]]
    for k, row in enumerate(answers):
        when = [f"2026-05-{k + 1:02d} 09:00:00", f"2026-05-{k + 1:02d} 09:05:00"]
        rows.append([k + 1, *when, "anonymous", "", *row])
    return rows
