"""Studies and waves in a database: what is saved comes back, all of a change or nothing of it is there.

Every test runs on SQLite and, where a server is named, on PostgreSQL.
"""

from __future__ import annotations

import json
import threading
from collections.abc import Callable
from dataclasses import replace
from datetime import date
from typing import Any

import numpy as np
import pytest
import sqlalchemy as sa
from builders import margins_of, outcome, refusal
from hypothesis import HealthCheck, given, settings, strategies as st
from stores import MAPPING, STUDY, counted, put, raked, same_wave, small_wave, sound

from trustsurvey.errors import SurveyError
from trustsurvey.instruments import default_instrument
from trustsurvey.model import AreaLevel, Margins, Study, Wave
from trustsurvey.rights import Person
from trustsurvey.store import Store, parts, schema
from trustsurvey.store.repository import SAMPLE_REMOVED, slug_of
from trustsurvey.weighting.weigh import restore


@pytest.fixture
def town(store: Store) -> Store:
    """A store with the small study in it."""
    store.create_study(
        STUDY, {"ward": '{"type": "FeatureCollection"}'}, margins_of(district={"East": 600, "West": 400})
    )
    return store


def states(store: Store) -> list[tuple[str, str, str]]:
    return [(record.name, record.digest, record.status) for record in store.waves("town")]


# --- studies --------------------------------------------------------------------------------------


def test_an_empty_database_has_no_studies(store: Store) -> None:
    assert store.studies() == []
    with refusal("store.no-study", "There is no study 'town'"):
        store.study("town")


def test_a_study_comes_back_as_it_was(town: Store) -> None:
    assert town.study("town") == STUDY
    assert town.boundaries("town", "ward") == '{"type": "FeatureCollection"}'
    assert town.boundaries("town", "district") is None
    (record,) = town.studies()
    assert (record.slug, record.name, record.sample, record.waves) == ("town", "Town", False, 0)


def test_the_default_questionnaire_survives_the_database(store: Store) -> None:
    study = Study("big", "Big", default_instrument(), (), probability=True)
    store.create_study(study)
    assert store.study("big") == study


def test_names_may_be_in_any_script(store: Store) -> None:
    areas = (
        ("\u6771\u4eac", ""),
        ("St. John's \u2013 \u201cOld\u201d", ""),
        ("\u0627\u0644\u0645\u062f\u064a\u0646\u0629", ""),
    )
    study = replace(STUDY, name="Stra\u00dfe \U0001f600", levels=(AreaLevel("area", "\u00c1reas", "", areas),))
    store.create_study(study)
    assert store.study("town") == study


def test_studies_are_listed_real_ones_first(store: Store) -> None:
    for slug, sample in (("zebra", False), ("aardvark", True), ("moose", False)):
        store.create_study(replace(STUDY, slug=slug, name=slug.title(), sample=sample))
    assert [record.slug for record in store.studies()] == ["moose", "zebra", "aardvark"]


def test_a_study_is_not_created_twice(town: Store) -> None:
    before = counted(town)
    with refusal("store.study-exists", "another name"):
        town.create_study(STUDY)
    assert counted(town) == before


@pytest.mark.parametrize("name", ["", "  ", "two\nlines", "x" * 201, "nul\x00"])
def test_a_study_or_wave_needs_a_name_of_one_line(town: Store, name: str) -> None:
    before = counted(town)
    with refusal("store.name", "needs a name"):
        town.create_study(replace(STUDY, slug="other", name=name))
    with refusal("store.name", "needs a name"):
        put(town, small_wave(name))
    assert counted(town) == before


def test_margins_come_back_in_their_order(town: Store) -> None:
    margins = margins_of(sex={"m": 480.5, "f": 519.5}, district={"West": 1 / 3, "East": 2 / 3})
    town.set_margins("town", margins)
    found = town.margins("town")
    assert found is not None
    assert found.source == margins.source
    for one, other in zip(margins, found, strict=True):
        assert one.variable == other.variable
        assert list(one.targets.items()) == list(other.targets.items())  # to the last bit


def test_a_study_without_margins_has_none(store: Store) -> None:
    store.create_study(STUDY)
    assert store.margins("town") is None
    store.set_margins("town", Margins(()))
    assert store.margins("town") is None


def test_removing_a_study_leaves_nothing_but_the_audit_trail(town: Store) -> None:
    put(town, raked(small_wave()))
    town.save_weighting("town", raked(small_wave()))
    town.remove_study("town")
    left = {table: rows for table, rows in counted(town).items() if rows}
    assert left == {"audit": 4}
    assert town.studies() == []


