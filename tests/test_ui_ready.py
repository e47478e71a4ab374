"""What is made ready at the start is what pages ask for, and nothing that is wrong stops it."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest
from stores import STUDY, put, raked, small_wave

from trustsurvey import analysis, workbench
from trustsurvey.model import Action
from trustsurvey.store import Store
from trustsurvey.ui import actions, cache, ready


def test_pages_find_what_was_made_ready(own_home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    store = Store.open()
    store.create_study(STUDY)
    for number in (1, 2):
        put(store, small_wave(f"w{number}", seed=number), f"d{number}")
        store.save_weighting("town", raked(small_wave(f"w{number}", seed=number)))
    score = analysis.score(small_wave()).instrument.headline
    store.actions.save("town", [Action("Walk", state="done", done=date(2026, 2, 1), score=score)])
    ready.make_ready()

    def twice(*_: object, **__: object) -> None:
        raise AssertionError("a page works out again what was made ready")

    monkeypatch.setattr(cache, "picture", twice)
    monkeypatch.setattr(cache, "overview", twice)
    monkeypatch.setattr(workbench, "goes_with", twice)
    monkeypatch.setattr(actions, "before_after", twice)
    for at in (0, 1):
        shown = cache.study_picture(store, "town", store.waves("town"), at)
        assert shown.wave.name == f"w{at + 1}"
        assert len(actions.record(store, "town", store.waves("town")[: at + 1]).actions) == 1
    for measure in shown.estimates.table["measure"].unique():
        cache.companions(store, "town", store.waves("town")[1], measure)
    # A correction is another state: it is not taken for what was made ready.
    put(store, small_wave("w2", seed=3), "d3")
    with pytest.raises(AssertionError):
        cache.study_picture(store, "town", store.waves("town"), 1)
    store.close()


def test_a_wave_of_which_nothing_can_be_made_is_left_to_its_page(own_home: Path) -> None:
    store = Store.open()
    store.create_study(STUDY)
    wave = small_wave()
    only = {"answers": wave.answers[["safe"]], "missing": wave.missing[["safe"]]}
    put(store, small_wave(**only))
    ready.make_ready()
    store.close()


def test_viewers_share_a_released_wave_with_those_who_see_drafts(own_home: Path) -> None:
    store = Store.open()
    store.create_study(STUDY)
    put(store, small_wave())
    draft = cache.study_picture(store, "town", store.waves("town"), 0)
    store.release("town", "w1")
    shown = cache.study_picture(store, "town", store.waves("town", released_only=True), 0)
    assert shown is not draft
    assert cache.study_picture(store, "town", store.waves("town"), 0) is shown
    put(store, small_wave(seed=2), "d2", reason="a correction")
    assert cache.study_picture(store, "town", store.waves("town"), 0) is not shown
    assert cache.study_picture(store, "town", store.waves("town", released_only=True), 0) is shown
    store.close()


def test_overview_and_picture_are_one_whichever_is_made_first() -> None:
    waves = [raked(small_wave(f"w{k}", seed=k)) for k in (1, 2)]
    common = analysis.overview([analysis.score(wave) for wave in waves], 1, STUDY)
    picture = analysis.picture(waves, 1, STUDY, "safety", common)
    assert picture.estimates is common.estimates
    assert picture.measure == "safety"
    apart = analysis.picture(waves, 1, STUDY, "safety")
    for one, other in ((picture.estimates, apart.estimates), (picture.trend, apart.trend)):
        assert one.table.equals(other.table)
