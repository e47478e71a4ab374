"""Every page under Streamlit's own test runner: what it says with a study, without one, and gone wrong."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from conftest import ROOT
from streamlit.testing.v1 import AppTest

from trustsurvey.instruments import default_instrument
from trustsurvey.model import AreaLevel, Study
from trustsurvey.present.tables import NOTHING
from trustsurvey.rights import Person
from trustsurvey.store import Store

PAGES = [
    "trust", "actions", "neighbourhood", "start", "import_wave", "weighting", "voices", "beside", "coding", "reading",
    "comments", "codebook", "redaction", "focus_groups", "groups", "analyst", "downloads", "study",
]  # fmt: skip
WAVE = ROOT / "sample_data" / "waves" / "riverton_2026q2.csv"


def fresh(**query: str) -> AppTest:
    """A fresh app that has shown nothing yet."""
    test = AppTest.from_file(str(ROOT / "app.py"), default_timeout=120)
    for name, value in query.items():
        test.query_params[name] = value
    return test


def opened(**query: str) -> AppTest:
    """The first run of a fresh app, which leads on to the results."""
    return fresh(**query).run()


def app(page: str, **query: str) -> AppTest:
    """The first run of a fresh app on one page, as behind a link to it."""
    return fresh(**query).switch_page(f"pages/{page}.py").run()


def words(test: AppTest) -> str:
    """All that a page says, without the backslashes that keep text from being markup."""
    parts = [*test.title, *test.header, *test.subheader, *test.markdown, *test.caption, *test.info, *test.warning,
             *test.error, *test.success]  # fmt: skip
    return re.sub(r"\\(?=[^\w\s]|_)", "", "\n".join(part.value for part in parts))


def button(test: AppTest, label: str):  # type: ignore[no-untyped-def]
    return next(b for b in test.button if b.label == label)


def asked(test: AppTest):  # type: ignore[no-untyped-def]
    return next(s for s in test.selectbox if "What does it mean?" in s.label)


def select(test: AppTest, label: str):  # type: ignore[no-untyped-def]
    return next(s for s in test.selectbox if s.label == label)


def choose(test: AppTest, label: str, shown: str) -> AppTest:
    """Choose in a box whose values are places in its list."""
    box = select(test, label)
    return box.set_value(box.options.index(shown)).run()


@pytest.fixture
def bare_study(own_home: Path) -> Store:
    """A study with two area levels and nothing else."""
    store = Store.open()
    areas = tuple((f"District {k}", "") for k in range(1, 7))
    store.create_study(Study("town", "Town", default_instrument(), (AreaLevel("district", "Districts", "", areas),)))
    return store


# --- every page in every state ------------------------------------------------------------------------


@pytest.mark.parametrize("page", PAGES)
def test_without_a_study_each_page_says_what_to_do(page: str) -> None:
    test = app(page)
    assert not test.exception
    assert "There is no study yet" in words(test)


@pytest.mark.parametrize("page", PAGES)
def test_with_an_empty_study_each_page_makes_sense(page: str, bare_study: Store) -> None:
    test = app(page)
    assert not test.exception
    assert not test.error
    if page not in ("study", "actions", "codebook", "comments", "focus_groups", "groups"):
        assert re.search(r"[Ii]mport|no wave yet", words(test))


@pytest.mark.parametrize("page", PAGES)
def test_with_the_sample_study_each_page_opens_and_labels_it(page: str, sample_seen: Path) -> None:
    test = app(page)
    assert not test.exception
    assert not test.error
    assert "Riverton and everyone in it are invented" in words(test)


def test_the_app_says_that_nobody_signs_in(sample_seen: Path) -> None:
    assert "nobody signs in" in words(opened())


@pytest.mark.parametrize("page", PAGES)
def test_an_app_that_others_could_reach_refuses_to_answer(
    page: str, sample_seen: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("trustsurvey.ui.guard.st.get_option", lambda name: "0.0.0.0")
    test = app(page)
    assert "answers only on the machine it runs on" in words(test)
    assert not test.title
    assert not test.selectbox


@pytest.mark.parametrize("page", PAGES)
def test_an_unusable_database_is_a_sentence(page: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TRUSTSURVEY_DATABASE_URL", "mysql://somewhere/else")
    test = app(page)
    assert not test.exception
    assert "The database cannot be opened" in words(test)


# --- trust ----------------------------------------------------------------------------------------------


def test_the_headline_is_a_number_a_range_and_a_change_in_words(sample_seen: Path) -> None:
    told = words(app("trust"))
    assert re.search(r"\*\*\d\d of 100\*\*, likely between \d\d and \d\d", told)
    assert "No detectable change since 2026 Q1." in told
    assert "We would probably have seen a change of" in told


def test_a_real_change_is_told_with_its_range(sample_seen: Path) -> None:
    test = app("trust", wave="2025 Q3")
    assert select(test, "Wave").value == 4
    assert re.search(r"Lower by \d points than in 2025 Q2, likely between \d and \d", words(test))


def test_neighbourhoods_come_from_a_rolling_year_and_districts_from_the_quarter(sample_seen: Path) -> None:
    test = app("trust")
    assert "From the wave 2026 Q2." in words(test)
    choose(test, "Areas", "Neighbourhoods")
    told = words(test)
    assert "the last 4 waves (2025 Q3 to 2026 Q2) are taken together here" in told
    assert "Over time, by districts" in told
    assert not test.exception


def test_what_changed_comes_after_what_could_have_been_seen(sample_seen: Path) -> None:
    told = words(app("trust", wave="2025 Q3"))
    assert re.search(r"In half of the districts a change of \d+ points or more would probably have been seen", told)
    assert re.search(r"In half of the groups a change of \d+ points or more", told)
    assert re.search(r"- \*\*ethnicity White\*\*: Lower by \d points than in 2025 Q2, likely between", told)


def test_every_sentence_has_its_table_behind_it(sample_seen: Path) -> None:
    test = app("trust")
    told = words(test)
    assert re.search(r"Probably among the lowest fifth \(2 of 8\), by a model that allows for chance: \w+ \(", told)
    assert re.search(r"- \*\*75\+\*\*: Higher than everyone together by \d+ points", told)
    tables = [table.value for table in test.dataframe]
    (lowest,) = [table for table in tables if "How probably one of the 2 lowest" in table]
    assert len(lowest) == 8
    against = [table for table in tables if "Against everyone" in table]
    assert len(against) == 5  # districts, age, sex, ethnicity, contact
    assert sum("Visible from" in table for table in tables) == 2  # change by district and by group
    assert any("Of residents" in table for table in tables)


def test_a_changed_wording_breaks_the_series(sample_seen: Path) -> None:
    test = app("trust", wave="2025 Q3")
    choose(test, "What", "Safety")
    assert "Not comparable with 2025 Q2: some questions were asked in other words." in words(test)


def test_the_address_restores_the_view_and_keeps_what_is_chosen(sample_seen: Path) -> None:
    test = opened(wave="2025 Q4", what="pj", areas="neighbourhood")
    assert [select(test, label).value for label in ("Wave", "What", "Areas")] == [5, 1, 1]
    assert [metric.label for metric in test.metric] == ["Procedural justice"]
    assert "the last 4 waves (2025 Q1 to 2025 Q4) are taken together here" in words(test)
    assert not test.info
    choose(test, "Areas", "Districts")
    choose(test, "What", "Safety")
    asked = {name: test.query_params[name] for name in ("wave", "what", "areas")}
    assert asked == {"wave": "2025 Q4", "what": "sa", "areas": "district"}


def test_what_the_address_asks_for_in_vain_is_said_and_is_no_markup(sample_seen: Path) -> None:
    test = opened(wave="2099 Q1", what="<b>gone</b>", areas="a" * 500)
    assert not test.exception
    told = [info.value for info in test.info]
    assert len(told) == 3
    assert "2099 Q1" in words(test)
    assert "\u201cTrust index\u201d is shown instead" in words(test)
    assert "\\<b\\>gone" in told[1]
    assert "a" * 60 in told[2]
    assert "a" * 61 not in told[2]
    assert re.search(r"\*\*\d\d of 100\*\*", words(test))
    test.run()
    assert not test.info


def test_a_briefing_is_offered_to_those_who_may_take_results_away(
    sample_seen: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("trustsurvey.present.pdf.available", lambda: False)
    assert [b.proto.label for b in opened().get("download_button")] == ["Save as a briefing (.html)"]
    monkeypatch.setattr("trustsurvey.present.pdf.available", lambda: True)
    assert [b.proto.label for b in opened().get("download_button")] == ["Save as a briefing (.html)", "Save as PDF"]
    monkeypatch.setattr("trustsurvey.ui.briefing.allowed", lambda person, action, thing: action != "download results")
    assert not opened().get("download_button")


def test_whoever_is_chosen_is_told_of_and_stays_in_the_address(sample_seen: Path) -> None:
    test = app("trust")
    assert test.metric[0].label == "Trust index"
    everyone = test.metric[0].value
    assert "Black (ethnicity)" in select(test, "Who").options
    assert "Other (ethnicity)" not in select(test, "Who").options  # too few of them answered
    choose(test, "Who", "75+ (age)")
    assert (test.metric[0].label, test.query_params["who"]) == ("Trust index", "age=75+")
    told = words(test)
    assert f"**75+**: **{test.metric[0].value} of 100**" in told
    assert re.search(
        rf"Higher than everyone together by \d+ points?, likely .*Everyone together is at {everyone}", told
    )
    assert "Below the course over time everything is about everyone." in told
    assert "Trust index, 75+ in every wave" in told
    ages = next(t.value for t in test.dataframe if "Against everyone" in t.value and "75+" in t.value[""].tolist())
    assert ages.set_index("").loc["75+"].astype(str).str.fullmatch(test.metric[0].value).any()
    assert "**18-29**: **" in words(app("trust", who="age=18-29", wave="2025 Q3"))


def test_what_goes_with_a_score_is_called_no_cause(sample_seen: Path) -> None:
    told = words(app("trust"))
    assert re.search(r"About \d+ of 100 parts of these differences go along with what is shown here", told)
    assert "What goes with trust need not bring it about" in told


def test_the_first_wave_has_nothing_to_compare_with(sample_seen: Path) -> None:
    assert "This is the first wave" in words(app("trust", wave="2024 Q3"))


def test_viewers_would_see_released_waves_alone(sample_home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    store = Store.open()
    wave, _ = store.load_wave("riverton-sample-study", "2026 Q2")
    store.remove_wave("riverton-sample-study", "2026 Q2", reason="test")
    record = store.waves("riverton-sample-study")[-1]
    store.save_wave("riverton-sample-study", wave, record.mapping, "again.csv", "0" * 64)
    test = app("trust")
    assert "2026 Q2 is a draft: viewers do not see it" in words(test)
    monkeypatch.setattr("trustsurvey.ui.guard.person", lambda: Person("Somebody", frozenset({"commander"})))
    test = app("trust")
    assert select(test, "Wave").options == [
        f"202{y} Q{q}" for y, q in ((4, 3), (4, 4), *((5, k) for k in (1, 2, 3, 4)), (6, 1))
    ]


# --- one area -------------------------------------------------------------------------------------------


def test_choosing_an_area_opens_its_page(sample_seen: Path) -> None:
    test = select(app("trust", wave="2025 Q4"), "One of the districts").set_value("Northside").run()
    assert not test.exception
    assert test.header[0].value == "Northside"
    assert {name: test.query_params[name] for name in ("wave", "what", "areas", "area")} == {
        "wave": "2025 Q4", "what": "trust", "areas": "district", "area": "Northside",
    }  # fmt: skip
    told = words(test)
    assert re.search(r"\*\*\d\d of 100\*\*, likely between \d\d and \d\d\. \d\d answers", told)
    assert re.search(
        r"Lower than everyone together by \d+ points, likely between .* Everyone together is at \d\d", told
    )
    assert "Probably among the lowest fifth of the districts (2 of 8)" in told
    assert re.search(r"\d+\s% of all answers came from Northside, where 17\s% of residents live", told)
    assert "Each wave, with the range it likely lies in." in told
    assert "By ethnicity" in told
    assert [b.proto.label for b in test.get("download_button")] == [
        "Save the meeting pack (.html)", "As text to read aloud (.txt)",
    ]  # fmt: skip


def test_the_address_opens_an_area_that_rests_on_a_year(sample_seen: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    test = app("neighbourhood", areas="neighbourhood", area="Docks")
    assert not test.exception
    assert test.header[0].value == "Docks"
    told = words(test)
    assert "the last 4 waves (2025 Q3 to 2026 Q2) are taken together here" in told
    assert "year of surveys taken together, none of them in two" in told
    (times,) = [t.value for t in test.dataframe if "2024 Q3 to 2025 Q2" in t.value[""].tolist()]
    assert times[""].tolist() == ["2024 Q3 to 2025 Q2", "2025 Q3 to 2026 Q2"]
    assert "Groups are not told here" in told
    assert "were not compared with how many people live in Docks" in told
    monkeypatch.setattr("trustsurvey.ui.briefing.allowed", lambda person, action, thing: False)
    monkeypatch.setattr("trustsurvey.rights.allowed", lambda person, action, thing: action == "see")
    assert not test.run().get("download_button")


def test_groups_within_an_area_are_for_those_who_may_see_single_answers(
    sample_seen: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A crossed table is not among those that are declared for everyone."""
    monkeypatch.setattr("trustsurvey.ui.one_area.allowed", lambda person, action, thing: action != "download microdata")
    test = app("neighbourhood", area="Northside")
    told = words(test)
    assert "Groups within an area are shown to those who may see single answers." in told
    assert "By ethnicity" not in told


