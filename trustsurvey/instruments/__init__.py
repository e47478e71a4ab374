"""Questionnaires as data: the default one, response scales, and a reader for a city's own."""

from __future__ import annotations

import math
from functools import lru_cache
from importlib import resources
from pathlib import Path
from typing import Any

import yaml

from trustsurvey.errors import SurveyError, some
from trustsurvey.instruments.words import more_missing_words
from trustsurvey.language import N_
from trustsurvey.model import Index, Instrument, Item, Scale

DEFAULT = "trust"


@lru_cache(maxsize=1)
def _library() -> dict[str, Any]:
    text = resources.files(__package__).joinpath("scales.yaml").read_text(encoding="utf-8")
    return yaml.safe_load(text)


def missing_words() -> dict[str, tuple[str, ...]]:
    """Words that mean "no answer", by reason: dont_know, refused, not_applicable, blank."""
    more = more_missing_words()
    return {reason: (*words, *more[reason]) for reason, words in _library()["missing"].items()}


@lru_cache(maxsize=1)
def library_scales() -> tuple[Scale, ...]:
    """The response scales that come with the package, without the one for open answers."""
    return tuple(scale for scale in _scales({}, "scales.yaml").values() if not scale.is_text)


@lru_cache(maxsize=1)
def default_instrument() -> Instrument:
    """The questionnaire that comes with the package (``trust.yaml``)."""
    text = resources.files(__package__).joinpath(f"{DEFAULT}.yaml").read_text(encoding="utf-8")
    return parse_instrument(text, f"{DEFAULT}.yaml")


def read_instrument(path: str | Path) -> Instrument:
    """Read an instrument file (YAML, in the form of ``trust.yaml``); SurveyError if it is unsound."""
    path = Path(path)
    try:
        return parse_instrument(path.read_text(encoding="utf-8"), path.name)
    except (OSError, UnicodeDecodeError) as error:
        raise SurveyError(
            "instrument.unreadable",
            "The questionnaire file cannot be read",
            where=str(path),
            got=type(error).__name__,
            expected="a YAML text file in UTF-8",
        ) from error


@lru_cache(maxsize=64)
def parse_instrument(text: str, name: str = "instrument") -> Instrument:
    """Build an :class:`Instrument` from YAML text; every defect is a SurveyError naming its place."""
    try:
        raw = yaml.load(text, Loader=getattr(yaml, "CSafeLoader", yaml.SafeLoader))
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        raise SurveyError(
            "instrument.yaml",
            "The questionnaire file is not valid YAML",
            where=f"{name}, line {mark.line + 1}" if mark else name,
            hint="Compare it with trust.yaml in the package.",
        ) from error
    if not isinstance(raw, dict) or not isinstance(raw.get("items"), dict) or not raw["items"]:
        raise _unsound(name, N_("The questionnaire has no items"), N_("a mapping 'items' of id to text and scale"))
    if not isinstance(raw.get("scales") or {}, dict):
        raise _unsound(
            name, N_("'scales' is not a mapping of name to anchors"), N_("scales like {agree5: {anchors: ...}}")
        )
    scales = _scales(raw.get("scales") or {}, name)
    items = tuple(_item(str(key), value, scales, name) for key, value in raw["items"].items())
    stated = raw.get("indices") or {}
    if not isinstance(stated, dict) or not stated:
        raise _unsound(name, N_("The questionnaire has no index"), N_("a mapping 'indices' of key to title and parts"))
    known = {item.id for item in items} | {str(key) for key in stated}
    indices = tuple(_index(str(key), value, known, name) for key, value in stated.items())
    clash = {item.id for item in items} & {index.key for index in indices}
    if clash:
        raise _unsound(name, N_(f"{some(sorted(clash))} is both an item and an index"), N_("names used once"))
    headline = str(raw.get("headline", indices[0].key))
    if headline not in {index.key for index in indices}:
        raise _unsound(name, N_(f"The headline '{headline}' is not an index"), some(i.key for i in indices))
    title = str(raw.get("title", raw.get("name", name)))
    instrument = Instrument(
        str(raw.get("name", Path(name).stem)), title, items, indices, headline, str(raw.get("version", "1"))
    )
    _refuse_unscorable(instrument, name)
    return instrument


def dump_instrument(instrument: Instrument) -> str:
    """An instrument as YAML that :func:`parse_instrument` reads back the same."""
    scales = {item.scale.name: _dump_scale(item.scale) for item in instrument.items}
    items = {}
    for item in instrument.items:
        entry: dict[str, Any] = {"text": item.text, "scale": item.scale.name}
        entry |= {name: True for name in ("reverse", "optional") if getattr(item, name)}
        items[item.id] = entry | ({"source": item.source} if item.source else {})
    indices = {
        index.key: {
            "title": index.title,
            "plain": index.plain,
            "dimension": index.dimension,
            "parts": list(index.parts),
            "at_least": index.at_least,
        }
        for index in instrument.indices
    }
    whole = {
        "name": instrument.name,
        "version": instrument.version,
        "title": instrument.title,
        "headline": instrument.headline,
        "scales": scales,
        "indices": indices,
        "items": items,
    }
    return yaml.safe_dump(whole, allow_unicode=True, sort_keys=False, width=100)


