"""Files for other programs: the same whatever language is spoken where they are asked for."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Callable, Mapping
from datetime import date

import pytest
from focus_groups import conversation
from stores import STUDY
from test_export_tables import planted, weighted
from test_present_actions import BESIDE, DESK, ROW, record

from trustsurvey.actions.before_after import BeforeAfter
from trustsurvey.analysis import Picture, picture
from trustsurvey.export.actions import actions_table
from trustsurvey.export.framework import framework_workbook
from trustsurvey.export.tables import picture_tables
from trustsurvey.export.takeaway import Choice, takeaway_files
from trustsurvey.export.workbook import csv_archive, csv_bytes
from trustsurvey.focus_groups.exchange import as_table
from trustsurvey.focus_groups.study import heard_of
from trustsurvey.language import speaking
from trustsurvey.model import Coding
from trustsurvey.scales.scoring import score
from trustsurvey.text.codebook import default_codebook
from trustsurvey.text.readings import Readings

BOOK = default_codebook()
GROUP = conversation("North", [("P1", "They came late.", 761.9), ("P2", "Never.", 3765.0)], date(2026, 4, 14))
READ = [Coding("North 1", "Ann", (("response", "negative"),))]


@pytest.fixture(scope="module")
def shown() -> Picture:
    return picture([score(weighted(planted(seed))) for seed in (1, 2)], 1, STUDY)


def parts_of(content: bytes) -> dict[str, bytes]:
    """What a file holds, by the name of each part where it is packed; when it was written is left out."""
    if not zipfile.is_zipfile(io.BytesIO(content)):
        return {"": content}
    with zipfile.ZipFile(io.BytesIO(content)) as packed:
        return {name: packed.read(name) for name in packed.namelist() if name != "docProps/core.xml"}


def tables(shown: Picture) -> dict[str, bytes]:
    found = BeforeAfter(DESK, None, ("2025 Q4",), ("2026 Q1",), ROW, BESIDE)
    book = picture_tables(shown, microdata=True, actions=actions_table(record(DESK, found=found)))
    return parts_of(csv_archive(book))


def answers(shown: Picture) -> dict[str, bytes]:
    files = takeaway_files(shown, None, Choice(("csv", "parquet")), "Taken by a test.")
    return dict(files)


def groups(shown: Picture) -> dict[str, bytes]:
    heard = heard_of([GROUP], [Readings.of(BOOK, tuple(GROUP.turns["key"]), READ)])
    readings = csv_bytes(as_table([GROUP], {"North": READ}))
    return {"readings.csv": readings, **parts_of(framework_workbook([GROUP], BOOK, heard))}


@pytest.mark.parametrize(
    ("made", "says"),
    [(tables, {"actions.csv": "moved up by 4 points", "method.csv": "April to June"}),
     (answers, {"README.txt": "11 are among fewer than 10 alike", "method.csv": "April to June"}),
     (groups, {"readings.csv": "12:41, line 1", "xl/worksheets/sheet1.xml": "They came late. (12:41, line 1)"})],
)  # fmt: skip
def test_a_file_is_the_same_and_english_where_another_language_is_spoken(
    made: Callable[[Picture], dict[str, bytes]], says: Mapping[str, str], shown: Picture
) -> None:
    expected = made(shown)
    for name, words in says.items():
        assert words in expected[name].decode(), expected[name].decode()[:3000]
    with speaking("es-AR"):
        assert made(shown) == expected
