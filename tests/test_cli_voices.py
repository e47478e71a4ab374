"""Open answers by command: the codebook, readings out and in, what residents mention, how far readers agree."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from conftest import Told
from test_pages_voices import SLUG, read_at_random

from trustsurvey.store import Body, Store


@pytest.fixture
def store(sample_home: Path) -> Store:
    return Store.open()


def test_a_codebook_is_shown_saved_changed_and_taken(store: Store, run: Callable[..., Told], tmp_path: Path) -> None:
    assert "response" in run("codebook", SLUG).out
    file = tmp_path / "book.yaml"
    assert run("codebook", SLUG, "--save", str(file)).code == 0
    file.write_text(
        file.read_text(encoding="utf-8").replace("title: Speed of response", "title: Speed"), encoding="utf-8"
    )
    told = run("codebook", SLUG, "--take", str(file), "--reason", "shorter")
    assert told.out.startswith("Version 1: ")
    assert "Speed\n" in run("codebook", SLUG).out
    (saved,) = store.voices.codebooks(SLUG)
    assert saved.reason == "shorter"
    file.write_text("codes: [", encoding="utf-8")
    assert run("codebook", SLUG, "--take", str(file)).code == 2


def test_mentions_and_their_change_are_printed_with_ranges(store: Store, run: Callable[..., Told]) -> None:
    for wave in ("2026 Q1", "2026 Q2"):
        read_at_random(store, wave, 60)
    told = run("mentions", SLUG, "--by", "district")
    assert "574 answered, 60 read, 60 at random." in told.out
    assert "too few read" in told.out
    assert "effective" in told.out
    changes = run("mentions", SLUG, "--changes").out
    assert changes.startswith("Change since 2026 Q1")
    assert "no detectable change" in changes
    assert "measure,stat" in run("mentions", SLUG, "--csv").out
    assert run("mentions", SLUG, "--item", "nope").code == 2


def test_readings_go_out_and_come_back(store: Store, run: Callable[..., Told], tmp_path: Path) -> None:
    read_at_random(store, "2026 Q2", 40)
    for name in ("r.csv", "r.qdpx"):
        file = tmp_path / name
        assert "readings of 40 answers" in run("codings", SLUG, "--save", str(file)).out
        assert "readings taken" in run("codings", SLUG, "--take", str(file)).out
    assert len(store.voices.codings(SLUG, Body("2026 Q2"))) > 80
    (tmp_path / "bad.qdpx").write_bytes(b"PK nothing")
    assert run("codings", SLUG, "--take", str(tmp_path / "bad.qdpx")).code == 2


def test_agreement_is_printed(store: Store, run: Callable[..., Told]) -> None:
    read_at_random(store, "2026 Q2", 30)
    read_at_random(store, "2026 Q2", 30, "second")
    assert "verdict" in run("agreement", SLUG).out
    assert "the machine" in run("agreement", SLUG, "--machine").out