@pytest.mark.parametrize("name", ["Riverton 2026", "  \u00c9tude!! ", "???", "x" * 99, "-_-"])
def test_short_names_are_fit_for_an_address(name: str) -> None:
    slug = slug_of(name)
    assert 0 < len(slug) <= 60
    assert slug == slug.strip("-_").casefold()
    assert not set(slug) & set(" /?&#%\\")


# --- waves ----------------------------------------------------------------------------------------


def test_a_wave_comes_back_as_it_was(town: Store) -> None:
    wave = small_wave()
    assert put(town, wave) is True
    loaded, weights = town.load_wave("town", "w1")
    same_wave(wave, loaded)
    assert weights is None
    (record,) = town.waves("town")
    assert (record.rows, record.file, record.digest, record.mapping) == (60, "answers.csv", "d1", MAPPING)
    assert (record.weighted, record.released, record.status, record.reasons) == (False, False, "draft", ())
    assert record.report == wave.report
    sound(town)


def test_a_wave_of_one_person(town: Store) -> None:
    wave = small_wave(n=1)
    put(town, wave)
    same_wave(wave, town.load_wave("town", "w1")[0])


def test_a_wave_without_areas_groups_comments_or_dates(town: Store) -> None:
    wave = small_wave()
    bare = replace(
        wave, people=wave.people[["respondent", "source_row"]], areas=(), groups=(), comments=wave.comments.iloc[:0],
        start=None, end=None, wording={}, design=replace(wave.design, psu_ids=None),
    )  # fmt: skip
    put(town, bare)
    loaded, _ = town.load_wave("town", "w1")
    assert loaded.comments.empty
    same_wave(replace(bare, comments=loaded.comments), loaded)


def test_weights_come_back_to_the_last_bit(town: Store) -> None:
    wave = raked(small_wave())
    put(town, wave)
    town.save_weighting("town", wave)
    loaded, weights = town.load_wave("town", "w1")
    assert weights is not None
    assert wave.weighting is not None
    assert np.array_equal(weights.weights, wave.weighting.weights)
    again = restore(loaded, weights.weights, weights.margins, weights.settings)
    assert again.weighting is not None
    assert (again.weighting.constraints != wave.weighting.constraints).nnz == 0
    assert again.weighting.report.equals(wave.weighting.report)
    assert json.dumps(dict(again.weighting.settings)) == json.dumps(dict(wave.weighting.settings))
    assert town.waves("town")[0].weighted


def test_weights_are_only_saved_for_the_answers_they_were_made_for(town: Store) -> None:
    put(town, small_wave())
    wave = raked(small_wave())
    old = town.waves("town")[0].revision
    put(town, small_wave(seed=2), "d2")
    before = counted(town)
    with refusal("store.stale", "while its weights were being made"):
        town.save_weighting("town", wave, revision=old)
    with refusal("store.stale"):
        town.save_weighting("town", raked(small_wave(n=59)))
    with refusal("store.unweighted"):
        town.save_weighting("town", small_wave())
    assert counted(town) == before


def test_waves_stand_in_the_order_of_their_fieldwork(town: Store) -> None:
    for number, (name, end) in enumerate((("late", 9), ("early", 3), ("middle", 6))):
        put(town, small_wave(name, start=date(2026, end - 2, 1), end=date(2026, end, 28)), f"d{number}")
    assert [record.name for record in town.waves("town")] == ["early", "middle", "late"]
    # The same last day, one without a first: no comparison of a day with nothing.
    put(town, small_wave("ended", start=None, end=date(2026, 6, 28)), "d9")
    assert [record.name for record in town.waves("town")] == ["early", "middle", "ended", "late"]
    put(town, small_wave("undated", start=None, end=None), "d10")
    assert [record.name for record in town.waves("town")] == ["late", "early", "middle", "ended", "undated"]


def test_fieldwork_cannot_end_before_it_begins(town: Store) -> None:
    with refusal("store.dates", "ends before it begins"):
        put(town, small_wave(start=date(2026, 7, 1)))


def test_no_such_wave(town: Store) -> None:
    put(town, small_wave())
    for work in (
        lambda: town.load_wave("town", "w2"),
        lambda: town.release("town", "w2"),
        lambda: town.remove_wave("town", "w2"),
        lambda: town.save_weighting("town", raked(small_wave("w2"))),
        lambda: town.load_wave("town", "w1", released=True),
    ):
        assert outcome(work).code == "store.no-wave"


