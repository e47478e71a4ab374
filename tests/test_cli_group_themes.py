"""What focus groups raised, by command: themes, talk, saturation, quotes; readings out to other programs and back."""

from __future__ import annotations

import io
import re
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import openpyxl
import pandas as pd
import pytest
from conftest import Told
from test_cli_groups import town, two_groups

from trustsurvey.focus_groups.study import body_of, conversations
from trustsurvey.store import Store
from trustsurvey.text.codebook import default_codebook
from trustsurvey.text.refi_qda.read import project_from_qdpx

__all__ = ["town", "two_groups"]


def table_of(told: Told) -> pd.DataFrame:
    return pd.read_csv(io.StringIO(told.out), keep_default_na=False)


def test_themes_count_people_and_groups(town: Store, run: Callable[..., Told]) -> None:
    told = run("groups", "themes", "town").out
    assert re.search(r"^  Police desks and stations +2 of 2 groups, +\d+ of 16 people$", told, re.MULTILINE)
    assert told.endswith("nothing about how many residents would.\n")
    assert "%" not in told
    whole = table_of(run("groups", "themes", "town", "--csv")).set_index("code")
    groups = table_of(run("groups", "themes", "town", "--by", "group", "--csv"))
    people = table_of(run("groups", "themes", "town", "--by", "participant", "--csv"))
    # The same people, counted from the smallest table.
    counted = people[people["raised"] == 1].groupby("code").size()
    assert whole["people"].to_dict() == counted.reindex(whole.index, fill_value=0).to_dict()
    assert groups.groupby("code")["people"].sum().to_dict() == whole["people"].to_dict()
    by_group = run("groups", "themes", "town", "--by", "group").out
    assert by_group.startswith("Northside residents\n  ")
    n = groups.set_index(["code", "group"]).loc[("bias", "Harbour residents"), "people"]
    assert re.search(rf"Harbour residents\n(?:  .*\n)*  Bias and discrimination +{n} of 8 people\n", by_group)
    assert "Northside residents, P1: " in run("groups", "themes", "town", "--by", "participant").out


def test_talk_says_who_was_hardly_heard(town: Store, run: Callable[..., Told]) -> None:
    told = run("groups", "talk", "town").out
    table = table_of(run("groups", "talk", "town", "--people", "--csv"))
    quiet = table.loc[(table["heard"] == "hardly") & (table["group"] == "Northside residents"), "speaker"]
    assert f"hardly heard {', '.join(quiet)}." in told
    assert len(quiet)
    assert table.groupby("group")["share"].sum().tolist() == pytest.approx([1, 1])
    assert run("groups", "talk", "town", "--people").out.count("hardly heard") == (table["heard"] == "hardly").sum()
    assert len(table_of(run("groups", "talk", "town", "--csv"))) == 2


def test_saturation_has_a_curve_and_says_when_it_cannot_tell(town: Store, run: Callable[..., Told]) -> None:
    told = run("groups", "saturation", "town").out.splitlines()
    table = table_of(run("groups", "saturation", "town", "--csv"))
    assert [line.count("#") for line in told[:2]] == table["seen"].tolist()
    assert told[2].startswith("Too few groups to say")
    assert "too little to say what is unheard" in told[3]
    # What lies below a theme is counted with it.
    themes = table_of(run("groups", "themes", "town", "--csv"))
    main = [code.key for code in default_codebook().codes if not code.parent and code.key != "nothing"]
    assert table["seen"].iloc[-1] == (themes[themes["code"].isin(main)]["groups"] > 0).sum()