# --- import ---------------------------------------------------------------------------------------------


def upload(test: AppTest, name: str, content: bytes) -> AppTest:
    test.file_uploader[0].set_value((name, content, "text/csv"))
    return test.run()


def test_a_survey_is_understood_and_saved_as_a_draft_and_can_be_undone(bare_study: Store) -> None:
    test = upload(app("import_wave"), WAVE.name, WAVE.read_bytes())
    told = words(test)
    assert "Qualtrics export: 1,095 rows, April to May 2026; 37 of 37 questions found." in told
    assert "1,019 of 1,095 rows count as answers." in told
    assert "left out: same respondent id as an earlier row" in told
    button(test, "Save as a wave").click().run()
    assert "2026 Q2 is saved as a draft" in words(test).replace("**", "")
    (record,) = bare_study.waves("town")
    assert (record.name, record.rows, record.status) == ("2026 Q2", 1019, "draft")
    button(test, "Undo this import").click().run()
    assert "was taken back" in words(test)
    assert bare_study.waves("town") == []


def test_the_mapping_of_the_last_wave_is_offered(sample_seen: Path) -> None:
    test = upload(app("import_wave"), WAVE.name, WAVE.read_bytes())
    assert "There is a wave 2026 Q2 already (released); saving corrects it." in words(test)
    assert any("Why is it corrected?" in field.label for field in test.text_input)


