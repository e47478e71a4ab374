"""Two real waves through the pages: Kansas City's resident survey, September 2021 and March 2022.

The files are kept outside the project (fixture ``real_data``); the questionnaire and the mapping are ours. The
figures are checked against plain arithmetic in test_cli.py; here it is what an officer does and reads.
"""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest
from conftest import ROOT
from streamlit.testing.v1 import AppTest
from test_pages import app, button, select, words

from trustsurvey.instruments import read_instrument
from trustsurvey.model import AreaLevel, Study
from trustsurvey.store import Store

pytestmark = pytest.mark.realdata
OURS = ROOT / "tests" / "kansas_city"
WAVES = (
    ("Sep 2021", "kcmo_resident_survey_fy2022_q1q2.csv", date(2021, 8, 1), date(2021, 9, 30), 1033),
    ("Mar 2022", "kcmo_resident_survey_mar2022.csv", date(2022, 2, 1), date(2022, 3, 31), 984),
)


def import_wave(folder: Path, name: str, file: str, start: date, end: date, mapping: bool) -> AppTest:
    test = app("import_wave")
    test.file_uploader[0].set_value((file, (folder / file).read_bytes(), "text/csv"))
    test.run()
    if mapping:
        test.file_uploader[1].set_value(("mapping.yaml", (OURS / "mapping.yaml").read_bytes(), "text/yaml"))
        test.run()
    next(field for field in test.text_input if field.label == "Name of this wave").set_value(name)
    test.date_input[0].set_value(start)
    test.date_input[1].set_value(end)
    test.run()
    assert not test.exception
    return test


def test_two_waves_through_the_pages(real_data: Path, own_home: Path) -> None:
    store = Store.open()
    districts = AreaLevel("district", "Districts", "", tuple((f"District {k}", "") for k in range(1, 7)))
    study = Study(
        "kansas-city",
        "Kansas City",
        read_instrument(OURS / "instrument.yaml"),
        (districts, AreaLevel("zip", "ZIP areas")),
    )
    store.create_study(study)
    for number, (name, file, start, end, rows) in enumerate(WAVES):
        # The mapping file is given once; the second wave is offered the first one's mapping.
        test = import_wave(real_data / "kcmo", name, file, start, end, mapping=number == 0)
        told = words(test)
        assert f"Plain table: {rows:,} rows; 5 of 5 questions found." in told
        assert "Weights: none in the file." in told
        button(test, "Save as a wave").click().run()
        assert store.waves("kansas-city")[number].rows == rows
        test.switch_page("pages/weighting.py").run()
        assert "no population numbers yet" in words(test)
        button(test, "Release this wave").click().run()

    test = app("trust")
    told = words(test)
    assert "50 of 100**, likely between 48 and 51" in told
    assert "Lower by 2 points than in Sep 2021" in told
    assert "Answers are not weighted" in told
    assert "No detectable change in any of the districts since Sep 2021." in told
    select(test, "Areas").set_value(1).run()
    told = words(test)
    assert "32 of 42 ZIP areas are hidden" in told
    assert "Choose “Districts” to see results that rest on enough answers." in told
    assert not test.exception
