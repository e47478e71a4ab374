"""The focus groups of the sample study: their files hold their scripts, and show what they were written to show."""

from __future__ import annotations

import html
import json
import re
import sys
from collections import Counter
from pathlib import Path

import pandas as pd
import pytest

from trustsurvey.text.codebook import default_codebook
from trustsurvey.text.redact.patterns import by_form
from trustsurvey.transcripts.read import read_transcript

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))  # sample_data is not installed with the package

from sample_data import meetings, people  # noqa: E402
from sample_data.city import DISTRICTS  # noqa: E402

FOLDER = ROOT / "sample_data" / "focus_groups"
MEETINGS = list(meetings.meetings())
each = pytest.mark.parametrize("meeting", MEETINGS, ids=lambda meeting: meeting.group)


def table(name: str) -> pd.DataFrame:
    return pd.read_csv(FOLDER / f"{name}.csv", dtype=str, keep_default_na=False)


def heard(meeting: meetings.Meeting) -> list[tuple[str, str]]:
    """Label and text of each turn, read off the file by the marks of its layout and by nothing of ours."""
    text = (FOLDER / meeting.file).read_text(encoding="utf-8")
    match meeting.layout:
        case "zoom":
            return re.findall(r"\[(.+)\] \d\d:\d\d:\d\d\n(.+)\n\n", text)
        case "otter":
            return re.findall(r"(.+)  (?:\d:)?\d+:\d\d\n(.+)\n\n", text)
        case "plain":
            return re.findall(r"^([^:\n]+): (.+)$", text, re.MULTILINE)
        case "teams":
            pieces = [(who, html.unescape(said)) for who, said in re.findall(r"<v ([^>]+)>(.+)</v>", text)]
        case "whisperx":
            pieces = [(s["speaker"], s["text"].strip()) for s in json.loads(text)["segments"]]
        case "srt":
            labels = "|".join(map(re.escape, meeting.labels))
            pieces = re.findall(rf"-->.+\n(?:({labels}): )?(.+)\n", text)
    turns: list[tuple[str, str]] = []
    for who, said in pieces:
        if turns and who in ("", turns[-1][0]):
            turns[-1] = (turns[-1][0], f"{turns[-1][1]} {said}")
        else:
            turns.append((who, said))
    return turns


def test_the_same_files_again(tmp_path: Path) -> None:
    meetings.write(tmp_path)
    made = sorted(path.name for path in tmp_path.iterdir())
    assert made == sorted(path.name for path in FOLDER.iterdir() if path.is_file())
    for name in made:
        assert (tmp_path / name).read_bytes() == (FOLDER / name).read_bytes(), name
    assert sum(path.stat().st_size for path in FOLDER.rglob("*") if path.is_file()) < 600_000


@each
def test_file_holds_the_turns_of_its_script(meeting: meetings.Meeting) -> None:
    assert heard(meeting) == [(meeting.labels[turn.who], turn.text) for turn in meeting.turns]


@each
def test_reader_gives_the_turns_of_the_script(meeting: meetings.Meeting) -> None:
    transcript = read_transcript(FOLDER / meeting.file)
    assert [(turn.speaker, turn.text) for turn in transcript.turns] == heard(meeting)
    assert not transcript.notices
    if meeting.layout == "plain":
        assert {turn.start for turn in transcript.turns} == {None}
        return
    midnight = meeting.held.replace(hour=0, minute=0)
    began = (meeting.held - midnight).total_seconds() if transcript.clock else 0.0
    for turn, (start, _) in zip(transcript.turns, meeting.times, strict=True):
        assert turn.start is not None
        assert abs(turn.start - began - start) < 1


@each
def test_group_is_as_long_as_a_real_one(meeting: meetings.Meeting) -> None:
    assert 130 <= len(meeting.turns) <= 220
    assert 3500 <= sum(len(turn.text.split()) for turn in meeting.turns) <= 6000
    assert 45 * 60 <= meeting.times[-1][1] <= 70 * 60
    moments = [moment for span in meeting.times for moment in span]
    assert moments == sorted(moments)


