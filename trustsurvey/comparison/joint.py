"""Estimates of several waves at once: their covariance from the units they share, and what is known of it."""

from __future__ import annotations

from collections.abc import Sequence
from weakref import WeakKeyDictionary, ref

import numpy as np
import pandas as pd
from scipy import sparse

from trustsurvey.estimation.linearise import Domains, linear_mean
from trustsurvey.estimation.variance import Df, VarianceModel
from trustsurvey.model import Floats, Ints, Lonely, Wave

#: A variance this small beside those it is made of is rounding.
NOTHING = 1e-12

#: One wave: its variance model, and the linearised values (n, k) of its estimates.
Part = tuple[VarianceModel, sparse.csr_array]


def linear_part(wave: Wave, rows: pd.DataFrame, lonely: Lonely | None = None) -> Part:
    """The wave's linearised mean for each row (measure, by, level); nothing where it has no such domain."""
    assert wave.scores is not None
    measures = [measure for measure in dict.fromkeys(rows["measure"]) if measure in wave.scores]
    variables = [tuple(grouping.split(" x ")) for grouping in dict.fromkeys(rows["by"]) if grouping]
    groupings = [each for each in variables if all(variable in wave.people for variable in each)]
    model, domains = VarianceModel.of(wave, lonely), Domains.of(wave, groupings)
    linear = linear_mean(wave.scores[measures].to_numpy(float), model.weights, domains)
    places = [(m, b, v) for m in measures for b, v in zip(domains.by, domains.level, strict=True)]
    at = {place: k for k, place in enumerate(places)}
    chosen = [at.get(key, len(places)) for key in zip(rows["measure"], rows["by"], rows["level"], strict=True)]
    values = sparse.hstack([linear.values, sparse.csr_array((len(wave), 1))], format="csc")
    return model, sparse.csr_array(values[:, chosen])


def joint_covariance(parts: Sequence[Part]) -> Floats:
    """Covariances (k, waves, waves) of the estimates of several waves, from the units they share."""
    k, w = parts[0][1].shape[1], len(parts)
    result = np.zeros((k, w, w))
    codes = _unit_codes([model for model, _ in parts])
    for i, (model, values) in enumerate(parts):
        result[:, i, i] = model.variance(values)
        for j in range(i):
            if len(np.intersect1d(codes[i], codes[j], assume_unique=True)):
                result[:, i, j] = result[:, j, i] = parts[j][0].shared_covariance(parts[j][1], model, values)[0]
    return result


def contrast_df(parts: Sequence[Part], covariance: Floats, coefficients: Floats, df: Df = "satterthwaite") -> Floats:
    """Degrees of freedom (k,) of the variance of a combination (k, waves) of the estimates of several waves.

    "design": the units of all waves, each counted once, less their share of the strata (R's convention).

    "satterthwaite": ``(sum s2)^2 / sum s2^2`` over those units (Satterthwaite 1946; Valliant & Rust 2010),
    each unit less its share of the strata, with s2 what a unit is expected to add to the variance where
    residents vary alike: a wave's variance by the squared weights of the unit, and for a unit of two
    waves their covariance likewise. Equal weights give the design's number; unequal ones, a few
    large clusters or a small wave beside a large one give fewer, as the variance is then known worse.
    """
    k, codes = coefficients.shape[0], _unit_codes([model for model, _ in parts])
    inside = coefficients != 0
    keys, sizes, degrees = [], [], np.zeros((k, len(parts)))
    for wave, (model, values) in enumerate(parts):
        row, column = values.tocoo().coords
        counted = inside[column, wave]
        key = (codes[wave][model.design.psus[row]] * k + column)[counted]
        key, place = _distinct(key)
        keys.append(key)
        sizes.append(np.bincount(place, model.weights[row[counted]] ** 2, len(key)))
        degrees[:, wave] = np.where(inside[:, wave], model.domain_df(values), 0)
    units, places = _distinct(np.concatenate(keys))
    at = np.split(places, np.cumsum([len(key) for key in keys])[:-1])
    left, waves = np.zeros(len(units)), np.zeros(len(units))
    for wave, key in enumerate(keys):
        met = np.bincount(key % k, minlength=k)
        left[at[wave]] += (degrees[:, wave] / np.maximum(met, 1))[key % k]
        waves[at[wave]] += 1
    left /= waves
    design = np.bincount(units % k, left, k)
    product = coefficients[:, :, None] * coefficients[:, None, :] * covariance
    s2 = np.zeros(len(units))
    for i in range(len(parts)):
        for j in range(i + 1):
            if i != j and not product[:, i, j].any():
                continue
            mine = theirs = np.arange(len(keys[i]))
            if i != j:
                _, mine, theirs = np.intersect1d(keys[i], keys[j], assume_unique=True, return_indices=True)
            shape, column = np.sqrt(sizes[i][mine] * sizes[j][theirs]), keys[i][mine] % k
            whole = np.bincount(column, shape, k)[column]
            s2[at[i][mine]] += (1 if i == j else 2) * product[column, i, j] * shape / whole
    s2 = np.maximum(s2, 0.0)
    with np.errstate(invalid="ignore", divide="ignore"):
        total, squares = np.bincount(units % k, s2, k), np.bincount(units % k, s2**2 / left, k)
        known = (df == "satterthwaite") & (total > NOTHING * np.diagonal(product, axis1=1, axis2=2).sum(axis=1))
        return np.where(known, total**2 / squares, design)


def _distinct(keys: Ints) -> tuple[Ints, Ints]:
    """The distinct keys in order and the place of each key among them, fast where they come in sorted runs."""
    order = np.argsort(keys, kind="stable")
    ordered = keys[order]
    first = np.ones(len(keys), dtype=bool)
    first[1:] = ordered[1:] != ordered[:-1]
    place = np.empty(len(keys), dtype=np.int64)
    place[order] = np.cumsum(first) - 1
    return ordered[first], place


#: The codes of units by the waves they are of: many changes and gaps are of the same waves.
_CODES: WeakKeyDictionary[VarianceModel, dict[tuple[ref[VarianceModel], ...], list[Ints]]] = WeakKeyDictionary()


def _unit_codes(models: Sequence[VarianceModel]) -> list[Ints]:
    """A code for each PSU of each wave, the same for PSUs of several waves that carry one label; read only."""
    kept, key = _CODES.setdefault(models[-1], {}), tuple(map(ref, models))
    if key not in kept:
        kept[key] = _coded(models)
    return kept[key]


def _coded(models: Sequence[VarianceModel]) -> list[Ints]:
    frames = []
    for wave, model in enumerate(models):
        ids = model.design.psu_ids
        if ids is not None:
            frame = pd.DataFrame({"wave": wave, "psu": model.design.psus, "label": ids})
            if len(frame) > model.n_psu:
                frame = frame.drop_duplicates()
            frame = frame[frame["label"].notna() & (frame["label"] != "")]
            # A label that stands for several PSUs tells none.
            frames.append(frame[~frame["label"].duplicated(keep=False)])
    starts = np.cumsum([0, *(model.n_psu for model in models)])
    codes = np.arange(starts[-1])
    if frames:
        named = pd.concat(frames)
        codes[starts[named["wave"]] + named["psu"]] = starts[-1] + pd.factorize(named["label"])[0]
    return np.split(codes, starts[1:-1])