# --- the same file again ----------------------------------------------------------------------------


def test_the_same_import_again_changes_nothing(town: Store) -> None:
    put(town, small_wave())
    before = counted(town)
    assert put(town, small_wave()) is False
    assert counted(town) == before


def test_the_same_file_read_otherwise_is_a_new_draft(town: Store) -> None:
    put(town, small_wave())
    other = replace(MAPPING, partial_below=0.7)
    assert town.save_wave("town", small_wave(), other, "answers.csv", "d1") is True
    assert put(town, small_wave(end=date(2026, 6, 29))) is True
    assert put(town, small_wave(start=None)) is True
    assert len(town.waves("town")) == 1
    assert counted(town)["source"] == 2  # of drafts that nobody saw the last is kept, for undo


def test_a_file_is_not_imported_twice_under_two_names(town: Store) -> None:
    put(town, small_wave())
    before = counted(town)
    with refusal("store.imported-twice", "already saved as the wave 'w1'"):
        put(town, small_wave("w2"))
    assert counted(town) == before


def test_undo_frees_the_file(town: Store) -> None:
    put(town, small_wave())
    town.remove_wave("town", "w1", reason="import undone")
    assert town.waves("town") == []
    assert {t: n for t, n in counted(town).items() if t in ("wave", "source", "part", "revision")} == dict.fromkeys(
        ("wave", "source", "part", "revision"), 0
    )
    assert put(town, small_wave("w2")) is True


def test_what_is_removed_and_imported_anew_has_another_key(town: Store) -> None:
    """Caches go by the key: the same number with other answers would show the old ones."""
    put(town, small_wave())
    first = town.waves("town")[0]
    town.remove_wave("town", "w1")
    town.save_wave("town", small_wave(seed=2), replace(MAPPING, partial_below=0.9), "answers.csv", "d1")
    second = town.waves("town")[0]
    assert second.key != first.key
    assert second.revision > first.revision
    town.remove_study("town")
    town.create_study(STUDY)
    put(town, small_wave())
    assert town.waves("town")[0].key not in (first.key, second.key)


# --- draft, released, corrected ------------------------------------------------------------------------


def viewers(store: Store, name: str = "w1") -> tuple[Wave, Any]:
    """What viewers are shown of a wave."""
    return store.load_wave("town", name, released=True)


def test_a_draft_is_not_shown_to_viewers(town: Store) -> None:
    put(town, small_wave())
    assert town.waves("town", released_only=True) == []
    assert outcome(lambda: viewers(town)).code == "store.no-wave"
    town.release("town", "w1")
    (record,) = town.waves("town", released_only=True)
    assert (record.released, record.status) == (True, "released")
    same_wave(small_wave(), viewers(town)[0])


def test_the_life_of_a_wave(town: Store) -> None:
    first = raked(small_wave(seed=1))
    put(town, first)
    town.save_weighting("town", first)
    town.release("town", "w1")
    # A correction needs a reason, and viewers go on seeing what was released, with its weights.
    corrected = raked(small_wave(seed=2, n=70), 0.7)
    with refusal("store.needs-reason", "is released"):
        put(town, corrected, "d2")
    with refusal("store.needs-reason"):
        put(town, corrected, "d2", reason="  ")
    assert put(town, corrected, "d2", reason="the vendor sent a new file") is True
    (record,) = town.waves("town")
    assert record.status == "released, correction in draft"
    assert record.reasons == ("the vendor sent a new file",)
    (seen,) = town.waves("town", released_only=True)
    assert (seen.digest, seen.rows, seen.weighted, seen.status) == ("d1", 60, True, "released")
    assert seen.reasons == ()  # why it is corrected is not told before the correction is
    wave, weights = viewers(town)
    same_wave(first, wave)
    assert np.array_equal(weights.weights, first.weights)
    assert town.load_wave("town", "w1")[1] is None  # the correction is not weighted yet
    # Its weights need a reason too; then it is released.
    with refusal("store.needs-reason"):
        town.save_weighting("town", corrected)
    town.save_weighting("town", corrected, reason="weighted anew")
    assert viewers(town)[0].people["respondent"].iloc[0] == first.people["respondent"].iloc[0]
    town.release("town", "w1")
    wave, weights = viewers(town)
    same_wave(corrected, wave)
    assert np.array_equal(weights.weights, corrected.weights)
    # Weighting the draft did not take the reason for the import away.
    told = ("the vendor sent a new file; weighted anew",)
    assert town.waves("town", released_only=True)[0].reasons == told
    # Taking it away needs a reason as well.
    with refusal("store.needs-reason"):
        town.remove_wave("town", "w1")
    town.remove_wave("town", "w1", reason="asked for by the council")
    assert town.waves("town") == []
    sound(town)