PLAIN = b"id,area,pj1,pj2,pj3,pj4,pj5r\n" + b"".join(
    b"%d,District %d,%d,4,3,2,5\n" % (k, k % 6 + 1, k % 5 + 1) for k in range(60)
)


def test_a_value_nobody_understands_is_asked_about_and_nothing_is_saved_before(bare_study: Store) -> None:
    content = PLAIN.replace(b"1,District 2,2", b"1,District 2,7")
    test = upload(app("import_wave"), "plain.csv", content)
    assert "Please decide" in words(test)
    assert "7" in asked(test).label
    assert "row 3" in asked(test).label
    next(field for field in test.text_input if field.label == "Name of this wave").set_value("one").run()
    assert button(test, "Save as a wave").disabled
    asked(test).set_value("Leave it out").run()
    assert not button(test, "Save as a wave").disabled
    button(test, "Save as a wave").click().run()
    assert [record.name for record in bare_study.waves("town")] == ["one"]


def test_an_unknown_area_is_asked_about_with_a_suggestion(bare_study: Store) -> None:
    test = upload(app("import_wave"), "plain.csv", PLAIN.replace(b"District 3", b"Distrct 3"))
    assert "Distrct 3" in asked(test).label.replace("\\", "")
    assert asked(test).options[1] == "District 3"