def test_quotes_lead_back_to_their_place(town: Store, run: Callable[..., Told], refused: Callable[..., str]) -> None:
    told = run("groups", "quotes", "town", "police desks and stations", "--most", "4").out
    assert told == run("groups", "quotes", "town", "police_desk", "--most", "4").out
    heads = re.findall(r"^(.+ residents), (P\d+), .*line [\d,]+(?:, part of a turn)?:\n  (.+)$", told, re.MULTILINE)
    assert len(heads) == 4
    assert {group for group, _, _ in heads} == {"Northside residents", "Harbour residents"}
    by_name = {group.name: group.turns for group in conversations(town, "town")}
    for group, speaker, text in heads:
        mine = by_name[group][by_name[group]["speaker"] == speaker]["text"]
        assert mine.map(lambda said: " ".join(said.split())).str.contains(text, regex=False).any()
    assert "There is no such theme" in refused("groups", "quotes", "town", "nope")
    assert "No participant raised 'Homelessness'" in run("groups", "quotes", "town", "homelessness").out


def test_groups_are_written_in_four_kinds(
    town: Store, run: Callable[..., Told], refused: Callable[..., str], tmp_path: Path
) -> None:
    for name in ("a.xlsx", "a.csv", "a.qdpx"):
        assert "2 groups" in run("groups", "export", "town", tmp_path / name).out
    sheet = openpyxl.load_workbook(tmp_path / "a.xlsx")["Participants"]
    rows = list(sheet.iter_rows(values_only=True))
    assert len(rows) == 1 + 16
    column = rows[0].index("Community policing and visibility \u203a Police desks and stations")
    assert re.search(r"line \d+\)", " ".join(row[column] or "" for row in rows[1:]))
    readings = pd.read_csv(tmp_path / "a.csv")
    assert set(readings["group"]) == {"Northside residents", "Harbour residents"}
    assert len(project_from_qdpx((tmp_path / "a.qdpx").read_bytes(), "a")[0].sources) == 2
    page = tmp_path / "a.html"
    assert "A page holds one group; expected 'Northside" in refused("groups", "export", "town", page)
    assert "1 group." in run("groups", "export", "town", page, "--group", "Harbour residents").out
    assert "<title>" in page.read_text(encoding="utf-8")
    assert "expected .xlsx, .qdpx, .csv, .html" in refused("groups", "export", "town", tmp_path / "a.doc")
    trail = town.audit_trail()
    assert trail.loc[trail["action"] == "export", "detail"].tolist()[0] == "a.html"


def test_readings_made_elsewhere_come_back_once(
    town: Store, run: Callable[..., Told], refused: Callable[..., str], tmp_path: Path
) -> None:
    file = tmp_path / "a.qdpx"
    run("groups", "export", "town", file)
    group = conversations(town, "town")[0]
    body = body_of(group)
    told = run("groups", "read", "town", file).out
    assert re.search(r"^Northside residents: 0 readings taken, \d+ were here already.$", told, re.MULTILINE)
    # Somebody reads a turn again here; what the file says of it is an older reading, and comes as one of two.
    first = next(one for one in town.voices.codings("town", body) if one.codes)
    town.voices.add_codings("town", body, [replace(first, codes=(("nothing", ""),), spans=(), id=0)])
    assert "Northside residents: 1 readings taken" in run("groups", "read", "town", file).out
    assert {code for code, _ in town.voices.codings("town", body)[-1].codes} == {code for code, _ in first.codes}
    file.write_bytes(b"PK nothing")
    refused("groups", "read", "town", file)
    refused("groups", "read", "town", tmp_path / "absent.qdpx")


def test_without_the_right_nobody_takes_single_peoples_words(
    town: Store, refused: Callable[..., str], run: Callable[..., Told], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr("trustsurvey.cli.rights.allowed", lambda person, action, thing="": False)
    assert "need the right to single answers" in refused("groups", "export", "town", tmp_path / "a.xlsx")
    assert "need the right to single answers" in refused("groups", "quotes", "town", "bias")
    assert "need the right to single answers" in refused("groups", "themes", "town", "--by", "participant")
    assert not (tmp_path / "a.xlsx").exists()
    assert run("groups", "themes", "town").code == 0