def test_new_weights_for_a_released_wave_are_a_draft(town: Store) -> None:
    wave = small_wave()
    put(town, wave)
    town.save_weighting("town", raked(wave, 0.5))
    town.release("town", "w1")
    town.save_weighting("town", raked(wave, 0.6), reason="census of 2026")
    assert np.array_equal(viewers(town)[1].weights, raked(wave, 0.5).weights)
    shared = town.load_wave("town", "w1")[1]
    assert shared is not None
    assert np.array_equal(shared.weights, raked(wave, 0.6).weights)
    assert counted(town)["source"] == 1  # the answers are not stored twice
    sound(town)


def test_what_was_released_is_kept_and_what_was_never_released_is_not(town: Store) -> None:
    for number in range(3):
        put(town, small_wave(seed=number), f"d{number}", reason="again")
        town.save_weighting("town", raked(small_wave(seed=number)), reason="again")
        town.release("town", "w1")
        for draft in range(3):
            put(town, small_wave(seed=10 * number + draft), f"x{number}{draft}", reason="a try")
    tables = counted(town)
    # Three released, the last draft, and the one before it, to which undo leads back.
    assert (tables["source"], tables["revision"], tables["weighting"]) == (5, 5, 3)
    town.release("town", "w1")
    assert counted(town)["source"] == 4
    sound(town)


def test_releasing_twice_is_the_same_as_once(town: Store) -> None:
    put(town, small_wave())
    town.release("town", "w1")
    town.release("town", "w1")
    assert len(town.waves("town", released_only=True)) == 1


def test_undo_of_a_correction_leaves_what_was_released(town: Store) -> None:
    first = raked(small_wave(seed=1))
    put(town, first)
    town.save_weighting("town", first)
    town.release("town", "w1")
    before = counted(town)
    put(town, small_wave(seed=2), "d2", reason="new file")
    town.save_weighting("town", raked(small_wave(seed=2)), reason="weighted")
    town.discard_draft("town", "w1")
    (record,) = town.waves("town")
    assert (record.digest, record.status, record.weighted, record.reasons) == ("d1", "released", True, ())
    assert np.array_equal(viewers(town)[1].weights, first.weights)
    assert counted(town) == {**before, "audit": before["audit"] + 3}
    assert put(town, small_wave("w2", seed=2), "d2") is True  # the file is free again
    sound(town)


def test_undo_of_new_weights_brings_the_old_ones_back(town: Store) -> None:
    wave = small_wave()
    put(town, wave)
    town.save_weighting("town", raked(wave, 0.5))
    town.release("town", "w1")
    town.save_weighting("town", raked(wave, 0.6), reason="census of 2026")
    town.discard_draft("town", "w1")
    weights = town.load_wave("town", "w1")[1]
    assert weights is not None
    assert np.array_equal(weights.weights, raked(wave, 0.5).weights)
    assert counted(town)["weighting"] == 1


def test_undo_of_a_correction_leads_back_to_the_import_that_it_corrected(town: Store) -> None:
    put(town, small_wave(seed=1))
    town.save_weighting("town", raked(small_wave(seed=1)))
    before = counted(town)
    town.save_wave("town", small_wave(seed=2), replace(MAPPING, partial_below=0.7), "answers.csv", "d1")
    town.save_weighting("town", raked(small_wave(seed=2)))
    town.save_weighting("town", raked(small_wave(seed=2), 0.4))
    town.discard_draft("town", "w1")  # the correction goes with its weights
    (record,) = town.waves("town")
    assert (record.mapping, record.weighted) == (MAPPING, True)
    assert counted(town) == {**before, "audit": before["audit"] + 4}
    assert np.array_equal(town.load_wave("town", "w1")[0].answers, small_wave(seed=1).answers, equal_nan=True)
    sound(town)
    town.discard_draft("town", "w1")
    assert (town.waves("town"), counted(town)["part"]) == ([], 0)


