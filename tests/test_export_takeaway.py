"""What an analyst takes away: the right files for what was chosen, and words that say what they are."""

from __future__ import annotations

import io
import zipfile

import pandas as pd
import pytest
from builders import refusal
from stores import STUDY
from test_export_tables import planted, weighted

from trustsurvey.analysis import Picture, picture
from trustsurvey.export.takeaway import ABOUT, Choice, packed, takeaway_files
from trustsurvey.scales.scoring import score


@pytest.fixture(scope="module")
def shown() -> Picture:
    return picture([score(weighted(planted(1)))], 0, STUDY)


ALWAYS = {"codebook.csv", "method.csv", "results.csv", "README.txt"}


@pytest.mark.parametrize(
    ("choice", "more"),
    [
        (
            Choice(),
            {
                "answers.csv",
                "answers.parquet",
                "answers.sav",
                "answers.sps",
                "answers.dta",
                "margins_used.csv",
                "figures.R",
            },
        ),
        (Choice(("csv",)), {"answers.csv", "margins_used.csv", "figures.R"}),
        (Choice(("csv",), weights=False), {"answers.csv"}),
        (Choice(("sav",)), {"answers.sav", "answers.sps", "margins_used.csv"}),
        (Choice(("parquet",)), {"answers.parquet", "margins_used.csv"}),
    ],
)
def test_the_files_are_those_that_were_chosen(shown: Picture, choice: Choice, more: set[str]) -> None:
    files = takeaway_files(shown, None, choice, "Taken by a test.")
    assert set(files) == ALWAYS | more
    readme = files["README.txt"].decode()
    assert all((name in readme) == (name in {*files, "reproduce.yaml"}) for name in ABOUT)


def test_the_readme_says_whose_answers_these_are_and_who_took_them(shown: Picture) -> None:
    words = " ".join(takeaway_files(shown, None, Choice(), "Taken by a test.")["README.txt"].decode().split())
    assert words.startswith("Town, Q1 Taken by a test.")
    assert "THESE ARE ANSWERS OF SINGLE PEOPLE." in words
    assert "0 of 997 residents are the only ones with their areas, groups and way of interview; 11 are among" in words
    assert "hide what rests on fewer than 10 people" in words


def test_results_are_those_that_everybody_sees(shown: Picture) -> None:
    table = pd.read_csv(io.BytesIO(takeaway_files(shown, None, Choice(), "")["results.csv"]), encoding="utf-8-sig")
    docks = table[table["level"] == "Docks"]
    assert len(docks) == 3
    assert docks[["est", "n"]].isna().all(axis=None)


def test_a_format_that_there_is_not_is_refused() -> None:
    for formats in ((), ("doc",)):
        with refusal("export.formats"):
            Choice(formats)


def test_they_go_into_one_archive() -> None:
    with zipfile.ZipFile(io.BytesIO(packed({"a.txt": b"1", "b.csv": b"2"}))) as archive:
        assert {name: archive.read(name) for name in archive.namelist()} == {"a.txt": b"1", "b.csv": b"2"}
