"""Focus groups by command: a transcript understood and kept, who is who, the list, words taken out again."""

from __future__ import annotations

import io
import re
import shutil
from collections.abc import Callable
from datetime import date
from pathlib import Path

import click
import pandas as pd
import pytest
from conftest import ROOT, Told
from stores import STUDY

from trustsurvey.cli import cli
from trustsurvey.cli.lines import inert
from trustsurvey.focus_groups.sample import add_sample_groups
from trustsurvey.focus_groups.study import conversations
from trustsurvey.store import Store

SAMPLE = ROOT / "sample_data" / "focus_groups"
NORTH, WHO = SAMPLE / "northside_zoom.txt", SAMPLE / "participants.csv"
GROUPS = cli.commands["groups"]  # type: ignore[attr-defined]


@pytest.fixture(scope="module")
def two_groups(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A home folder with a study and two of the sample groups, read; copy it before changing it."""
    home, files = tmp_path_factory.mktemp("groups-home"), tmp_path_factory.mktemp("groups") / "files"
    shutil.copytree(SAMPLE, files)
    listed = pd.read_csv(files / "groups.csv", dtype=str)
    listed[listed["group"].isin(["northside", "harbour"])].to_csv(files / "groups.csv", index=False)
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("TRUSTSURVEY_HOME", str(home))
        store = Store.open()
        store.create_study(STUDY)
        assert add_sample_groups(store, "town", files) == 2
        store.close()
    return home


@pytest.fixture
def town(two_groups: Path, own_home: Path) -> Store:
    shutil.copytree(two_groups, own_home, dirs_exist_ok=True)
    return Store.open()


@pytest.fixture
def empty(own_home: Path) -> Store:
    store = Store.open()
    store.create_study(STUDY)
    return store


@pytest.mark.parametrize("name", sorted(GROUPS.commands))
def test_every_verb_of_groups_teaches(name: str, run: Callable[..., Told]) -> None:
    command = GROUPS.commands[name]
    assert re.match(r"[A-Z].*\.", command.help)
    for parameter in command.params:
        if isinstance(parameter, click.Option):
            assert (parameter.help or "").endswith("."), parameter.opts
        else:
            assert re.search(rf"\b{parameter.name.upper()}\b", command.help), parameter.name
    for words in re.findall(r"trustsurvey groups (\w+)", command.help):
        assert words in GROUPS.commands
    assert run("groups", name, "--help").code == 0


def test_without_a_name_it_is_said_what_was_understood_and_nothing_is_kept(
    empty: Store, run: Callable[..., Told]
) -> None:
    told = run("groups", "add", "town", NORTH).out
    assert "213 turns of 11 speakers. From 18:31:03 to" in told
    assert re.search(r"Moderator +Moderator +35 turns  Ruth\n", told)
    assert re.search(r"P9 +Took part +2 turns  Ayesha\n", told)
    assert "'Ayesha' may be another spelling of 'Aisha'. If so: --merge \"Ayesha=Aisha\"" in told
    assert "Roles are guessed" in told
    assert "Nothing is kept yet." in told
    assert run("groups", "add", "town", NORTH, "--name", "North", "--dry-run").out.endswith("kept with --dry-run.\n")
    assert empty.collections.listed("town") == []
    assert "no focus group yet" in run("groups", "list", "town").out


@pytest.mark.parametrize("accept", [["--accept"], ["--merge", "ayesha = AISHA"]])
def test_a_group_is_kept_with_one_person_of_two_spellings(
    empty: Store, run: Callable[..., Told], accept: list[str]
) -> None:
    told = run("groups", "add", "town", NORTH, "--name", " North  side", "--held", "2026-04-14", "--role",
               "Kim=Observer", *accept)  # fmt: skip
    assert "20 turns  Aisha (also Ayesha)" in told.out
    assert "another spelling" not in told.out
    assert "North side is kept: 213 turns, seven participants." in told.out
    (group,) = conversations(empty, "town")
    assert (group.name, group.held) == ("North side", date(2026, 4, 14))
    assert group.people["role"].value_counts().to_dict() == {
        "participant": 7, "moderator": 1, "officer": 1, "observer": 1,
    }  # fmt: skip
    assert not group.turns["text"].str.contains("Aisha|Ayesha|Denise").any()


def test_a_table_says_who_is_who_and_no_name_of_it_is_kept(
    empty: Store, run: Callable[..., Told], refused: Callable[..., str]
) -> None:
    file = SAMPLE / "uplands_whisperx.json"
    asked = "groups", "add", "town", file, "--name", "Up", "--people", WHO
    assert "no rows of a group 'Up'; found 'northside'" in refused(*asked)
    assert "SPEAKER_03 (also Joan)" in run(*asked, "--rows", "Uplands").out
    (group,) = conversations(empty, "town")
    assert group.attributes == ("district", "neighbourhood", "age", "sex", "ethnicity", "contact")
    kept = " ".join(map(str, [*group.people.to_numpy().ravel(), *group.turns["text"]]))
    assert re.search("Joan|Margaret|Winston", file.read_text(encoding="utf-8"))
    assert not re.search("Joan|Margaret|Winston", kept)


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (["--role", "Kim=boss"], "The role is not known; found 'boss'"),
        (["--role", "Kimm=observer"], "Nobody is called 'Kimm'; expected 'Ruth'"),
        (["--merge", "Ayesha"], "It is not two words with '=' between them; found 'Ayesha'"),
        (["--merge", "Ayesha=Denise", "--merge", "Denise=Ayesha"], "is not in the transcript"),
        (["--held", "14.4.2026"], "The day is not understood; found '14.4.2026'"),
        (["--people", SAMPLE / "absent.csv"], "absent.csv"),
        (["--people", SAMPLE / "readings_groups.csv", "--rows", "bogus"], "no rows of a group 'bogus'"),
    ],
)
def test_what_is_said_wrongly_is_refused(
    empty: Store, refused: Callable[..., str], words: list[object], told: str
) -> None:
    assert told in refused("groups", "add", "town", NORTH, "--name", "North", *words)
    assert empty.collections.listed("town") == []


def test_a_file_or_study_that_is_none_is_refused(empty: Store, refused: Callable[..., str], tmp_path: Path) -> None:
    assert "There is no such file" in refused("groups", "add", "town", tmp_path / "absent.vtt")
    assert "nowhere" in refused("groups", "add", "nowhere", NORTH)
    for verb in ("themes", "talk", "saturation"):
        assert "There is no focus group" in refused("groups", verb, "town")
    assert "There is no focus group" in refused("groups", "quotes", "town", "bias")


def test_a_group_is_kept_once(town: Store, refused: Callable[..., str]) -> None:
    assert "already saved as 'Northside residents'" in refused("groups", "add", "town", NORTH, "--name", "Again")


def test_turns_are_shown_with_their_places_and_cannot_steer_the_screen(
    run: Callable[..., Told], tmp_path: Path
) -> None:
    told = run("groups", "show", NORTH).out.splitlines()
    assert told[1].startswith(" 18:31:03  Ruth: Okay, I think")
    assert len(told) == 1 + 213
    table = pd.read_csv(io.StringIO(run("groups", "show", NORTH, "--csv").out))
    assert table["speaker"].value_counts()["Denise"] == 36
    file = tmp_path / "plain.txt"
    file.write_text("Kim: The desk \x1b[2Jis shut.\n\nLee: It \u202eis.\n\nKim: Yes.\n", encoding="utf-8")
    told_plain = run("groups", "show", file).out
    assert "   line 1  Kim: The desk [2Jis shut." in told_plain
    assert "\x1b" not in told_plain
    assert "\u202e" not in told_plain
    assert inert("a\tb\n\x07c \u200d") == "a b c \u200d"


def test_a_transcript_is_written_in_another_layout(
    run: Callable[..., Told], refused: Callable[..., str], tmp_path: Path
) -> None:
    file, copy = SAMPLE / "harbour_teams.vtt", tmp_path / "copy.srt"
    assert run("groups", "show", file, "--to", "srt", "--save", copy).out == f"{copy} written: 203 turns.\n"
    assert run("groups", "show", file, "--to", "srt").out == copy.read_text(encoding="utf-8")
    columns = ["speaker", "text", "start", "end"]
    one, other = (pd.read_csv(io.StringIO(run("groups", "show", path, "--csv").out))[columns] for path in (file, copy))
    pd.testing.assert_frame_equal(one, other)
    plain = SAMPLE / "traders.txt"
    assert "The layout needs the time of each turn" in refused("groups", "show", plain, "--to", "vtt")
    assert "--to vtt" in refused("groups", "show", file, "--save", tmp_path / "a")
    before = copy.read_bytes()
    assert "to a file of its own" in refused("groups", "show", copy, "--to", "vtt", "--save", copy)
    assert copy.read_bytes() == before


def test_groups_are_listed_in_the_order_held(town: Store, run: Callable[..., Told]) -> None:
    told = run("groups", "list", "town").out.splitlines()
    assert told[0] == ("Northside residents: held on 14 April 2026, 213 turns, 1 moderator, 8 participants, 1 officer")
    assert told[1] == "  All 166 turns of participants were read."
    assert told[2].startswith("Harbour residents: ")


def test_words_are_taken_out_for_a_reason(town: Store, run: Callable[..., Told], refused: Callable[..., str]) -> None:
    asked = "groups", "withdraw", "town", "northside residents"
    assert "for a reason only" in refused(*asked, "P3", "--reason", " ", "--yes")
    assert "Nobody is called 'P30'" in refused(*asked, "P30", "--reason", "asked", "--yes")
    assert "no focus group called 'South'" in refused("groups", "withdraw", "town", "South", "P3", "--reason", "x")
    before = conversations(town, "town")[0].turns
    mine = int((before["speaker"] == "P3").sum())
    told = run(*asked, "P3", "--reason", "asked by phone", "--yes").out
    assert told == f"The words of P3 are gone from 'Northside residents': {mine} turns.\n"
    left = conversations(town, "town")[0]
    assert len(left.turns) == len(before) - mine
    assert "P3" not in set(left.turns["speaker"])
    assert "  taken out: P3\n" in run("groups", "list", "town").out
    assert "asked by phone" in town.audit_trail()["detail"].tolist()


def test_a_group_is_removed(town: Store, run: Callable[..., Told], refused: Callable[..., str]) -> None:
    assert "for a reason only" in refused("groups", "remove", "town", "Harbour residents", "--reason", "", "--yes")
    assert run("groups", "remove", "town", "Harbour residents", "--reason", "twice", "--yes").out == "Removed.\n"
    assert [group.name for group in conversations(town, "town")] == ["Northside residents"]