def test_undo_of_a_wave_never_released_takes_it_away(town: Store) -> None:
    put(town, small_wave())
    town.discard_draft("town", "w1")
    assert town.waves("town") == []
    assert counted(town)["part"] == 0
    with refusal("store.no-wave"):
        town.discard_draft("town", "w1")


def test_what_is_released_has_no_draft_to_take_back(town: Store) -> None:
    put(town, small_wave())
    town.release("town", "w1")
    with refusal("store.no-draft", "no draft to take back"):
        town.discard_draft("town", "w1")
    assert len(town.waves("town", released_only=True)) == 1


# --- all or nothing --------------------------------------------------------------------------------


def failing(*_: object, **__: object) -> None:
    raise RuntimeError("the power went")


CHANGES: dict[str, Callable[[Store], object]] = {
    "create study": lambda s: s.create_study(replace(STUDY, slug="other"), margins=margins_of(sex={"f": 1, "m": 1})),
    "remove study": lambda s: s.remove_study("town"),
    "set margins": lambda s: s.set_margins("town", margins_of(sex={"f": 1, "m": 1})),
    "import": lambda s: put(s, small_wave("w2"), "d2"),
    "correct": lambda s: put(s, small_wave(seed=5), "d5", reason="r"),
    "weigh": lambda s: s.save_weighting("town", raked(small_wave()), reason="r"),
    "release": lambda s: s.release("town", "w1"),
    "remove wave": lambda s: s.remove_wave("town", "w1", reason="r"),
    "discard draft": lambda s: s.discard_draft("town", "w1"),
}


