"""An invented study in which some areas and groups have hardly anybody, in two worlds that must look the same.

The worlds differ in nothing but who of some people lives in a small area rather than in the next one, or is of a small
group rather than of another: numbers that are hidden, of cells that are hidden. Where everything that somebody is given
is the same in both, nothing of it tells in which world they are: not by a count or a mean, not by a difference, and
not by a way that nobody thought of.
"""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Mapping as MappingType, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from builders import margins_of
from files import read_here
from stores import AGREE, INSTRUMENT
from test_focus_groups_who import spoken

from trustsurvey import workflow
from trustsurvey.actions import record
from trustsurvey.focus_groups.study import conversations
from trustsurvey.focus_groups.taken import kept
from trustsurvey.focus_groups.who import proposed
from trustsurvey.model import (
    Action,
    AreaLevel,
    Code,
    Codebook,
    Coding,
    ColumnMap,
    Item,
    Mapping,
    Margins,
    Scale,
    Stance,
    Study,
)
from trustsurvey.store import Body, Store
from trustsurvey.voices.elsewhere import words_of_table
from trustsurvey.voices.study import answers_of, codebook_of, save_codebook
from trustsurvey.weighing import weigh_wave

SLUG = "planted"
WARDS = {
    "Quay": "East", "Pier": "East", "Mill": "East", "Lock": "East",
    "Hill": "West", "Park": "West", "Wood": "West", "Moor": "North", "Fell": "North",
}  # fmt: skip
#: Residents of the larger wards in every wave.
LARGE = {"Mill": 70, "Lock": 66, "Hill": 62, "Park": 80, "Wood": 58, "Moor": 74, "Fell": 68}
#: Residents of the small ward and the one beside it, and of the small group and the one beside it, together.
TOGETHER = 24
#: The hidden pairs: grouping, small level, the level beside it.
PAIRS = (("ward", "Quay", "Pier"), ("sex", "other", "unsaid"))
DAYS = {"2024": date(2024, 5, 1), "2025": date(2025, 5, 1), "2026": date(2026, 5, 1)}
LEVELS = (
    AreaLevel("district", "Districts", "", tuple((name, "") for name in dict.fromkeys(WARDS.values()))),
    AreaLevel("ward", "Wards", "district", tuple(WARDS.items())),
)
#: Beside the small questionnaire: a question that hardly anybody was asked, and an open one.
MORE = (
    Item("rare", "The matter was handled well.", AGREE, optional=True),
    Item("why", "What should change?", Scale("text", 0.0, 0.0)),
)
QUESTIONS = replace(INSTRUMENT, items=(*INSTRUMENT.items, *MORE))
MAPPING = Mapping(
    (
        ColumnMap("id", "id"),
        ColumnMap("ward", "area", "ward"),
        ColumnMap("sex", "group", "sex"),
        ColumnMap("age", "group", "age"),
        ColumnMap("fair", "item", "fair", dont_know=("9",)),
        ColumnMap("rude", "item", "rude", dont_know=("9",)),
        ColumnMap("safe", "item", "safe", dont_know=("9",)),
        ColumnMap("rare", "item", "rare"),
        ColumnMap("household", "number", "household"),
        ColumnMap("why", "text", "why"),
    )
)
POPULATION = {
    "district": {"East": 21_000.0, "West": 19_500.0, "North": 14_300.0},
    "age": {"young": 17_000.0, "middle": 22_000.0, "old": 15_800.0},
}
BOOK = Codebook(
    "planted",
    (
        Code("speed", "Speed of response", keywords=("slow*", "late")),
        Code("manner", "Manner", keywords=("rude*", "polite")),
        Code("parks", "Parks", definition="Green places.", keywords=("park*",)),
    ),
    version=0,
)
SENTENCES = {
    "speed": ("They came slowly", "Always late when we call", "It took ages to get here"),
    "manner": ("The officer was rude", "Very polite people", "They talk down to us"),
    "parks": ("The park is dark", "More benches in parks", "Children play there at night"),
}


