"""A part of a page that was kept is the part that would be drawn, whoever drew it first, and nobody's else."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from stores import STUDY, put, raked, small_wave
from streamlit import runtime
from streamlit.testing.v1 import AppTest
from test_pages import app

from trustsurvey.rights import Person, Place
from trustsurvey.store import Store
from trustsurvey.ui import ahead, cache, pieces, ready


@pytest.fixture
def town(own_home: Path) -> Iterator[Store]:
    """A store with the small study and two released waves of it."""
    opened = Store.open()
    opened.create_study(STUDY)
    for number in (1, 2):
        wave = raked(small_wave(f"w{number}", n=300, seed=number))
        put(opened, wave, f"d{number}")
        opened.save_weighting("town", wave)
        opened.release("town", f"w{number}")
    yield opened
    opened.close()


@pytest.fixture
def drawn(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The keys of the charts that were drawn, not sent again."""
    keys: list[str] = []
    draw = pieces.chart

    def chart(figure: Any, told: str, table: Any, key: str) -> None:
        keys.append(key)
        draw(figure, told, table, key)

    monkeypatch.setattr(pieces, "chart", chart)
    return keys


def shown(test: AppTest) -> list[tuple[str, bytes]]:
    """All that a page holds, in order, as it is sent; but for what Streamlit numbers, and for places left empty."""
    assert not test.exception
    found = []

    def walk(node: Any) -> None:
        proto = getattr(node, "proto", None)
        if proto is not None and node.type not in ("empty", "download_button"):
            copy = type(proto)()
            copy.CopyFrom(proto)
            if any(field.name == "id" for field in copy.DESCRIPTOR.fields):
                copy.ClearField("id")
            found.append((node.type, copy.SerializeToString(deterministic=True)))
        for _place, child in sorted(getattr(node, "children", {}).items()):
            walk(child)

    walk(test._tree)
    return found


def without_caches(monkeypatch: pytest.MonkeyPatch) -> None:
    def anew(make: Any, thing: Any, *rest: Any, about: object = None, **how: Any) -> Any:
        return make(thing, *rest, **how)

    monkeypatch.setattr(cache, "once", anew)


@pytest.mark.parametrize("page", ["trust", "neighbourhood"])
def test_what_is_sent_again_is_what_would_be_drawn(
    town: Store, page: str, drawn: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    first = shown(app(page))
    charts = list(drawn)
    assert len(charts) > 1
    again = shown(app(page))
    assert drawn == charts, "a chart was drawn twice"
    without_caches(monkeypatch)
    anew = shown(app(page))
    assert drawn == charts * 2
    assert first == again == anew
    assert sum(kind == "plotly_chart" for kind, _ in first) == len(charts)


@pytest.mark.parametrize("page", ["trust", "neighbourhood"])
def test_what_is_drawn_ahead_is_what_would_be_drawn(
    town: Store, page: str, drawn: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as served:
        served.setattr(runtime, "exists", lambda: True)
        served.setattr(ready.Runtime, "exists", classmethod(lambda cls: True))
        ready.make_ready()
    drawn.clear()
    found = shown(app(page))
    assert drawn == []
    without_caches(monkeypatch)
    assert found == shown(app(page))
    assert drawn


def test_a_correction_is_drawn_anew(town: Store, drawn: list[str]) -> None:
    before = shown(app("trust"))
    wave = raked(small_wave("w2", n=310, seed=3))
    put(town, wave, "d3", reason="a correction")
    town.save_weighting("town", wave, reason="a correction")
    drawn.clear()
    after = shown(app("trust"))
    assert drawn
    assert before != after


def test_whoever_is_limited_to_areas_is_not_sent_what_others_saw(
    town: Store, drawn: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    level = STUDY.levels[0]
    mine, other = level.names[:2]
    assert other in str(shown(app("trust")))
    limited = Person("c", frozenset({"commander"}), (Place("town", level.key, mine),))
    monkeypatch.setattr("trustsurvey.ui.guard.person", lambda: limited)
    seen = str(shown(app("trust")))
    assert mine in seen
    assert other not in seen


def test_another_language_is_drawn_anew(town: Store, drawn: list[str], monkeypatch: pytest.MonkeyPatch) -> None:
    english = str(shown(app("trust")))
    monkeypatch.setenv("TRUSTSURVEY_LANGUAGE", "es")
    spanish = str(shown(app("trust")))
    assert "What changed" in english
    assert "What changed" not in spanish
    assert len(drawn) % 2 == 0


def test_an_error_while_drawing_ahead_reaches_whoever_asked() -> None:
    def draw() -> None:
        raise KeyError("no such area")

    with pytest.raises(KeyError, match="no such area"):
        ahead.unseen(draw)