def test_spellings_are_proposed_together_and_taken_in_one_click_or_asked_in_one_table(bare_study: Store) -> None:
    content = PLAIN
    for k in range(1, 7):
        content = content.replace(f",District {k},".encode(), f",Distr {k},".encode(), 1)
    content = content.replace(b",Distr 1,", b",Distrikt 1,").replace(b",District 1,", b",Dist 1,", 1)
    content = content.replace(b",District 2,", b",Destrict 2,", 1).replace(b",District 3,", b",Dystrict 3,", 1)
    test = upload(app("import_wave"), "plain.csv", content)
    assert "Please decide: 1 of 1 left" in words(test)
    together = next(s for s in test.selectbox if "spellings resemble an area" in s.label)
    together.set_value("Decide one by one").run()
    assert "values of Districts are not known" in words(test)
    assert not [s for s in test.selectbox if "What does it mean?" in s.label]
    next(field for field in test.text_input if field.label == "Name of this wave").set_value("one").run()
    assert button(test, "Save as a wave").disabled
    next(b for b in test.button if b.label.startswith("Take what is proposed")).click().run()
    assert "All is decided" in words(test)
    button(test, "Save as a wave").click().run()
    people = bare_study.load_wave("town", "one")[0].people["district"]
    assert people.notna().all()
    assert people.nunique() == 6