@dataclass(frozen=True)
class World:
    """How many are in the small ward and the small group, and answered the rare question, in each wave."""

    name: str
    ward: tuple[int, int, int]
    sex: tuple[int, int, int]
    rare: tuple[int, int, int]
    #: What areas, groups, waves, themes and people are called instead, and what every text ends with.
    names: MappingType[str, str] = field(default_factory=dict, hash=False)
    tail: str = ""

    def __call__(self, name: str) -> str:
        """What something is called in this world."""
        return self.names.get(name, name)

    @property
    def study(self) -> Study:
        """The study under the names of this world."""
        levels = tuple(
            replace(level, title=self(level.title), areas=tuple((self(a), self(b)) for a, b in level.areas))
            for level in LEVELS
        )
        items = tuple(replace(item, text=self(item.text)) for item in QUESTIONS.items)
        indices = tuple(replace(i, title=self(i.title), plain=self(i.plain)) for i in QUESTIONS.indices)
        return Study(SLUG, self("Planted"), replace(QUESTIONS, items=items, indices=indices), levels)

    @property
    def margins(self) -> Margins:
        """The population under the names of this world."""
        return margins_of(**{by: {self(name): n for name, n in of.items()} for by, of in POPULATION.items()})

    @property
    def book(self) -> Codebook:
        """The codebook under the names of this world."""
        codes = [replace(c, title=self(c.title), definition=self(c.definition)) for c in BOOK.codes]
        return replace(BOOK, codes=tuple(codes))


ONE = World("one", ward=(1, 9, 0), sex=(2, 9, 1), rare=(3, 9, 2))
OTHER = World("other", ward=(9, 2, 7), sex=(8, 1, 9), rare=(9, 1, 7))


def survey(world: World, at: int) -> pd.DataFrame:
    """The answers of a wave, a row a resident; all but the two columns of the small ones are alike in all worlds."""
    rng = np.random.default_rng(100 + at)
    ward = np.repeat([*LARGE, "Pier"], [*LARGE.values(), TOGETHER]).astype(object)
    n = len(ward)
    sex = rng.choice(["female", "male"], n).astype(object)
    sex[rng.choice(n - TOGETHER, TOGETHER, replace=False)] = "unsaid"
    for column, (_, small, beside), few in zip((ward, sex), PAIRS, (world.ward, world.sex), strict=True):
        column[np.flatnonzero(column == beside)[: few[at]]] = small
    answers = np.clip(np.round(rng.normal(3.2 + 0.1 * at, 1.1, (n, 3))), 1, 5).astype(int)
    # Those of whom there are few answer as hardly anybody does, so that what is told of them would be seen.
    extreme = np.isin(ward, PAIRS[0][1:]) | np.isin(sex, PAIRS[1][1:])
    answers[extreme] = np.where(rng.random((extreme.sum(), 3)) < 0.9, [1, 5, 1], answers[extreme])
    answers = np.where(rng.random((n, 3)) < 0.05, 9, answers)
    chosen = [[key for key, p in zip(SENTENCES, (0.5, 0.35, 0.25), strict=True) if rng.random() < p] for _ in range(n)]
    said = [". ".join(SENTENCES[key][rng.integers(3)] for key in keys) or "No opinion" for keys in chosen]
    wrote = rng.random(n) < 0.6
    order = rng.permutation(n)
    table = pd.DataFrame(
        {
            "id": [f"r{at}{k:04d}" for k in range(n)], "ward": ward, "sex": sex,
            "age": rng.choice(["young", "middle", "old"], n), "fair": answers[:, 0], "rude": answers[:, 1],
            "safe": answers[:, 2], "rare": np.where(np.arange(n) < world.rare[at], "5", ""),
            "household": rng.integers(1, 6, n),
            "why": [f"{text}." if there else "" for text, there in zip(said, wrote, strict=True)],
        }
    )  # fmt: skip
    return table.iloc[order].reset_index(drop=True)


