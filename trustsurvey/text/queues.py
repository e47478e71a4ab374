"""Which text a person reads next: drawn at random for the audit, or chosen to teach the machine most.

The two are kept apart. The audit carries the inference, so nothing but chance may decide what is in it;
answers chosen because they are rare or doubtful would make every share look larger than it is.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass

import numpy as np

from trustsurvey.model import Floats, Ints

#: Fewer texts with a code than this leave it untold whether it is rare, so that its keywords are looked for first.
FEW = 8


@dataclass(frozen=True, eq=False)
class Audit:
    """The random part of the readings.

    ``audited`` (n,): texts that are in the audit and were read. ``chance`` (n,): the share of its stratum that
    was drawn, 0 where none was. ``strata`` (n,). ``waiting``: positions of the texts still to be read, the next first.
    """

    audited: np.ndarray
    chance: Floats
    strata: Ints
    waiting: Ints


def audit(keys: Sequence[str], strata: Ints, read: Collection[str], asked: Collection[str]) -> Audit:
    """The audit of n texts by stratum, drawn without replacement in an order that chance fixed once and for all.

    ``keys`` are keyed digests in hexadecimal, the same as random numbers: within a stratum texts come in
    their order (permanent random numbers; Ohlsson 1995), so that an audit can be taken further at any time and
    stays a random sample. It reaches as far as texts were read without a gap, up to the last one that
    was read because the audit ``asked`` for it. The next text is of the stratum that is furthest behind an
    allocation by square roots (Bankier 1988), a compromise between areas and everyone together.
    """
    n = len(keys)
    chance, audited = np.zeros(n), np.zeros(n, dtype=bool)
    named = np.array(keys, dtype=object)
    waiting: list[tuple[float, int, int]] = []
    for stratum in np.unique(strata):
        places = sorted(np.flatnonzero(strata == stratum).tolist(), key=named.__getitem__)
        last = done = 0
        for done, place in enumerate(places):
            if keys[place] not in read:
                break
            last = done + 1 if keys[place] in asked else last
        else:
            done = len(places)
        audited[places[:last]] = True
        chance[places] = last / len(places)
        unread = [place for place in places[last:] if keys[place] not in read]
        share = np.sqrt(len(places))
        waiting += [((last + at + 1) / share, int(stratum), place) for at, place in enumerate(unread)]
    return Audit(audited, chance, strata, np.array([place for *_, place in sorted(waiting)], dtype=np.int64))


def training(
    keys: Sequence[str],
    hits: Floats,
    labels: Floats,
    probabilities: Callable[[Ints], Floats] | None = None,
    most: int = 2_000,
) -> Ints:
    """Positions of the unread texts, those that teach most first.

    ``hits`` (n, k): whether a keyword of each code is in the text; ``labels`` (n, k): what was read, NaN for unread.
    While a code was read in fewer than :data:`FEW` texts, those with its keywords come first; after that those of
    which the machine is least sure, with more weight for codes that were read rarely (Lewis & Gale 1994).
    ``probabilities`` gives the machine's (m, k) for texts at m positions; of at most ``most`` texts, to be quick.
    """
    unread = np.flatnonzero(np.isnan(labels).all(axis=1))
    unread = unread[np.argsort(np.array(keys, dtype=object)[unread], kind="stable")][:most]
    if not len(unread):
        return unread
    positives = np.nansum(labels, axis=0) if len(labels) else np.zeros(hits.shape[1])
    rare = 1 / np.sqrt(1 + positives)
    worth = (hits[unread] * np.where(positives < FEW, 1 + rare, 0.0)).max(axis=1, initial=0.0)
    if probabilities is not None:
        doubt = 1 - np.abs(2 * probabilities(unread) - 1)
        worth = np.maximum(worth, (doubt * rare / rare.max()).max(axis=1, initial=0.0))
    return unread[np.argsort(-worth, kind="stable")]