def test_every_longer_turn_is_written_anew() -> None:
    said = Counter(turn.text for meeting in MEETINGS for turn in meeting.turns if len(turn.text.split()) > 5)
    assert [text for text, times in said.items() if times > 1] == []
    assert len(said) > 6 * 130


def test_six_groups_of_eight_residents_of_the_city() -> None:
    rooms = table("participants")
    assert rooms["group"].unique().tolist() == list(meetings.GROUPS)
    roles = rooms.groupby("group")["role"].value_counts().unstack(fill_value=0)
    assert (roles["participant"] == 8).all()
    assert (roles["moderator"] == 1).all()
    assert roles["officer"].sum() == roles["interpreter"].sum() == 1
    residents = rooms[rooms["role"] == "participant"]
    assert not residents["name"].duplicated().any()
    places = {district.name: district.neighbourhoods for district in DISTRICTS}
    assert all(row.neighbourhood in places[row.district] for row in residents.itertuples())
    for variable, categories in people.GROUPS.items():
        assert set(residents[variable]) <= set(categories)
    assert set(residents.loc[residents["group"] == "contact", "contact"]) == {"Yes"}
    speakers = {(meeting.group, who) for meeting in MEETINGS for who, _ in heard(meeting)}
    labels = {
        (row.group, label) for row in rooms.itertuples() for label in (row.speaker, *row.also.split(";")) if label
    }
    assert speakers == labels


def test_readings_are_of_turns_and_codes_that_exist() -> None:
    readings, codebook = table("readings_groups"), default_codebook()
    for meeting in MEETINGS:
        turns = heard(meeting)
        mine = readings[readings["group"] == meeting.group]
        assert [turns[int(turn) - 1][0] for turn in mine["turn"]] == mine["speaker"].tolist()
        residents = [i for i, t in enumerate(meeting.turns, 1) if meeting.names[t.who].role == "participant"]
        assert mine["turn"].astype(int).tolist() == residents
        assert all(meeting.names[t.who].role == "participant" for t in meeting.turns if t.codes or t.beyond)
    codes = readings["codes"].str.split(";")
    assert (codes.str.len() == readings["stances"].str.split(";").str.len()).all()
    assert set(codes.explode()) - {""} == set(codebook.keys)
    assert set(readings["stances"].str.split(";").explode()) == {"", "positive", "negative", "suggestion"}
    assert all(len(set(those)) == len(those) for those in codes)


def test_later_groups_bring_few_new_themes() -> None:
    readme = (FOLDER.parent / "README.md").read_text(encoding="utf-8")
    known: set[str] = set()
    new = []
    for meeting in MEETINGS:
        themes = {code for turn in meeting.turns for code, _ in turn.codes}
        new.append(len(themes - known))
        known |= themes
        words = sum(len(turn.text.split()) for turn in meeting.turns)
        minutes = "no times" if meeting.layout == "plain" else round(meeting.times[-1][1] / 60)
        assert f" | {len(meeting.turns)} | {words:,} | {minutes} | {len(themes)} | {new[-1]} |\n" in readme
    assert new == [20, 4, 1, 1, 2, 0]
    raised = Counter(code for m in MEETINGS for code in {code for turn in m.turns for code, _ in turn.codes})
    assert {code for code, groups in raised.items() if groups == 1} == {"homelessness", "nuisance"}


def test_groups_do_not_agree() -> None:
    stances = {
        meeting.group: Counter(s for turn in meeting.turns for code, s in turn.codes if code == "visibility")
        for meeting in MEETINGS
    }
    assert stances["uplands"]["positive"] > 5 > stances["uplands"]["negative"] == 0
    assert stances["young"]["negative"] > stances["young"]["positive"] == 0


@each
def test_there_is_something_to_take_out_and_to_notice(meeting: meetings.Meeting) -> None:
    found = [kind for turn in meeting.turns for _, _, kind in by_form(turn.text) if kind == "phone"]
    assert len(found) == 1
    words = Counter[str]()
    for turn in meeting.turns:
        if meeting.names[turn.who].role == "participant":
            words[meeting.names[turn.who].name] += len(turn.text.split())
    share = [count / words.total() for _, count in words.most_common()]
    assert share[0] > 0.17
    assert share[-1] < 0.05
