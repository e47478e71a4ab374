"""Machine coding: keywords and words learnt from coded answers, one calibrated probability a code.

For each code a balanced logistic regression on TF-IDF of words and pairs of words gives a score, where enough
answers with the code were read. What a score and the code's keywords are worth is learnt from all codes together
(:mod:`trustsurvey.text.evidence`), from scores of fits that did not see the answer.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from itertools import pairwise
from typing import Any

import numpy as np
from scipy import sparse
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import LogisticRegression

from trustsurvey.errors import SurveyError
from trustsurvey.model import Codebook, Floats
from trustsurvey.text.evidence import Evidence, lines, other_codes, weigh
from trustsurvey.text.keywords import Matcher
from trustsurvey.text.language import tokens, words_of
from trustsurvey.text.sentence_vectors import Encoder

#: Words that fewer answers hold are left aside, unless that would leave none.
MIN_DF = 3
#: Inverse strength of the regression's ridge penalty.
RIDGE = 10.0
#: Fewer coded answers that mention a code (or do not) leave the decision to its keywords.
ENOUGH_POSITIVE = 8
FOLDS = 5


@dataclass(frozen=True, eq=False)
class Classifier:
    """A codebook's codes as learnt from coded answers.

    ``coef`` (words, k), ``bias`` (k,): balanced log odds of words, and of sentence vectors below them where there is an
    ``encoder``; 0 for codes that are not ``scored`` (k,), whose keywords decide alone. ``lines`` (k,): the probability
    above which an answer is taken to mention a code. ``fitted`` (n, k): calibrated probabilities of the answers learnt
    from, each out of fold.
    """

    codebook: Codebook
    vectors: TfidfVectorizer | None
    coef: Floats
    bias: Floats
    scored: np.ndarray
    evidence: Evidence
    lines: Floats
    fitted: Floats
    encoder: Encoder | None = None

    def probabilities(self, texts: Sequence[str]) -> Floats:
        """Calibrated probabilities (n, k) that answers mention each code."""
        hits = Matcher(self.codebook).hits(texts).toarray()
        words = _vectorised(self.vectors, texts)
        scores = words @ self.coef[: words.shape[1]] + self.bias
        if self.encoder is not None:
            scores = scores + self.encoder(texts) @ self.coef[words.shape[1] :]
        return self.evidence.probabilities(scores, hits)

    def decisions(self, texts: Sequence[str]) -> np.ndarray:
        """(n, k) true where an answer is taken to mention a code: the decision of the best F1 to be expected."""
        return self.probabilities(texts) > self.lines

    def reasons(self, text: str, key: str, most: int = 6) -> list[tuple[str, float]]:
        """What in a text speaks for (above 0) or against a code, as it stands there, the strongest first.

        The code's keywords and the words and pairs of words that were learnt; weights in log odds.
        """
        j, found = self.codebook.keys.index(key), Matcher(self.codebook)
        others = other_codes(found.hits([text]).toarray())[0, j]
        _, keyword, score = self.evidence.table[j, :3] + self.evidence.table[j, 3:] * others
        told: dict[str, float] = {text[a:b]: float(keyword) for a, b in found.spans(text, key)}
        if self.vectors is not None:
            row = sparse.csr_array(self.vectors.transform([text]))
            names, stands = self.vectors.get_feature_names_out(), _standing(text, self.codebook.language)
            for place, value in zip(row.indices, row.data, strict=True):
                word = stands[str(names[place])]
                told[word] = told.get(word, 0.0) + float(score * value * self.coef[place, j])
        strongest = sorted(told.items(), key=lambda entry: -abs(entry[1]))
        return [(word, weight) for word, weight in strongest[:most] if abs(weight) > 1e-9]


def learn(
    codebook: Codebook,
    texts: Sequence[str],
    labels: Floats,
    random: np.ndarray | None = None,
    *,
    seed: int = 0,
    encoder: Encoder | None = None,
    progress: Callable[[float], Any] | None = None,
) -> Classifier:
    """Learn to code from coded answers.

    Parameters
    ----------
    labels : (n, k) 1 or 0 for each answer and code of the codebook.
    random : mask (n,) of the answers that were drawn at random (the audit); probabilities are calibrated
        on those alone where there are any, since answers chosen for being rare or doubtful would teach
        the machine to expect too much.
    seed : decides the folds; the same input gives the same model.
    encoder : vectors of whole texts that count beside the words (:mod:`trustsurvey.text.sentence_vectors`).
    """
    labels = np.asarray(labels, dtype=float)
    if labels.shape != (len(texts), len(codebook.codes)) or not np.isin(labels, (0.0, 1.0)).all():
        raise SurveyError(
            "classify.labels", "The labels are not a yes or no for each answer and code", where=codebook.name,
            got=str(labels.shape), expected=f"0 or 1, {(len(texts), len(codebook.codes))}",
        )  # fmt: skip
    n = len(texts)
    drawn = np.ones(n, dtype=bool) if random is None or not random.any() else np.asarray(random, dtype=bool)
    vectors = _vectors(codebook.language, texts)
    words, hits = _vectorised(vectors, texts), Matcher(codebook).hits(texts).toarray()
    if encoder is not None and n:
        words = sparse.csr_array(sparse.hstack([words, sparse.csr_array(encoder(texts))]))
    folds = np.random.default_rng(seed).permutation(n) % min(FOLDS, max(n, 1))
    positives = labels.sum(axis=0)
    scored = (positives >= ENOUGH_POSITIVE) & (positives <= n - ENOUGH_POSITIVE) & bool(words.shape[1])
    scores, coef, bias = np.zeros(labels.shape), np.zeros((words.shape[1], len(scored))), np.zeros(len(scored))
    for j in range(len(scored)):
        if scored[j]:
            scores[:, j] = _out_of_fold(words, labels[:, j], folds)
            final = _regression(words, labels[:, j])
            coef[:, j], bias[j] = final.coef_[0], final.intercept_[0]
        if progress is not None:
            progress((j + 1) / (len(scored) + 1))
    fitted = np.zeros(labels.shape)
    for fold in np.unique(folds):
        here, rest = folds == fold, drawn & (folds != fold)
        evidence = weigh(scores[rest], hits[rest], scored, labels[rest])
        fitted[here] = evidence.probabilities(scores[here], hits[here])
    evidence = weigh(scores[drawn], hits[drawn], scored, labels[drawn])
    if progress is not None:
        progress(1.0)
    return Classifier(codebook, vectors, coef, bias, scored, evidence, lines(fitted[drawn]), fitted, encoder)


def _vectors(language: str, texts: Sequence[str]) -> TfidfVectorizer | None:
    """TF-IDF of the words and pairs of words of the texts; None where they hold no word."""
    for least in (MIN_DF, 1):
        vectors = TfidfVectorizer(
            tokenizer=partial(tokens, language=language), lowercase=False, token_pattern=None,
            ngram_range=(1, 2), min_df=least, sublinear_tf=True,
        )  # fmt: skip
        try:
            return vectors.fit(texts)
        except ValueError:  # no word is in as many texts
            continue
    return None


def _vectorised(vectors: TfidfVectorizer | None, texts: Sequence[str]) -> sparse.csr_array:
    return sparse.csr_array((len(texts), 0)) if vectors is None else sparse.csr_array(vectors.transform(texts))


def _standing(text: str, language: str) -> dict[str, str]:
    """The words and pairs of words of a text as they stand in it, by their stems; the first of several."""
    words = words_of(text, language)
    stands = {stem: text[a:b] for stem, a, b in reversed(words)}
    pairs = reversed(list(pairwise(words)))
    return stands | {f"{one[0]} {two[0]}": text[one[1] : two[2]] for one, two in pairs}


def _out_of_fold(design: sparse.csr_array, labels: Floats, folds: np.ndarray) -> Floats:
    """Scores (n,) of the answers, each from a fit without its own fold."""
    scores = np.zeros(len(labels))
    for fold in np.unique(folds):
        rest = folds != fold
        scores[~rest] = _regression(design[rest], labels[rest]).decision_function(design[~rest])
    return scores


def _regression(design: sparse.csr_array, labels: Floats) -> LogisticRegression:
    if labels.min() == labels.max():  # a fold without one of both: nothing to tell apart
        labels = np.append(labels, 1 - labels[0])
        design = sparse.csr_array(sparse.vstack([design, sparse.csr_array((1, design.shape[1]))]))
    # The dual has one unknown an answer, not one a word: seventy times as fast on a thousand answers.
    solver = LogisticRegression(
        C=RIDGE, class_weight="balanced", solver="liblinear", dual=True, max_iter=2000, random_state=0
    )
    return solver.fit(design, labels)
