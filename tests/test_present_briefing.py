"""The briefing says what the picture says: the same numbers and sentences, nothing hidden, nothing that acts."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import numpy as np
import pandas as pd
import pytest
from pages_of_html import Parsed
from stores import INSTRUMENT, STUDY, WARDS, raked
from test_analysis import quarter
from test_present_maps import geojson
from voices import BOOK, audited

from trustsurvey.actions.before_after import BeforeAfter
from trustsurvey.actions.follow_up import Record, Unanswered
from trustsurvey.analysis import Picture, picture
from trustsurvey.estimation.means import estimate
from trustsurvey.export.method import method_rows
from trustsurvey.model import Action, AreaLevel, Study, Wave
from trustsurvey.present import actions, blocks, briefing, charts, findings, result_tables, themes, words
from trustsurvey.present.briefing import Voice, briefing_html
from trustsurvey.present.document import LARGEST
from trustsurvey.scales.drivers import ASSOCIATION, CAUTIONS
from trustsurvey.scales.scoring import score
from trustsurvey.voices.answers import teach
from trustsurvey.voices.picture import Themes, themes as themes_of
from trustsurvey.voices.quoted import Said

EVIL = "<script>alert(1)</script><img src=x onerror=y>"


def few_in(wave: Wave, ward: str, many: int = 5) -> Wave:
    """The wave with so many people left in one ward: the others of it move to its neighbour."""
    people = wave.people.copy()
    there = np.flatnonzero(people["ward"] == ward)[many:]
    people.iloc[there, people.columns.get_loc("ward")] = "Park"
    return replace(wave, people=people)


@pytest.fixture(scope="module")
def shown() -> Picture:
    """Two waves; in the ward Hill five people answered."""
    return picture([few_in(raked(quarter(k, n=600)), "Hill") for k in (1, 2)], 1, STUDY)


@pytest.fixture(scope="module")
def found() -> Themes:
    answers, _ = audited(1, 200)
    return themes_of([[answers]], 0, "why", Study("town", "Town", STUDY.instrument), teach(BOOK, [answers]))


@pytest.fixture(scope="module")
def page(shown: Picture) -> Parsed:
    return Parsed(briefing_html(shown, "ward", geojson(), method=method_rows(shown, None), made=date(2026, 7, 1)))


def table_of(page: Parsed, like: pd.DataFrame) -> list[list[str]]:
    """The rows of the table of a page whose first column is that of another table, and whose heads are."""
    filled = [k for k, name in enumerate(like) if k == 0 or (like[name].astype(str) != "").any()]
    expected = [[str(row[k]) for k in filled] for row in like.itertuples(index=False)]
    heads = [str(like.columns[k]) for k in filled]
    return next(
        rows[1:] for _, rows in page.tables if rows[0] == heads and [r[0] for r in rows[1:]] == [r[0] for r in expected]
    )


def cells(like: pd.DataFrame) -> list[list[str]]:
    filled = [k for k, name in enumerate(like) if k == 0 or (like[name].astype(str) != "").any()]
    return [[str(row[k]) for k in filled] for row in like.itertuples(index=False)]


def test_questions_are_answered_in_order(page: Parsed) -> None:
    heads = [text for within, text in page.words if within == "h2"]
    assert heads == [
        "Where do we stand?", "What changed?", "Where?", "For whom?", "What do residents say?",
        "Who are we not hearing?", "What was promised, what was done, did it help?", "How this was made",
    ]  # fmt: skip


def test_the_numbers_are_those_of_the_picture(page: Parsed, shown: Picture) -> None:
    view = shown.view("ward")
    assert view.change is not None
    changes = view.change.table[view.change.table["by"] == "ward"]
    groups = shown.estimates.rows(measure="trust", by="sex")
    for expected in (
        charts.table(shown.trend.rows(measure="trust", by=""), "wave"),
        findings.with_gaps(charts.table(view.estimates.rows(by="ward")), view.against),
        result_tables.change_table(changes, view.change.old),
        findings.with_gaps(charts.table(groups), shown.groups["sex"]),
        findings.heard_table(shown.heard),
    ):
        assert table_of(page, expected) == cells(expected)
    assert ("p", words.headline_words(shown, "trust")["number"]) in page.words


def test_the_sentences_are_those_of_the_page(page: Parsed, shown: Picture) -> None:
    view, told = shown.view("ward"), words.headline_words(shown, "trust")
    assert shown.heard is not None
    text = page.text
    for sentence in (
        told["range"][1:], told["answers"], told["change"], told["detectable"], words.standing_words(shown.wave),
        words.basis_words(view), words.against_words(view), findings.heard_words(shown.heard),
        *(line for _, line in findings.gaps_words(shown.groups["sex"])),
    ):  # fmt: skip
        assert " ".join(sentence.split()) in text


def test_what_a_drawing_shows_is_said_beside_it(page: Parsed, shown: Picture) -> None:
    said = page.spoken()
    assert len(said) == page.tags.count("svg") >= 5
    rows = shown.view("ward").estimates.rows(by="ward").set_index("level")
    of_map = next(one for one in said if one.startswith("Map."))
    for ward in ("Docks", "Mill"):
        row = rows.loc[ward]
        assert f"{ward}: {words.likely(row['est'], row['lci'], row['uci'])}." in of_map
    assert "Hill: too few answers." in of_map


def test_what_is_hidden_is_nowhere(page: Parsed, shown: Picture) -> None:
    rows = shown.view("ward").estimates.rows(by="ward").set_index("level")
    assert rows.loc["Hill", "suppressed"] != ""
    plain = estimate(score(shown.wave), ["trust"], ["ward"]).table.set_index("level").loc["Hill"]
    assert np.isfinite(plain["est"])
    of_areas = [row for _, table in page.tables for row in table if row[0] == "Hill"]
    assert of_areas
    for row in of_areas:
        assert not any(cell.strip().isdigit() for cell in row), row
    for said in page.spoken():
        assert "Hill: " not in said or "Hill: too few answers." in said
    whole = words.likely(plain["est"], plain["lci"], plain["uci"])
    assert f"Hill: {whole}" not in page.text


def test_nothing_on_the_page_acts_and_it_can_be_sent(shown: Picture) -> None:
    html = briefing_html(shown, "ward", geojson(), method=method_rows(shown, None))
    assert "<script" not in html
    assert "http" not in html
    assert len(html.encode()) < LARGEST == 500_000
    Parsed(html).inert()


def test_the_words_of_residents_and_of_files_are_inert(shown: Picture, found: Themes) -> None:
    """Names of areas, categories, studies, waves and themes, and quotes, are what somebody typed."""
    wave = shown.wave
    renamed = {"Docks": EVIL}
    people = wave.people.assign(
        ward=wave.people["ward"].cat.rename_categories(renamed),
        sex=wave.people["sex"].cat.rename_categories({"f": EVIL}),
    )
    levels = (STUDY.levels[0], AreaLevel("ward", EVIL, "district", tuple((renamed.get(a, a), b) for a, b in WARDS)))
    titled = replace(
        INSTRUMENT, indices=(*INSTRUMENT.indices[:-1], replace(INSTRUMENT.indices[-1], title=EVIL, plain=EVIL))
    )
    study = Study("town", EVIL, titled, levels)
    made = picture([replace(wave, name=EVIL, people=people, instrument=titled, scores=None)], 0, study)
    book = replace(BOOK, codes=tuple(replace(code, title=EVIL) for code in BOOK.codes))
    voice = Voice(replace(found, codebook=book, question=EVIL), {"speed": Said((f"they came {EVIL} late",), ())})
    map_of = geojson({EVIL: (0.0, 0.0), "Mill": (1.0, 0.0)})
    html = briefing_html(made, "ward", map_of, [voice], [(EVIL, EVIL)], [EVIL])
    assert "<script" not in html
    assert "<img" not in html
    page = Parsed(html)
    page.inert()
    assert page.text.count(EVIL) > 20
    assert f"\u201cthey came {EVIL} late\u201d" in page.text


def test_residents_are_heard_with_ranges_and_quoted(shown: Picture, found: Themes) -> None:
    quotes = {"speed": Said(("They came late.", "Second."), ("Otherwise.",)), "manner": Said((), ())}
    page = Parsed(briefing_html(shown, voices=[Voice(found, quotes)]))
    assert themes.basis_words(found) in page.text
    everyone = themes.in_percent(found.rows())
    back = everyone.assign(**{n: everyone[n] / 100 for n in ("est", "lci", "uci")})
    expected = themes.share_table(back, "title")
    assert table_of(page, expected) == cells(expected)
    assert "\u201cThey came late.\u201d" in page.text
    assert "Second." not in page.text
    assert "without names, and from areas in which at least ten people do" in page.text
    silent = Parsed(briefing_html(shown))
    assert words.no_themes_words(shown.wave) in silent.text
    assert "\u201cLikely between\u201d is a range of 95 %" in silent.text


def test_what_is_missing_is_said(found: Themes) -> None:
    bare = replace(quarter(1), areas=(), groups=())
    page = Parsed(briefing_html(picture([bare], 0, Study("town", "Town", INSTRUMENT))))
    for told in (
        "This is the first wave", "nothing can be said by area", "marked as a group", "cannot be said who is missing",
        "There is nothing to compare with yet.", "Answers were collected January to March 2025.",
    ):  # fmt: skip
        assert told in page.text
    assert "svg" not in page.tags


def test_a_wave_too_thin_to_say_anything_has_no_number() -> None:
    page = Parsed(briefing_html(picture([quarter(1, n=20)], 0, STUDY), "ward", geojson()))
    assert "Too few answers to say; at least 30 needed." in page.text
    assert "of 100" not in [text for within, text in page.words if within == "small"]


def test_with_very_many_areas_those_that_differ_are_shown_and_the_rest_is_in_the_workbook(
    monkeypatch: pytest.MonkeyPatch, shown: Picture
) -> None:
    monkeypatch.setattr(briefing, "MOST", 3)
    page = Parsed(briefing_html(shown, "ward"))
    differ = set(findings.differing(shown.view("ward").against)["level"])
    (rows,) = [
        rows
        for _, rows in page.tables
        if any("more are in the workbook" in row[0] for row in rows) and "Score" in rows[0]
    ]
    assert {row[0] for row in rows[1:-1]} == differ
    assert rows[-1][0] == f"{4 - len(differ)} more are in the workbook"


def test_a_long_chart_is_several_that_fit_a_sheet(monkeypatch: pytest.MonkeyPatch, shown: Picture) -> None:
    before = Parsed(briefing_html(shown, "ward")).tags.count("svg")
    monkeypatch.setattr(blocks, "TALL", 2)
    assert Parsed(briefing_html(shown, "ward")).tags.count("svg") == before + 1


@pytest.fixture(scope="module")
def many() -> Picture:
    """A wave of 400 wards with long names, forty people each."""
    wave = quarter(1, n=16_000)
    names = [f"Ward {k} of the old parish of Saint Somebody in the Fields" for k in range(400)]
    ward = np.arange(len(wave)) % 400
    people = wave.people.assign(
        ward=pd.Categorical.from_codes(ward, names), district=pd.Categorical.from_codes(ward // 200, ["East", "West"])
    )
    levels = (
        STUDY.levels[0],
        AreaLevel("ward", "Wards", "district", tuple((n, ["East", "West"][k // 200]) for k, n in enumerate(names))),
    )
    return picture([replace(wave, people=people)], 0, replace(STUDY, levels=levels))


def test_a_city_of_four_hundred_areas_fits(many: Picture) -> None:
    names = {name: (k % 20, k // 20) for k, name in enumerate(many.view("ward").level.names)}
    page = briefing_html(many, "ward", geojson(names))
    assert len(page.encode()) < LARGEST
    assert page.count("<path ") == 400


def test_what_goes_with_the_score_is_told_and_called_no_cause(shown: Picture) -> None:
    table = pd.DataFrame({"predictor": ["safety"], "n": [500], "importance": [0.31], "lci": [0.22], "uci": [0.4]})
    page = Parsed(briefing_html(shown, companions=table))
    assert "What goes with it?" in page.text
    assert "About 31 of 100 parts of these differences" in page.text
    assert CAUTIONS[ASSOCIATION] in page.text
    assert "What goes with it?" not in Parsed(briefing_html(shown)).text


def test_what_was_promised_stands_in_it_as_on_the_page(shown: Picture) -> None:
    desk = Action(EVIL, "Team", "done", done=date(2025, 12, 8), score="trust", outcome="Twenty people come", id=1)
    late = Action("Lamps", due=date(2026, 1, 1), id=2)
    row = {"before": 41.0, "after": 46.0, "diff": 5.0, "lci": -1.0, "uci": 11.0, "detectable": 7.2, "verdict": "none"}
    found = BeforeAfter(desk, None, ("Q1",), ("Q2",), row)
    theme = Unanswered("parks", "Parks", "Why?", "Q2", 0.14, 0.11, 0.17)
    record = Record(STUDY, BOOK, (desk, late), date(2026, 7, 1), {1: found}, (theme,))
    page = Parsed(briefing_html(shown, "ward", record=record))
    page.inert()
    assert "Two promises: one done, one planned. One is overdue." in page.text
    assert actions.CAUTION in page.text
    lines = actions.record_lines(record)
    assert [title for title, _ in lines] == ["Lamps", EVIL]
    for title, told in [*lines, actions.unanswered_line(theme)]:
        assert title in page.text
        assert " ".join(told.split()) in page.text
    assert actions.NOTHING in Parsed(briefing_html(shown, "ward")).text
    assert actions.NOTHING in Parsed(briefing_html(shown, "ward", record=replace(record, actions=()))).text
