"""What is kept between reruns is never older than the wave, and never of another one."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pandas as pd
import pytest
from builders import margins_of, refusal
from stores import STUDY, put, raked, small_wave

from trustsurvey import workflow
from trustsurvey.errors import SurveyError
from trustsurvey.model import Margins, Wave
from trustsurvey.store import Store, WaveRecord
from trustsurvey.ui import cache
from trustsurvey.workbench import Finding


@pytest.fixture
def town(own_home: Path) -> Iterator[Store]:
    """A store with the small study and one wave of it."""
    opened = Store.open()
    opened.create_study(STUDY)
    put(opened, small_wave())
    yield opened
    opened.close()


def newest(store: Store, released: bool = False) -> WaveRecord:
    return store.waves("town", released_only=released)[-1]


def kept(store: Store, released: bool = False) -> Wave:
    return cache.wave(store, "town", newest(store, released))


def test_one_store_for_each_database(town: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    first = cache.store()
    assert cache.store() is first
    monkeypatch.setenv("TRUSTSURVEY_HOME", str(tmp_path / "other"))
    assert cache.store() is not first
    assert cache.store().studies() == []


def test_a_wave_is_loaded_once_until_it_changes(town: Store) -> None:
    first = kept(town)
    assert first.scores is not None
    assert kept(town) is first
    town.save_weighting("town", raked(small_wave()))
    weighted = kept(town)
    assert weighted is not first
    assert weighted.raked
    put(town, small_wave(seed=2), "d2")
    assert not kept(town).raked
    assert kept(town).people["respondent"].iloc[0] != first.people["respondent"].iloc[0]


def test_viewers_and_makers_have_their_own(town: Store) -> None:
    town.release("town", "w1")
    put(town, small_wave(seed=2, n=70), "d2", reason="new file")
    assert (len(kept(town)), len(kept(town, released=True))) == (70, 60)


def test_a_wave_removed_and_saved_anew_is_loaded_anew(town: Store) -> None:
    first = kept(town)
    town.remove_wave("town", "w1")
    put(town, small_wave())
    assert kept(town) is not first


def test_another_database_with_the_same_names_is_another_wave(
    town: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = kept(town)
    monkeypatch.setenv("TRUSTSURVEY_HOME", str(tmp_path / "other"))
    other = Store.open()
    other.create_study(STUDY)
    put(other, small_wave(n=50))
    assert newest(other).key == newest(town).key
    assert len(kept(other)) == 50
    assert len(first) == 60


def test_what_is_saved_between_listing_and_loading_is_not_kept_under_the_older_key(
    town: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A correction of another tab that is taken back again must not go on being shown."""
    record = newest(town)
    load = workflow.load_wave

    def late(store: Store, slug: str, name: str, released: bool) -> Wave:
        monkeypatch.undo()
        put(town, small_wave(seed=2, n=70), "d2", reason="new file")
        return load(store, slug, name, released)

    home = town.url
    monkeypatch.setattr("trustsurvey.ui.cache.workflow.load_wave", late)
    monkeypatch.setattr("trustsurvey.ui.cache.database_url", lambda: home)
    with refusal("store.stale", "w1", "Open the page again"):
        cache.wave(town, "town", record)
    monkeypatch.setattr("trustsurvey.ui.cache.database_url", lambda: home)
    town.discard_draft("town", "w1")
    assert newest(town).key == record.key
    assert len(kept(town)) == 60


def test_a_picture_is_made_of_the_waves_up_to_its_own(town: Store) -> None:
    put(town, small_wave("w2", seed=2), "d2")
    put(town, small_wave("w3", seed=3), "d3")
    records = town.waves("town")
    second = cache.study_picture(town, "town", records, 1)
    assert (second.wave.name, second.previous, second.measure) == ("w2", "w1", "trust")
    assert cache.study_picture(town, "town", records, 1) is second
    assert second.wave is cache.wave(town, "town", records[1])
    assert cache.study_picture(town, "town", records, 0).previous == ""
    assert cache.study_picture(town, "town", records, 1, "safety").measure == "safety"
    # A change of the wave before is a change of the picture.
    town.save_weighting("town", raked(small_wave()))
    assert cache.study_picture(town, "town", town.waves("town"), 1) is not second


def test_an_answer_is_worked_out_once_until_what_it_rests_on_changes(town: Store) -> None:
    asked: list[str] = []

    def ask(command: str = "gaps", margins: Margins | None = None, study: object = STUDY) -> Finding:
        def answer() -> Finding:
            asked.append(command)
            return Finding(pd.DataFrame({"n": [len(asked)]}))

        return cache.answered(town, study, margins, town.waves("town"), command, answer)  # type: ignore[arg-type]

    first = ask()
    assert ask() is first
    assert ask("trend") is not first
    assert ask(margins=margins_of(district={"East": 3.0, "West": 5.0})) is not first
    assert ask(margins=margins_of(district={"East": 3.0, "West": 6.0})) is not first
    assert ask(study=replace(STUDY, levels=STUDY.levels[:1])) is not first
    assert asked == ["gaps", "trend", "gaps", "gaps", "gaps"]
    town.save_weighting("town", raked(small_wave()))
    assert ask() is not first
    put(town, small_wave("w2", seed=2), "d2")
    assert ask() is not first
    assert len(asked) == 7


def test_a_question_that_is_refused_is_asked_again(town: Store) -> None:
    answers = iter([SurveyError("table.choice", "There is no such choice"), None])

    def answer() -> Finding:
        if (error := next(answers)) is not None:
            raise error
        return Finding(pd.DataFrame())

    with refusal("table.choice"):
        cache.answered(town, STUDY, None, town.waves("town"), "gaps", answer)
    assert cache.answered(town, STUDY, None, town.waves("town"), "gaps", answer).told == ()
