"""Machine coding: what it learns, what it falls back to, and that its probabilities are fair."""

from __future__ import annotations

import numpy as np
import pytest

from trustsurvey.errors import SurveyError
from trustsurvey.model import Code, Codebook
from trustsurvey.text.classify import learn
from trustsurvey.text.evidence import f1
from trustsurvey.text.keywords import Matcher
from trustsurvey.text.language import tokens, words_of

BOOK = Codebook(
    "test",
    (Code("slow", "Slow response", keywords=("slow", "late")), Code("seen", "Visibility", keywords=("patrol*",)),
     Code("rare", "Rare", keywords=("unicorn",))),
)  # fmt: skip
SLOW = ("they came too late", "nobody came for hours", "we waited for hours", "slow to come", "waited two hours")
SEEN = ("more patrols", "we never see them here", "officers on foot", "walk the street", "see officers on foot")
ELSE = ("good people", "thank you all", "nothing to say", "parking is bad", "the park is nice", "schools are good")


def answers(n: int, seed: int) -> tuple[list[str], np.ndarray]:
    rng = np.random.default_rng(seed)
    texts, labels = [], np.zeros((n, 3))
    for row in range(n):
        kind = rng.integers(0, 4)
        parts = [str(rng.choice(ELSE))]
        if kind in (0, 2):
            parts.append(str(rng.choice(SLOW)))
            labels[row, 0] = 1
        if kind in (1, 2):
            parts.append(str(rng.choice(SEEN)))
            labels[row, 1] = 1
        texts.append(" and ".join(str(p) for p in rng.permutation(parts)))
    return texts, labels


def test_it_learns_what_the_keywords_miss() -> None:
    texts, labels = answers(300, 1)
    model = learn(BOOK, texts, labels)
    fresh, truth = answers(300, 2)
    said = model.decisions(fresh)
    alone = Matcher(BOOK).hits(fresh).toarray() > 0
    assert model.scored.tolist() == [True, True, False]
    for j in range(2):
        assert f1(truth[:, j], said[:, j]) > 0.95 > f1(truth[:, j], alone[:, j])


def test_few_coded_answers_leave_it_to_the_keywords() -> None:
    texts, labels = answers(300, 3)
    slow = np.flatnonzero(labels[:, 0])
    rows = np.delete(np.arange(300), slow[7:])  # one short of eight
    texts, labels = [texts[row] for row in rows], labels[rows]
    model = learn(BOOK, texts, labels)
    assert not model.scored[0]
    likely = model.probabilities(["so slow", "hours", "nothing at all"])[:, 0]
    assert likely[0] > 2 * likely[1]
    assert likely[1] == likely[2]


def test_probabilities_are_calibrated_out_of_fold() -> None:
    texts, labels = answers(400, 4)
    noisy = np.where(np.random.default_rng(0).random(labels.shape) < 0.15, 1 - labels, labels)
    model = learn(BOOK, texts, noisy)
    for j in range(2):
        assert model.fitted[:, j].mean() == pytest.approx(noisy[:, j].mean(), abs=0.02)
        high = model.fitted[:, j] > 0.5
        assert noisy[high, j].mean() == pytest.approx(model.fitted[high, j].mean(), abs=0.06)


def test_calibration_listens_to_the_random_answers_alone() -> None:
    texts, labels = answers(400, 5)
    random = np.zeros(400, dtype=bool)
    random[:200] = True
    labels[200:, 2] = 1  # a training pool chosen because it mentions the rare code
    model = learn(BOOK, texts, labels, random)
    assert model.probabilities(texts[:200])[:, 2].mean() < 0.05


def test_the_same_input_gives_the_same_model() -> None:
    texts, labels = answers(120, 6)
    first, second = (learn(BOOK, texts, labels).probabilities(texts) for _ in range(2))
    np.testing.assert_array_equal(first, second)


def test_reasons_name_words_of_the_text() -> None:
    texts, labels = answers(300, 7)
    model = learn(BOOK, texts, labels)
    told = dict(model.reasons("We waited for HOURS, so Slow", "slow"))
    assert told["HOURS"] > 0
    assert told["waited"] > 0
    assert told["Slow"] > 0
    assert "for HOURS" in told
    assert "hour" not in told
    assert [word for word, _ in model.reasons("a Unicorn", "rare")] == ["Unicorn"]
    assert model.reasons("", "slow") == []


@pytest.mark.parametrize("texts", [[], [""], ["", "..."], ["one"]])
def test_next_to_nothing_is_no_error(texts: list[str]) -> None:
    model = learn(BOOK, texts, np.zeros((len(texts), 3)))
    assert model.probabilities(["anything", ""]).shape == (2, 3)
    assert ((model.probabilities(["slow"]) >= 0) & (model.probabilities(["slow"]) <= 1)).all()


def test_progress_runs_to_one() -> None:
    told: list[float] = []
    learn(BOOK, *answers(50, 8), progress=told.append)
    assert told[-1] == 1.0
    assert told == sorted(told)


def test_labels_of_another_shape_are_refused() -> None:
    with pytest.raises(SurveyError) as refused:
        learn(BOOK, ["a"], np.zeros((1, 2)))
    assert refused.value.code == "classify.labels"
    with pytest.raises(SurveyError):
        learn(BOOK, ["a"], np.full((1, 3), np.nan))


@pytest.mark.parametrize(
    ("text", "language", "words"),
    [
        ("They're waiting, waited!", "english", ["they'r", "wait", "wait"]),
        ("Las calles oscuras", "spanish", ["las", "call", "oscur"]),
        ("警察は遅い", "none", ["警察は遅い"]),
        ("улицы", "russian", ["улиц"]),
        ("\u0130stanbul\u2019da", "none", ["i\u0307stanbul'da"]),
        ("", "english", []),
    ],
)
def test_words_of_languages(text: str, language: str, words: list[str]) -> None:
    assert tokens(text, language) == words
    assert [stem for stem, *_ in words_of(text, language)] == words
    assert all(tokens(text[a:b], language) == [stem] for stem, a, b in words_of(text, language))