def test_the_columns_can_be_looked_through_by_kind_and_what_was_checked_is_told(bare_study: Store) -> None:
    test = upload(app("import_wave"), "plain.csv", PLAIN)
    view = next(c for c in test.segmented_control if c.label == "Show")
    assert any(option.startswith("Questions (") for option in view.options)
    assert view.options[-1].startswith("Everything (")
    assert [e.label for e in test.expander if e.label == "What was checked"]
    assert "rows read" in test.dataframe[0].value["check"].tolist()


@pytest.mark.parametrize(
    ("name", "content", "told"),
    [
        ("empty.csv", b"", "The file is empty"),
        ("heading.csv", b"id,pj1,pj2\n", "The file has a heading but no answers"),
        ("one.csv", b"a:b:c\n1:2:3\n", "The file has a single column"),
        ("fake.xlsx", b"not a workbook", "The file is of a kind that cannot be read"),
        ("cut.xlsx", b"PK\x03\x04 cut off", "The workbook is damaged or was cut off"),
        ("ragged.csv", PLAIN + b"99,District 1,1\n", "A row has another number of values than the heading"),
        ("quote.csv", PLAIN + b'61,"District 1,1,2,3,4,5\n62,District 1,1,2,3,4,5\n', "quotation mark"),
        ("nothing.csv", b"one,two\n1,2\n3,4\n", "No column is mapped to a question"),
        ("twice.csv", PLAIN.replace(b"pj2", b"pj1", 1), "pj1 (column C)"),
    ],
)
def test_a_bad_file_is_a_sentence_and_saves_nothing(name: str, content: bytes, told: str, bare_study: Store) -> None:
    test = upload(app("import_wave"), name, content)
    assert not test.exception
    assert told in words(test)
    assert bare_study.waves("town") == []