def _dump_scale(scale: Scale) -> dict[str, Any]:
    if scale.is_text:
        return {}
    also: dict[float, list[str]] = {}
    for code, label in scale.synonyms:
        also.setdefault(code, []).append(label)
    return {
        "low": scale.low,
        "high": scale.high,
        "anchors": dict(scale.anchors),
        "positive": list(scale.positive),
        "also": also,
    }


def _unsound(name: str, title: str, expected: str) -> SurveyError:
    return SurveyError("instrument.unsound", title, where=name, expected=expected)


def _scales(own: dict[str, Any], name: str) -> dict[str, Scale]:
    return {str(key): _scale(str(key), value or {}, name) for key, value in {**_library()["scales"], **own}.items()}


def _scale(key: str, value: dict[str, Any], name: str) -> Scale:
    if not value:
        return Scale(key, 0, 0)
    try:
        anchors = tuple((float(code), _word(label)) for code, label in (value.get("anchors") or {}).items())
        codes = [code for code, _ in anchors]
        low = float(value.get("low", min(codes, default=math.nan)))
        high = float(value.get("high", max(codes, default=math.nan)))
        positive = tuple(float(code) for code in value.get("positive", ()))
        also = tuple(
            (float(code), str(label)) for code, labels in (value.get("also") or {}).items() for label in labels
        )
    except (TypeError, ValueError, AttributeError) as error:
        raise _unsound(
            name, N_(f"The scale '{key}' has a code that is no number"), N_("anchors like {1: Never}")
        ) from error
    if not low < high:
        raise _unsound(name, N_(f"The scale '{key}' has no range"), N_("anchors, or 'low' below 'high'"))
    steps = sorted(codes) if len(codes) > 2 else [low + k for k in range(int(high - low) + 1)]
    top = tuple(steps[-2:] if len(steps) > 3 else steps[-1:])
    return Scale(key, low, high, anchors, positive or top, also)


def _word(label: Any) -> str:
    """A label; YAML takes an unquoted No or Yes for false or true."""
    return {True: "Yes", False: "No"}[label] if isinstance(label, bool) else str(label)


def _item(key: str, value: Any, scales: dict[str, Scale], name: str) -> Item:
    if not isinstance(value, dict) or not value.get("text"):
        raise _unsound(name, N_(f"The item '{key}' has no text"), N_("text and scale"))
    for flag in ("reverse", "optional"):
        if not isinstance(value.get(flag, False), bool):
            raise _unsound(name, N_(f"'{flag}' of the item '{key}' is neither true nor false"), N_("true or false"))
    scale = str(value.get("scale", ""))
    if scale not in scales:
        raise _unsound(name, N_(f"The item '{key}' has the unknown scale '{scale}'"), some(scales, 12))
    return Item(
        key,
        str(value["text"]),
        scales[scale],
        bool(value.get("reverse", False)),
        str(value.get("source", "")),
        bool(value.get("optional", False)),
    )


def _index(key: str, value: Any, known: set[str], name: str) -> Index:
    if not isinstance(value, dict) or not value.get("parts"):
        raise _unsound(name, N_(f"The index '{key}' has no parts"), N_("a list of items or of other indices"))
    if not isinstance(value["parts"], list):
        raise _unsound(name, N_(f"The parts of the index '{key}' are no list"), N_("a list such as [pj1, pj2]"))
    parts = tuple(str(part) for part in value["parts"])
    if len(set(parts)) < len(parts):
        raise _unsound(name, N_(f"The index '{key}' has a part twice"), N_("each part once"))
    strange = [part for part in parts if part not in known]
    if strange:
        raise _unsound(
            name, N_(f"The index '{key}' has the unknown part {some(strange)}"), N_("ids of items or indices")
        )
    at_least = value.get("at_least", math.ceil(len(parts) * 2 / 3))
    if not isinstance(at_least, int):
        raise _unsound(name, N_(f"The index '{key}' asks for '{at_least}' parts"), N_("a whole number"))
    if not 1 <= at_least <= len(parts):
        raise _unsound(name, N_(f"The index '{key}' asks for {at_least} of {len(parts)} parts"), N_("1 to all of them"))
    title = str(value.get("title", key))
    return Index(key, title, parts, at_least, bool(value.get("dimension", False)), str(value.get("plain", title)))


def _refuse_unscorable(instrument: Instrument, name: str) -> None:
    try:
        for index in instrument.indices:
            words = [item for item in instrument.items_of(index.key) if instrument.item(item).scale.is_text]
            if words:
                raise _unsound(
                    name, N_(f"The index '{index.key}' has the open question {some(words)}"), N_("rated questions")
                )
    except RecursionError as error:
        raise _unsound(
            name, N_("An index is a part of itself"), N_("indices made of items or of simpler indices")
        ) from error
