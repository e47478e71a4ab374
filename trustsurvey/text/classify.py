"""Machine coding: keywords and words learnt from coded answers, one calibrated probability a code.

For each code a balanced logistic regression on TF-IDF of words and pairs of words, and on the
code's own keywords. How much a keyword counts beside a word (nothing, as much, three times) is
decided out of fold; where too few answers were coded, or the keywords alone do no worse, the
keywords decide. Probabilities come from fits that did not see the answer, and are calibrated.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import Any, Literal

import numpy as np
from scipy import sparse
from scipy.special import expit, logit
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import LogisticRegression

from trustsurvey.errors import SurveyError
from trustsurvey.model import Codebook, Floats
from trustsurvey.text.keywords import Matcher
from trustsurvey.text.language import tokens

#: What a keyword may count beside the words of TF-IDF, whose rows have length 1.
KEYWORD_WEIGHTS = (0.0, 1.0, 3.0)
#: Words that fewer answers hold are left aside, unless that would leave none.
MIN_DF = 3
#: Inverse strength of the regression's ridge penalty.
RIDGE = 10.0
#: Fewer coded answers that mention a code leave the decision to its keywords.
ENOUGH_POSITIVE = 8
FOLDS = 5

By = Literal["words", "keywords"]


@dataclass(frozen=True, eq=False)
class CodeModel:
    """How one code is decided: the score of an answer, and the line that makes a probability of it.

    An answer is taken to mention the code where its score (the regression's balanced log odds, or 1 for a
    keyword hit) is above 0. ``slope`` and ``intercept`` turn the score into calibrated log odds.
    ``keyword`` is what a keyword hit adds to the score. ``f1_words`` and ``f1_keywords`` are out of
    fold, NaN where not tried.
    """

    by: By
    slope: float
    intercept: float
    coef: Floats | None = None
    keyword: float = 1.0
    bias: float = 0.0
    f1_words: float = float("nan")
    f1_keywords: float = float("nan")
    positives: int = 0

    def score(self, words: sparse.csr_array, hits: Floats) -> Floats:
        """Scores (n,) of answers from their TF-IDF rows and keyword hits."""
        learnt = 0.0 if self.coef is None else words @ self.coef
        return np.asarray(learnt + hits * self.keyword + self.bias, dtype=float)

    def probability(self, score: Floats) -> Floats:
        """Calibrated probabilities (n,) of scores."""
        return expit(self.slope * score + self.intercept)


@dataclass(frozen=True, eq=False)
class Classifier:
    """A codebook's codes as learnt from coded answers.

    ``fitted`` (n, k): calibrated probabilities of the answers learnt from, each out of fold.
    """

    codebook: Codebook
    vectors: TfidfVectorizer | None
    models: tuple[CodeModel, ...]
    fitted: Floats

    def probabilities(self, texts: Sequence[str]) -> Floats:
        """Calibrated probabilities (n, k) that answers mention each code."""
        return np.column_stack([m.probability(s) for m, s in zip(self.models, self._scores(texts), strict=True)])

    def decisions(self, texts: Sequence[str]) -> np.ndarray:
        """(n, k) true where an answer is taken to mention a code: the balanced decision, which seeks rare codes too."""
        return np.column_stack([score > 0 for score in self._scores(texts)])

    def reasons(self, text: str, key: str, most: int = 6) -> list[tuple[str, float]]:
        """The words of a text that speak for (above 0) or against a code, the strongest first."""
        j = self.codebook.keys.index(key)
        model, found = self.models[j], Matcher(self.codebook)
        steep = model.slope or 1.0
        told = {text[a:b]: steep * model.keyword for a, b in found.spans(text, key)}
        if self.vectors is not None and model.coef is not None:
            row = sparse.csr_array(self.vectors.transform([text]))
            names = self.vectors.get_feature_names_out()
            for place, value in zip(row.indices, row.data, strict=True):
                told.setdefault(str(names[place]), float(steep * value * model.coef[place]))
        strongest = sorted(told.items(), key=lambda entry: -abs(entry[1]))
        return [(word, weight) for word, weight in strongest[:most] if abs(weight) > 1e-9]

    def _scores(self, texts: Sequence[str]) -> list[Floats]:
        words, hits = _vectorised(self.vectors, texts), Matcher(self.codebook).hits(texts).toarray()
        return [model.score(words, hits[:, j]) for j, model in enumerate(self.models)]


def learn(
    codebook: Codebook,
    texts: Sequence[str],
    labels: Floats,
    random: np.ndarray | None = None,
    *,
    seed: int = 0,
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
    folds = np.random.default_rng(seed).permutation(n) % min(FOLDS, max(n, 1))
    models, fitted = [], np.zeros(labels.shape)
    for j in range(labels.shape[1]):
        model, fitted[:, j] = _learn_code(words, hits[:, j], labels[:, j], folds, drawn)
        models.append(model)
        if progress is not None:
            progress((j + 1) / labels.shape[1])
    return Classifier(codebook, vectors, tuple(models), fitted)


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


def _learn_code(
    words: sparse.csr_array, hits: Floats, labels: Floats, folds: np.ndarray, drawn: np.ndarray
) -> tuple[CodeModel, Floats]:
    """One code's model, and its probabilities for the answers learnt from, out of fold."""
    positives = int(labels.sum())
    f1_keywords, f1_words = f1(labels[drawn], hits[drawn] > 0), float("nan")
    score, best, counts = hits, None, np.nan_to_num(f1_keywords)
    if ENOUGH_POSITIVE <= positives <= len(labels) - ENOUGH_POSITIVE and words.shape[1]:
        for weight in KEYWORD_WEIGHTS if hits.any() else KEYWORD_WEIGHTS[:1]:
            design = _design(words, hits, weight)
            learnt = _out_of_fold(design, labels, folds)
            here = f1(labels[drawn], learnt[drawn] > 0)
            f1_words = np.fmax(f1_words, here)
            if here > counts:
                score, best, counts = learnt, weight, here
    probability = np.zeros(len(labels))
    for fold in np.unique(folds):
        rest = drawn & (folds != fold)
        slope, intercept = calibration(score[rest], labels[rest])
        probability[folds == fold] = expit(slope * score[folds == fold] + intercept)
    slope, intercept = calibration(score[drawn], labels[drawn])
    model = CodeModel("keywords", slope, intercept, f1_words=float(f1_words), f1_keywords=f1_keywords,
                      positives=positives)  # fmt: skip
    if best is not None:
        final = _regression(_design(words, hits, best), labels)
        coef = final.coef_[0].astype(float)
        model = replace(model, by="words", coef=coef[:-1], keyword=best * coef[-1], bias=float(final.intercept_[0]))
    return model, probability