def test_a_negative_weight_is_named_with_its_row(bare_study: Store) -> None:
    lines = PLAIN.decode().splitlines()
    content = "\n".join([lines[0] + ",weight", *(f"{line},{-1 if k == 4 else 1}" for k, line in enumerate(lines[1:]))])
    test = upload(app("import_wave"), "weights.csv", content.encode())
    assert "row 6, column 'weight'" in words(test)
    assert "'-1'" in words(test)


def test_an_upload_above_the_limit_is_refused_before_it_is_read(
    bare_study: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("trustsurvey.ui.importing.UPLOAD_LIMIT", 1000)
    monkeypatch.setattr("trustsurvey.ui.importing.read", lambda *a, **k: pytest.fail("the file was read"))
    test = upload(app("import_wave"), "large.csv", PLAIN)
    assert "The file is too large for the app" in words(test)
    assert "command line" in words(test)


# --- weighting --------------------------------------------------------------------------------------------


def test_numbers_that_are_still_to_be_filled_in_show_a_dash(sample_seen: Path) -> None:
    assert app("weighting").dataframe[0].proto.placeholder == NOTHING


def test_weights_are_made_shown_and_saved(sample_home: Path) -> None:
    test = app("weighting")
    assert "These are the weights as saved." in words(test)
    button(test, "Make weights").click().run()
    assert {m.label for m in test.metric} >= {"Answers", "Worth after weighting", "Design effect", "Largest weight"}
    told = words(test)
    assert "These weights are not saved yet." in told
    assert re.search(r"1,019 answers tell about as much as \d{3} that all count the same", told)
    assert re.search(r"Answers count most from: age 18-29 \(\d\.\d times the average\)", told)
    assert "No limit was set on how much one answer may count" in told
    assert re.search(r"The last twentieth counts \d\.\d times the average and carries \d+\s% of all weight", told)
    assert len([table for table in test.dataframe if "One answer counts" in table.value]) == 2
    button(test, "Save these weights").click().run()
    assert "is released; expected a reason" in words(test).casefold() or "reason for correcting" in words(test)
    next(f for f in test.text_input if "Why are its weights changed" in f.label).set_value("checked again").run()
    button(test, "Save these weights").click().run()
    assert "are saved" in words(test)
    record = Store.open().waves("riverton-sample-study")[-1]
    assert record.status == "released, correction in draft"
    assert record.reasons == ("checked again",)
    assert "2026 Q2 has a correction in draft. Release it" in words(test)
    assert "has a correction in draft: until it is released, viewers see what was before" in words(app("trust"))


def test_all_waves_are_weighted_alike(sample_home: Path) -> None:
    test = app("weighting")
    button(test, "Make weights").click().run()
    next(f for f in test.text_input if "Why are its weights changed" in f.label).set_value("one method for all").run()
    button(test, "Weigh all 8 waves like this, and save").click().run()
    assert "The weights of all 8 waves are saved." in words(test)
    assert {r.reasons for r in Store.open().waves("riverton-sample-study")} == {("one method for all",)}


def test_what_was_cut_off_and_merged_is_told(sample_seen: Path) -> None:
    test = app("weighting")
    next(box for box in test.radio if box.label.startswith("How much")).set_value("trim_to").run()
    for field, value in zip(test.number_input[:3], (0.5, 2.0, 60), strict=True):
        field.set_value(value)
    button(test, "Make weights").click().run()
    told = words(test)
    assert "Weights were cut off below 0.5 times and above 2 times the average" in told
    assert re.search(r"The population is now missed, by at most \d+\s% of a group", told)
    assert "2 categories with few answers were taken together into 1: ethnicity:" in told


def test_bounds_that_cannot_hold_are_refused_with_the_category(sample_seen: Path) -> None:
    test = app("weighting")
    next(box for box in test.radio if box.label.startswith("How much")).set_value("bounds").run()
    for field, value in zip(test.number_input[:2], (0.9, 1.1), strict=True):
        field.set_value(value)
    button(test, "Make weights").click().run()
    told = words(test)
    assert "No weights can meet these margins together with weights between 0.9 and 1.1 times the mean" in told
    assert re.search(r"(district|age|sex|ethnicity) '.+' should come to", told)


def test_without_margins_the_page_says_so_and_offers_a_table_to_fill_in(bare_study: Store) -> None:
    test = upload(app("import_wave"), "plain.csv", PLAIN)
    next(field for field in test.text_input if field.label == "Name of this wave").set_value("one").run()
    button(test, "Save as a wave").click().run()
    test.switch_page("pages/weighting.py").run()
    assert not test.exception
    assert "no population numbers yet" in words(test)
    assert button(test, "Make weights").disabled
    button(test, "Release this wave").click().run()
    assert bare_study.waves("town")[0].status == "released"


# --- downloads and studies --------------------------------------------------------------------------------


def test_files_are_prepared_on_request(sample_home: Path) -> None:
    test = app("downloads")
    button(test, "Prepare the files").click().run()
    assert not test.exception
    assert [entry for entry in Store.open().audit_trail()["action"] if entry == "export"] == ["export"]


def test_weights_of_single_residents_leave_for_a_reason_that_is_kept(sample_home: Path) -> None:
    test = app("downloads")
    test.checkbox[0].check().run()
    button(test, "Prepare the files").click().run()
    assert "taken away for a reason" in words(test)
    next(field for field in test.text_input if "weights needed" in field.label).set_value("to check figures in R")
    button(test, "Prepare the files").click().run()
    assert Store.open().audit_trail(1)["detail"].iloc[0] == "workbook with weights; to check figures in R"


def test_who_looked_at_what_is_written_down_once_a_visit(sample_home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("trustsurvey.ui.guard.person", lambda: Person("Ada", frozenset({"commander"})))
    test = app("trust")
    test.run()
    select(test, "Wave").set_value(4).run()
    trail = Store.open().audit_trail()
    seen = trail[trail["action"] == "see"].iloc[::-1]
    assert set(seen["person"]) == {"Ada"}
    assert set(seen["detail"]) == {"Trust in the police"}
    study = "riverton-sample-study"
    assert list(seen["object"]) == [study, f"{study}/2026 Q2", f"{study}/2025 Q3"]


def test_the_sample_study_is_removed_in_one_click_and_stays_away(sample_home: Path) -> None:
    test = app("study")
    button(test, "Remove the sample study").click().run()
    assert "There is no study yet" in words(test)
    store = Store.open()
    assert store.studies() == []
    assert store.setting("sample removed") == "yes"


def test_a_study_is_created_with_areas_and_opens(own_home: Path) -> None:
    test = app("study")
    fields = {field.label: field for field in test.text_input}
    fields["Name"].set_value("Lakeside")
    fields["Larger areas: what they are called"].set_value("Wards")
    next(a for a in test.text_area if a.label.startswith("Larger areas")).set_value("North\nSouth")
    button(test, "Create the study").click().run()
    assert "Lakeside is created" in words(test)
    study = Store.open().study("lakeside")
    assert [(level.key, level.names) for level in study.levels] == [("wards", ("North", "South"))]


def test_a_study_without_a_name_is_refused(own_home: Path) -> None:
    test = app("study")
    button(test, "Create the study").click().run()
    assert "The study has no name" in words(test)
    assert Store.open().studies() == []


@pytest.mark.parametrize(("what", "told"), [("reading", "Nothing of the file was kept"), ("saving", "still open here")])
def test_an_import_that_was_stopped_is_told(what: str, told: str, bare_study: Store) -> None:
    test = fresh().switch_page("pages/import_wave.py")
    test.session_state["import told"] = (what, "")
    assert told in words(test.run())