@pytest.mark.parametrize("change", CHANGES)
def test_a_change_that_fails_at_its_last_step_leaves_no_trace(
    town: Store, change: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    put(town, small_wave())
    if change in ("correct", "weigh"):
        town.release("town", "w1")
    before, seen = counted(town), states(town)
    monkeypatch.setattr("trustsurvey.store.repository.audit.record", failing)
    with pytest.raises(RuntimeError, match="the power went"):
        CHANGES[change](town)
    monkeypatch.undo()
    assert (counted(town), states(town)) == (before, seen)
    sound(town)
    CHANGES[change](town)
    sound(town)


def test_every_change_is_written_down_with_the_person(town: Store) -> None:
    ada, grace = (town.acting_as(Person(name, frozenset({"analyst"}))) for name in ("Ada", "Grace"))
    put(ada, small_wave())
    ada.save_weighting("town", raked(small_wave()))
    grace.release("town", "w1")
    grace.note("export", "town/w1", "results.xlsx")
    ada.remove_wave("town", "w1", reason="why not")
    ada.remove_study("town")
    trail = town.audit_trail()[["person", "action", "object"]].iloc[::-1].to_numpy().tolist()
    assert trail == [
        ["this machine", "create study", "town"],
        ["Ada", "import", "town/w1"],
        ["Ada", "weigh", "town/w1"],
        ["Grace", "release", "town/w1"],
        ["Grace", "export", "town/w1"],
        ["Ada", "remove wave", "town/w1"],
        ["Ada", "remove study", "town"],
    ]


def test_the_database_holds_no_answers_outside_the_parts(town: Store) -> None:
    """Ids are pseudonyms before they come here; comments lie in the parts, never in the trail."""
    wave = small_wave()
    put(town, wave, reason="because")
    with town.reader.begin() as connection:
        for table in schema.metadata.sorted_tables:
            for row in connection.execute(sa.select(table)).mappings():
                told = " ".join(str(value) for name, value in row.items() if name not in ("data", "weights"))
                assert wave.people["respondent"].iloc[0] not in told
                assert not any(text in told for text in wave.comments["text"])


def test_a_password_in_the_address_is_not_shown(store: Store) -> None:
    assert "ts:ts" not in repr(store)
    assert "url" not in repr(store)


# --- several at once --------------------------------------------------------------------------------


def test_a_reader_in_a_transaction_does_not_block_a_writer(town: Store) -> None:
    put(town, small_wave())
    with town.reader.begin() as connection:
        query = sa.select(schema.revision.c.id)
        before = connection.execute(query).all()
        assert put(town, small_wave("w2"), "d2") is True
        town.release("town", "w1")
        if connection.dialect.name == "sqlite":
            assert connection.execute(query).all() == before  # a snapshot
    assert len(town.waves("town")) == 2


def test_a_writer_in_a_transaction_does_not_block_a_reader(town: Store) -> None:
    put(town, small_wave())
    with town.writer.begin() as connection:
        connection.execute(sa.update(schema.study).values(name="Half renamed"))
        assert town.studies()[0].name == "Town"
        assert len(town.load_wave("town", "w1")[0]) == 60
        # Opening the database anew is reading, too.
        again = Store.open(town.url)
        assert len(again.waves("town")) == 1
        again.close()
        connection.rollback()


@pytest.mark.parametrize("same", ["name", "digest"])
def test_two_imports_at_once_do_not_make_two_of_one(town: Store, same: str) -> None:
    """Eight threads, one wave (or one file): one of them saves it, the others find it there."""
    barrier = threading.Barrier(8)
    results: list[Any] = []

    def work(number: int) -> None:
        wave = small_wave("w" if same == "name" else f"w{number}")
        barrier.wait()
        results.append(outcome(lambda: put(town, wave, "d")))

    threads = [threading.Thread(target=work, args=(k,)) for k in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(results) == 8
    assert results.count(True) == 1
    others = [result for result in results if result is not True]
    assert all(r is False or (isinstance(r, SurveyError) and r.code == "store.imported-twice") for r in others)
    assert len(town.waves("town")) == 1
    sound(town)


def test_corrections_at_once_leave_one_draft_and_the_one_before(town: Store) -> None:
    put(town, small_wave())
    town.release("town", "w1")
    barrier = threading.Barrier(6)

    def work(number: int) -> None:
        wave = small_wave(seed=number)
        barrier.wait()
        put(town, wave, f"d{number}", reason="r")

    threads = [threading.Thread(target=work, args=(k + 2,)) for k in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    tables = counted(town)
    assert (tables["revision"], tables["source"]) == (3, 3)
    assert town.waves("town", released_only=True)[0].digest == "d1"
    sound(town)


# --- settings ------------------------------------------------------------------------------------------


def test_settings(store: Store) -> None:
    assert store.setting("colour") is None
    store.set_setting("colour", "blue")
    store.set_setting("colour", "green")
    assert store.setting("colour") == "green"


def test_a_sample_study_that_was_removed_stays_away(store: Store) -> None:
    store.create_study(STUDY)
    store.create_study(replace(STUDY, slug="sample", name="Sample", sample=True))
    store.remove_study("town")
    assert not store.setting(SAMPLE_REMOVED)
    store.remove_study("sample")
    assert store.setting(SAMPLE_REMOVED)


# --- laws -------------------------------------------------------------------------------------------------


@settings(max_examples=15, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.sampled_from(["import", "again", "weigh", "release", "remove", "other"]), max_size=10), st.data())
def test_whatever_is_done_viewers_see_the_last_release(town: Store, steps: list[str], data: st.DataObject) -> None:
    """A small model of the life cycle, walked at random beside the store."""
    for record in town.waves("town"):
        town.remove_wave("town", record.name, reason="next example")
    seed, newest, shown = 0, None, None
    for step in steps:
        if step in ("import", "other"):
            seed = data.draw(st.integers(1, 5))
            put(town, small_wave(seed=seed), f"d{seed}", reason="r")
            newest = (seed, False) if newest is None or newest[0] != seed else newest
        elif newest is None:
            continue
        elif step == "again":
            put(town, small_wave(seed=newest[0]), f"d{newest[0]}", reason="r")
        elif step == "weigh":
            town.save_weighting("town", raked(small_wave(seed=newest[0])), reason="r")
            newest = (newest[0], True)
        elif step == "release":
            town.release("town", "w1")
            shown = newest
        else:
            town.remove_wave("town", "w1", reason="r")
            newest = shown = None
    records = [(r.digest, r.weighted) for r in town.waves("town")]
    assert records == ([] if newest is None else [(f"d{newest[0]}", newest[1])])
    seen = [(r.digest, r.weighted) for r in town.waves("town", released_only=True)]
    assert seen == ([] if shown is None else [(f"d{shown[0]}", shown[1])])
    assert counted(town)["revision"] <= 2 + len(steps)
    assert town.audit_break() is None


def test_parts_are_encoded_before_the_transaction_begins(town: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    """A writer that encodes while it holds the lock keeps everybody else waiting."""
    began: list[str] = []
    encode = parts.encode
    monkeypatch.setattr(
        "trustsurvey.store.repository.parts.encode", lambda wave: began.append("encode") or encode(wave)
    )
    sa.event.listen(town.writer, "begin", lambda connection: began.append("begin"))
    put(town, small_wave())
    assert began[:2] == ["encode", "begin"]