def _design(words: sparse.csr_array, hits: Floats, weight: float) -> sparse.csr_array:
    return sparse.csr_array(sparse.hstack([words, sparse.csr_array(weight * hits[:, None])]))


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


def calibration(score: Floats, labels: Floats, rounds: int = 50) -> tuple[float, float]:
    """Slope and intercept of log odds on scores by Platt (1999), with his targets short of 0 and 1 and slope >= 0.

    Newton's method on two parameters with a weak pull of the slope towards 1.
    """
    n, positives = len(labels), float(labels.sum())
    high, low = (positives + 1) / (positives + 2), 1 / (n - positives + 2)
    target = np.where(labels > 0, high, low)
    share = (positives + 0.5) / (n + 1)
    if n == 0 or np.ptp(score) == 0:
        return 0.0, float(logit(share))
    centre, spread = float(score.mean()), float(score.std())
    x = np.column_stack([(score - centre) / spread, np.ones(n)])
    pull, beta = np.array([0.5, 0.0]), np.array([0.0, float(logit(share))])
    for _ in range(rounds):
        p = expit(x @ beta)
        gradient = x.T @ (target - p) - pull * beta
        hessian = (x * (p * (1 - p))[:, None]).T @ x + np.diag(pull) + 1e-9 * np.eye(2)
        step = np.linalg.solve(hessian, gradient)
        beta = beta + step * min(1.0, 5.0 / max(float(np.abs(step).max()), 1e-12))
        if np.abs(step).max() < 1e-10:
            break
    if beta[0] < 0:
        return 0.0, float(logit(share))
    return float(beta[0] / spread), float(beta[1] - beta[0] * centre / spread)


def f1(labels: np.ndarray, said: np.ndarray) -> float:
    """F1 of a decision; NaN where there is nothing to find and nothing was found."""
    both, either = float((labels * said).sum()), float(labels.sum() + said.sum())
    return 2 * both / either if either else float("nan")