def boundaries(names: Sequence[str]) -> str:
    """A square for each area."""
    features = []
    for k, name in enumerate(names):
        x, y = float(k % 3), float(k // 3)
        ring = [[x, y], [x + 1, y], [x + 1, y + 1], [x, y + 1], [x, y]]
        shape = {"type": "Polygon", "coordinates": [ring]}
        features.append({"type": "Feature", "properties": {"name": name}, "geometry": shape})
    return json.dumps({"type": "FeatureCollection", "features": features})


def made(home: Path, world: World) -> None:
    """The study of a world in a home folder: waves weighted, released and read, comments, and a focus group."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("TRUSTSURVEY_HOME", str(home))
        patch.delenv("TRUSTSURVEY_DATABASE_URL", raising=False)
        patch.setenv("TRUSTSURVEY_SECRET", SECRET)
        store = Store.open()
        study = world.study
        store.create_study(study, {level.key: boundaries([*level.names]) for level in study.levels}, world.margins)
        save_codebook(store, SLUG, world.book, world("the first"))
        for at, (name, day) in enumerate(DAYS.items()):
            _add_wave(store, world, at, world(name), day)
        _add_words(store, world)
        for by, small, _ in PAIRS:
            lamps = f"Two lamps, {world(small)}{world.tail}"
            action = Action(lamps, score="trust", by=by, group=world(small), wave=world("2024"))
            record.add(store, SLUG, [action], date(2024, 8, 1))
        store.close()


#: The same in both worlds, so that pseudonyms are.
SECRET = "0" * 64


def _add_wave(store: Store, world: World, at: int, name: str, day: date) -> None:
    text = io.StringIO()
    table = survey(world, at)
    for column in ("ward", "sex", "age"):
        table[column] = table[column].map(world)
    table["why"] = [one + world.tail if one else "" for one in table["why"]]
    table.to_csv(text, index=False, quoting=csv.QUOTE_ALL)
    raw = replace(read_here(text.getvalue(), "survey.csv"), source=world(f"{day.year}.csv"))
    wave = workflow.prepare(store, SLUG, raw, MAPPING, name, day, day.replace(month=6)).settled()
    workflow.save_import(store, SLUG, wave, MAPPING, raw)
    weigh_wave(store, SLUG, name, missing="keep")
    workflow.release_wave(store, SLUG, name)
    book, made = codebook_of(store, SLUG), []
    for asked in answers_of(store, SLUG, workflow.load_wave(store, SLUG, name), book):
        for place in asked.audit.waiting[:150].tolist():
            made.append(Coding(asked.keys[place], "me", _read(asked.texts[place]), "audit", version=book.version))
    store.voices.add_codings(SLUG, Body(name), made)


def _read(text: str) -> tuple[tuple[str, Stance], ...]:
    return tuple((key, "negative") for key, said in SENTENCES.items() if any(one in text for one in said))


def _add_words(store: Store, world: World) -> None:
    book, study, key = codebook_of(store, SLUG), store.study(SLUG), store.pseudonym_key(SLUG)
    rng = np.random.default_rng(7)
    told = [SENTENCES["speed" if k % 2 else "parks"][rng.integers(3)] + world.tail for k in range(60)]
    areas = [world(name) for name in ["Quay"] * 4 + ["Mill"] * 30 + ["Hill"] * 26]
    cards = words_of_table(
        pd.DataFrame({"text": told, "area": areas, "date": "2026-05-03"}), world("Cards"), "cards.csv", "d1", study, key
    )
    store.collections.save(SLUG, cards.record, cards.texts, cards.unredacted)
    codings = [Coding(k, "me", _read(t), "training", version=book.version) for k, t in zip(
        cards.texts["key"], cards.texts["text"], strict=True)]  # fmt: skip
    store.voices.add_codings(SLUG, Body(world("Cards"), "collection"), codings)
    talk = spoken(
        "Moderator: What should change?", "Kim: They came slowly, always late when we call the station.",
        "Lee: The officer was rude to my neighbour for no reason at all.", "Kim: And the park is dark at night, too.",
    )  # fmt: skip
    turns_of = tuple(replace(t, speaker=world(t.speaker), text=t.text + world.tail) for t in talk.turns)
    talk = replace(talk, turns=turns_of)
    group = kept(talk, proposed(talk), world("First group"), "d2", study, key, date(2026, 5, 4))
    store.collections.save(SLUG, group.record, group.texts, group.unredacted)
    (held,) = conversations(store, SLUG)
    turns = [Coding(k, "me", _read(t), "training", version=book.version) for k, t in zip(
        held.turns["key"], held.turns["text"], strict=True)]  # fmt: skip
    store.voices.add_codings(SLUG, Body(world("First group"), "collection"), turns)
