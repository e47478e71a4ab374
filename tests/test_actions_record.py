"""The record over a store: what an action may name, what is overdue, what nobody promised anything about."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import date, datetime
from pathlib import Path

import pytest
from builders import refusal
from stores import INSTRUMENT, LEVELS, STUDY, put, raked
from test_analysis import quarter
from voices import BOOK, audited

from trustsurvey.actions import record as records
from trustsurvey.actions.checked import check
from trustsurvey.actions.follow_up import Record, unanswered
from trustsurvey.errors import SurveyError
from trustsurvey.model import Action, ActionVersion, AreaLevel, Codebook, Study, Wave
from trustsurvey.rights import Person, Place
from trustsurvey.scales.scoring import score
from trustsurvey.store import Store
from trustsurvey.voices.answers import OpenAnswers, teach
from trustsurvey.voices.picture import Themes, themes

TODAY = date(2026, 7, 1)
LAMPS = Action("Lamps", level="ward", area="Docks", due=date(2026, 5, 1))


@pytest.mark.parametrize(
    ("changes", "word"),
    [
        ({"level": "parish"}, "area level 'parish'"),
        ({"area": "Atlantis"}, "'Wards' called 'Atlantis'"),
        ({"wave": "Q9"}, "wave 'Q9'"),
        ({"theme": "dragons"}, "theme 'dragons'"),
        ({"share": "dragons"}, "theme 'dragons'"),
        ({"score": "joy"}, "score 'joy'"),
        ({"share": "speed", "question": "who"}, "open question 'who'"),
        ({"score": "trust", "by": "ward", "group": "Nowhere"}, "Nowhere"),
    ],
)
def test_what_an_action_names_must_be_there(changes: dict[str, str], word: str) -> None:
    assert check(LAMPS, STUDY, BOOK, ["Q1"], TODAY) is LAMPS
    with refusal("action.unknown", word):
        check(replace(LAMPS, **changes), STUDY, BOOK, ["Q1"], TODAY)  # type: ignore[arg-type]


def test_what_was_named_before_it_went_may_stay() -> None:
    old = replace(LAMPS, wave="Q0", theme="gone", area="Old Quay", score="trust", by="ward", group="Old Quay")
    check(replace(old, state="under way"), STUDY, BOOK, ["Q1"], TODAY, old)
    with refusal("action.unknown", "Mole"):
        check(replace(old, area="Mole"), STUDY, BOOK, ["Q1"], TODAY, old)
    # Groups are known to waves, not to the study.
    check(replace(LAMPS, score="trust", by="sex", group="f"), STUDY, BOOK, [], TODAY)


def test_nothing_was_done_tomorrow() -> None:
    check(replace(LAMPS, state="done", done=TODAY), STUDY, BOOK, [], TODAY)
    ahead = replace(LAMPS, state="done", done=date(2026, 7, 2))
    with refusal("action.ahead"):
        check(ahead, STUDY, BOOK, [], TODAY)
    # The sample study is put in whatever the clock of the machine says.
    check(ahead, replace(STUDY, sample=True), BOOK, [], TODAY)


# --- what must not be forgotten -------------------------------------------------------------------------


@pytest.fixture(scope="module")
def heard() -> Themes:
    answers, _ = audited(1, 250, n=720)
    return themes([[answers]], 0, "why", Study("town", "Town", INSTRUMENT), teach(BOOK, [answers]))


def test_themes_much_heard_of_which_nothing_was_promised(heard: Themes) -> None:
    found = unanswered([heard], "w1", [])
    assert [theme.code for theme in found] == ["police", "parks"]  # the most frequent first, none below another
    rows = heard.rows().set_index("measure")
    assert (found[0].est, found[0].lci, found[0].uci) == tuple(rows.loc["police", ["est", "lci", "uci"]])
    assert (found[0].in_wave, found[0].question) == ("w1", heard.question)
    promised = Action("Come sooner", theme="speed")  # a theme below "police"
    assert [theme.code for theme in unanswered([heard], "w1", [promised])] == ["parks"]
    dropped = replace(promised, state="dropped", reason="no money")
    assert len(unanswered([heard], "w1", [dropped])) == 2
    # Eight people live in the east: nothing is told of what they say, nor of what those say who would tell it.
    assert unanswered([heard], "w1", [], "area", "east") == unanswered([heard], "w1", [], "area", "north") == []


def missed(record: Record, heard: Themes) -> list[str]:
    return [theme.code for theme in record.hearing([heard], "w1").unanswered]


def test_a_promise_answers_for_its_area_and_all_that_lies_in_it(heard: Themes) -> None:
    levels = (
        AreaLevel("region", "Regions", "", (("coast", ""), ("hills", ""))),
        AreaLevel("side", "Sides", "region", (("low", "coast"), ("high", "hills"))),
        AreaLevel("area", "Areas", "side", (("south", "low"), ("north", "high"))),
    )
    empty = Record(replace(STUDY, levels=levels), BOOK, (), TODAY)
    assert missed(empty, heard) == missed(empty.of_place("area", "south"), heard) == ["police", "parks"]
    for (level, area), answered in {
        ("area", "south"): True, ("side", "low"): True, ("region", "coast"): True, ("", ""): True,
        ("area", "north"): False, ("side", "high"): False, ("region", "hills"): False,
    }.items():  # fmt: skip
        promised = Action("Come sooner", theme="speed", level=level, area=area)
        # Who does not see it is not told of it, nor is anybody accused of having promised nothing.
        for record in (replace(empty, actions=(promised,)), replace(empty, elsewhere=(promised,))):
            assert missed(record, heard) == ["parks"]
            assert missed(record.of_place("area", "south"), heard) == (["parks"] if answered else ["police", "parks"])
            assert record.of_place("area", "south").hearing([heard], "w1").elsewhere == (
                record.elsewhere if answered else ()
            )


def test_themes_that_ask_for_nothing_are_not_missed(heard: Themes) -> None:
    codes = tuple(replace(code, key="praise") if code.key == "parks" else code for code in BOOK.codes)
    table = heard.shares.estimates.table.replace({"measure": {"parks": "praise"}})
    shares = replace(heard.shares, estimates=replace(heard.shares.estimates, table=table))
    kind = replace(heard, codebook=Codebook("b", codes), shares=shares)
    assert [theme.code for theme in unanswered([kind], "w1", [])] == ["police"]


def test_the_record_of_a_place_is_its_own_and_that_of_what_it_lies_in() -> None:
    study = replace(STUDY, levels=LEVELS)
    places = [("", ""), ("ward", "Docks"), ("district", "East"), ("ward", "Mill"), ("district", "West")]
    actions = tuple(Action(f"{k}", level=level, area=area, id=k) for k, (level, area) in enumerate(places))
    whole = Record(study, BOOK, actions, TODAY)
    assert [action.id for action in whole.of_place("ward", "Docks").actions] == [1, 2, 0]
    assert [action.id for action in whole.of_place("district", "West").actions] == [4, 0]
    assert [action.id for action in whole.of_place("ward", "Nowhere").actions] == [0]


# --- over a store ---------------------------------------------------------------------------------------


@pytest.fixture
def town(own_home: Path) -> Store:
    store = Store.open()
    store.create_study(STUDY)
    for k in (1, 2):
        put(store, raked(quarter(k, n=600)), f"d{k}")
    return store


def test_files_add_what_is_not_there_and_leave_the_rest(town: Store) -> None:
    assert records.add_new(town, "town", [LAMPS, replace(LAMPS, area="Mill")]) == [LAMPS, replace(LAMPS, area="Mill")]
    begun = replace(town.actions.listed("town")[0].action, state="under way")
    records.change(town, "town", begun, 1)
    assert records.add_new(town, "town", [LAMPS, Action("Doors")]) == [Action("Doors")]
    assert [v.action.state for v in town.actions.listed("town")] == ["under way", "planned", "planned"]
    with refusal("action.unknown"):
        records.add_new(town, "town", [Action("A"), Action("B", wave="Q7")])
    assert len(town.actions.listed("town")) == 3


def test_the_record_holds_what_was_found(town: Store) -> None:
    done = replace(LAMPS, state="done", due=None, done=date(2025, 3, 30), score="trust")
    first, second = records.add(town, "town", [done, LAMPS], TODAY)
    waves = [score(town.load_wave("town", name)[0]) for name in ("Q1", "Q2")]
    told = records.record_of(town, "town", waves, today=TODAY)
    assert [action.id for action in told.actions] == [first, second]
    assert set(told.found) == {first}
    row = told.found[first].row
    assert row is not None
    assert row["verdict"] in ("none", "up", "down")
    assert told.found[first].late  # written down today, of a survey of 2025
    assert records.record_of(town, "town", [], today=TODAY).found[first].missing == "undated"


LIMITED = Person("chief", frozenset({"commander"}), (Place("town", "district", "East"),))


def test_who_is_limited_to_areas_writes_and_reads_what_is_promised_there(town: Store) -> None:
    chief = town.acting_as(LIMITED)
    docks, city = records.add(chief, "town", [LAMPS, Action("Write back")], TODAY)
    west = replace(LAMPS, promised="Secret", area="Park")
    judged = replace(LAMPS, score="trust", by="ward", group="Park")  # on numbers that they do not see
    for elsewhere in (west, judged, replace(west, level="district", area="West")):
        with refusal("action.place", "East", "Docks"):
            records.add(chief, "town", [LAMPS, elsewhere], TODAY)
    with refusal("action.place"):
        records.add_new(chief, "town", [west])
    with refusal("action.place"):
        records.change(chief, "town", replace(LAMPS, id=docks, area="Park"), 1, today=TODAY)
    assert len(town.actions.listed("town")) == 2

    (park,) = records.add(town, "town", [west], TODAY)
    calls: list[Callable[[Store], object]] = [
        lambda store: records.history(store, "town", park),
        # Not to their own area either.
        lambda store: records.change(store, "town", replace(LAMPS, id=park), 1, "why", TODAY),
        lambda store: records.remove(store, "town", park, "why"),
    ]
    for call in calls:
        with pytest.raises(SurveyError) as refused:
            call(chief)
        assert refused.value.code == "action.place"
        assert "Secret" not in str(refused.value)
        assert "Park" not in str(refused.value)
    told = records.record_of(chief, "town", [], today=TODAY)
    assert [action.id for action in told.actions] == [docks, city]
    assert [action.id for action in told.elsewhere] == [park]
    assert records.change(chief, "town", replace(LAMPS, id=docks, unit="Team"), 1, today=TODAY)
    assert len(records.history(chief, "town", docks)) == 2
    records.remove(chief, "town", docks, "entered twice")
    for call in calls:
        call(town)  # who is not limited may
    assert [v.action.id for v in town.actions.listed("town")] == [city]


def test_who_sees_a_part_of_an_area_reads_what_is_promised_for_all_of_it_and_no_number(town: Store) -> None:
    done = replace(
        LAMPS, level="district", area="East", state="done", due=None, done=date(2025, 3, 30), unit="Team",
        heard="41 of 100", analysis="42 of 100", outcome="43 of 100", theme="respect", score="trust", by="district",
        group="East",
    )  # fmt: skip
    judged = replace(LAMPS, promised="Doors", outcome="44 of 100", score="trust", by="district", group="East")
    city = replace(judged, promised="Everywhere", level="", area="")
    mine = replace(LAMPS, promised="Mine", score="trust", by="ward", group="Docks")
    others = [replace(done, area="West"), replace(LAMPS, area="Mill"), replace(judged, area="Park")]
    numbers = records.add(town, "town", [done, judged, city, mine, *others], TODAY)
    docks = Person("warden", frozenset({"commander"}), (Place("town", "ward", "Docks"),))
    chief = town.acting_as(docks)
    waves = [score(town.load_wave("town", name)[0]) for name in ("Q1", "Q2")]
    told = records.record_of(chief, "town", waves, today=TODAY)
    assert [action.id for action in told.actions] == numbers[:4]
    assert told.read_only == set(numbers[:3])
    assert [action.id for action in told.elsewhere] == numbers[4:]
    assert told.found == {}
    whole = told.actions[0]
    assert (whole.promised, whole.unit, whole.done, whole.area) == ("Lamps", "Team", date(2025, 3, 30), "East")
    for action in told.actions[:3]:
        kept_back = (action.heard, action.analysis, action.outcome, action.measured, action.by, action.group)
        assert kept_back == ("",) * 6
        for call in (
            lambda number: records.history(chief, "town", number),
            lambda number: records.change(chief, "town", replace(mine, id=number), 1, "why", TODAY),
            lambda number: records.remove(chief, "town", number, "why"),
        ):
            with refusal("action.place"):
                call(action.id)
    assert [one.id for one in told.of_place("ward", "Docks").actions] == [
        numbers[1],
        numbers[3],
        numbers[0],
        numbers[2],
    ]
    # Areas of another study hold nothing of this one.
    stranger = replace(docks, places=(Place("other", "ward", "Docks"),))
    assert records.record_of(town.acting_as(stranger), "town", waves, today=TODAY).actions == ()
    assert records.record_of(town, "town", waves, today=TODAY).read_only == frozenset()


def test_open_answers_are_read_once_for_all_that_is_compared(town: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    read: list[str] = []

    def answers(store: Store, slug: str, wave: Wave, book: Codebook) -> list[OpenAnswers]:
        read.append(wave.name)
        return []

    monkeypatch.setattr(records, "answers_of", answers)
    heard = records.heard_in(town, "town", [score(town.load_wave("town", name)[0]) for name in ("Q1", "Q2")])
    assert read == []
    assert heard() is heard()
    assert read == ["Q1", "Q2"]


def test_a_measure_counts_from_when_it_was_named_last() -> None:
    def version(number: int, action: Action) -> ActionVersion:
        return ActionVersion(action, number, "me", datetime(2026, number, 1))

    named = replace(LAMPS, score="trust")
    history = [version(1, LAMPS), version(2, named), version(3, replace(named, unit="u"))]
    assert records.named_on(history, STUDY) == date(2026, 2, 1)
    other = replace(named, by="ward", group="Docks")
    assert records.named_on([*history, version(4, other)], STUDY) == date(2026, 4, 1)
    assert records.named_on(history, replace(STUDY, sample=True)) is None
    # Away and back again is named anew.
    assert records.named_on([*history, version(4, other), version(5, named)], STUDY) == date(2026, 5, 1)
