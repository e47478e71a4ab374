"""Themes that words fall into: planted ones are found, few answers are told, codes come of them."""

from __future__ import annotations

import numpy as np

from trustsurvey.model import Code, Codebook
from trustsurvey.text.discovery import badge, code_of, discover
from trustsurvey.text.keywords import Matcher
from trustsurvey.text.words import surface

PLANTED = {
    "lights": ["street", "lights", "lamps", "dark", "broken", "repair", "evening", "night"],
    "dogs": ["dogs", "barking", "leash", "park", "owners", "noise", "fence", "mess"],
    "speed": ["speeding", "cars", "school", "crossing", "limit", "cameras", "signs", "racing"],
    "desk": ["desk", "phone", "waiting", "report", "form", "answer", "calls", "online"],
}


def planted(each: int = 60, seed: int = 0) -> tuple[list[str], np.ndarray]:
    rng = np.random.default_rng(seed)
    texts, of = [], []
    for k, words in enumerate(PLANTED.values()):
        for _ in range(each):
            said = [*rng.choice(words, 4, replace=False), rng.choice(["police", "city", "officers", "neighbourhood"])]
            texts.append("There is " + " and ".join(said))
            of.append(k)
    order = rng.permutation(len(texts))
    return [texts[k] for k in order], np.array(of)[order]


def test_planted_themes_are_found_and_steady() -> None:
    texts, of = planted()
    found = discover(texts, count=4)
    assert found.notice is None
    assert found.texts == 240
    assert found.steadiness > 0.9
    named = {next(name for name, words in PLANTED.items() if theme.words[0] in words): theme for theme in found.themes}
    assert set(named) == set(PLANTED)
    for k, (name, words) in enumerate(PLANTED.items()):
        theme = named[name]
        assert len(set(theme.words) & set(words)) >= 6
        assert theme.badge == "steady"
        assert all(of[place] == k for place in theme.examples)
        assert 50 <= theme.texts <= 70


def test_examples_are_not_the_same_words_again() -> None:
    texts, _ = planted()
    again = [*texts, *["Lights, lamps, street!", "lights lamps street"] * 10]
    for theme in discover(again, count=4).themes:
        said = [" ".join(surface(again[place])) for place in theme.examples]
        assert len(set(said)) == len(said) == 5


def test_themes_of_words_thrown_together_are_not_steady() -> None:
    rng = np.random.default_rng(1)
    words = [word for of in PLANTED.values() for word in of]
    found = discover([" ".join(rng.choice(words, 5, replace=False)) for _ in range(300)], count=6)
    assert badge(found.steadiness) == "unsteady"
    assert not any(theme.badge == "steady" for theme in found.themes)


def test_what_the_codebook_covers_is_left_out() -> None:
    texts, of = planted()
    book = Codebook("b", (Code("lights", "Lights", keywords=("lamp*", "light*", "dark", "street")),))
    covered = Matcher(book).hits(texts).toarray().any(axis=1)
    found = discover(texts, covered, count=3)
    assert not any({"lights", "lamps"} & set(theme.words) for theme in found.themes)
    assert all(not covered[place] and of[place] != 0 for theme in found.themes for place in theme.examples)


def test_a_theme_becomes_a_code_whose_keywords_find_its_texts() -> None:
    texts, of = planted()
    theme = next(t for t in discover(texts, count=4).themes if "dogs" in t.words)
    code = code_of(theme, "Dogs in the park!", {"dogs_in_the_park"})
    assert (code.key, code.title) == ("dogs_in_the_park_2", "Dogs in the park!")
    hits = Matcher(Codebook("b", (code,))).hits(texts).toarray()[:, 0] > 0
    assert hits[of == 1].mean() > 0.95
    assert hits[of != 1].mean() < 0.05


def test_few_answers_are_told() -> None:
    for texts in ([], ["nothing"] * 200, planted(10)[0]):
        found = discover(texts)
        assert found.themes == ()
        assert found.notice is not None
        assert "Too few" in found.notice.text


def test_the_same_texts_give_the_same_themes_and_progress_is_told() -> None:
    texts, _ = planted(20)
    told: list[float] = []
    assert discover(texts, progress=told.append) == discover(texts)
    assert told == [0.2, 0.4, 0.6, 0.8, 1.0]


def test_words_of_fewer_than_ten_people_are_nowhere() -> None:
    texts, _ = planted()
    found = discover([*texts, *["zebedee street lights lamps dark"] * 9], count=4)
    assert not any("zebedee" in (*theme.words, *theme.keywords) for theme in found.themes)


def test_badges() -> None:
    assert [badge(x) for x in (0.7, 0.69, 0.4, 0.39)] == ["steady", "fairly steady", "fairly steady", "unsteady"]
