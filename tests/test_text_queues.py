"""Which text is read next: the audit is left to chance, the training queue to what teaches most."""

from __future__ import annotations

import hashlib

import numpy as np
from hypothesis import given, strategies as st

from trustsurvey.text.queues import audit, training


def keys_of(n: int, salt: str = "") -> list[str]:
    return [hashlib.sha256(f"{salt}{k}".encode()).hexdigest()[:24] for k in range(n)]


@given(st.integers(1, 60), st.integers(1, 4), st.integers(0, 60))
def test_reading_as_the_audit_asks_gives_a_nested_sample_with_its_chance_in_every_stratum(
    n: int, strata: int, steps: int
) -> None:
    keys, of = keys_of(n), np.arange(n) % strata
    read: set[str] = set()
    before = np.zeros(n, dtype=bool)
    for _ in range(min(steps, n)):
        now = audit(keys, of, read, read)
        assert not np.any(before & ~now.audited)
        before = now.audited
        read.add(keys[now.waiting[0]])
    end = audit(keys, of, read, read)
    assert end.audited.sum() == len(read)
    assert len(end.waiting) == n - len(read)
    for stratum in range(min(strata, n)):
        mine = of == stratum
        assert np.allclose(end.chance[mine], end.audited[mine].mean())


def test_what_was_read_for_training_is_no_part_of_the_audit_until_the_audit_reaches_past_it() -> None:
    keys, of = keys_of(10), np.zeros(10, dtype=np.int64)
    order = sorted(range(10), key=lambda k: keys[k])
    read = {keys[order[0]], keys[order[2]]}
    assert not audit(keys, of, read, set()).audited.any()
    started = audit(keys, of, read | {keys[order[1]]}, {keys[order[1]]})
    # The one after was read, but not because the audit asked: whether it stands there says nothing of chance.
    assert sorted(np.flatnonzero(started.audited)) == sorted(order[:2])
    further = audit(keys, of, read | {keys[order[1]], keys[order[3]]}, {keys[order[1]], keys[order[3]]})
    assert sorted(np.flatnonzero(further.audited)) == sorted(order[:4])
    assert order[0] not in further.waiting
    assert order[4] == further.waiting[0]


def test_every_text_is_as_likely_as_any_other_to_be_in_the_audit() -> None:
    """400 draws of 10 in 40, by keys of as many studies: each text in a quarter of them, within four errors."""
    times = np.zeros(40)
    for draw in range(400):
        keys = keys_of(40, f"study {draw} ")
        read: set[str] = set()
        while len(read) < 10:
            read.add(keys[audit(keys, np.zeros(40, dtype=np.int64), read, read).waiting[0]])
        times += audit(keys, np.zeros(40, dtype=np.int64), read, read).audited
    assert np.all(np.abs(times / 400 - 0.25) < 4 * np.sqrt(0.25 * 0.75 / 400))


def test_small_areas_get_more_than_their_share_and_large_ones_still_most() -> None:
    keys, of = keys_of(500), np.repeat([0, 1], [400, 100])
    read: set[str] = set()
    while len(read) < 90:
        read.add(keys[audit(keys, of, read, read).waiting[0]])
    counts = np.bincount(of[audit(keys, of, read, read).audited])
    assert counts.tolist() == [60, 30]  # as 20 to 10, the square roots


def test_training_begins_with_keywords_of_codes_that_were_hardly_read_and_goes_on_with_doubt() -> None:
    keys = keys_of(6)
    hits = np.zeros((6, 2))
    hits[3, 1] = 1
    labels = np.full((6, 2), np.nan)
    labels[0] = [1, 0]
    assert training(keys, hits, labels)[0] == 3
    assert 0 not in training(keys, hits, labels)
    sure = np.full((6, 2), 0.01)
    sure[4, 0] = 0.5
    labels[:1] = [1, 1]
    assert training(keys, np.zeros((6, 2)), labels, lambda at: sure[at])[0] == 4
    assert len(training(keys, hits, np.zeros((6, 2)))) == 0
