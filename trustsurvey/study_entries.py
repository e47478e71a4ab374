"""Entries of a study file: their kinds are checked, and parts that stand in the file itself are read."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from pathlib import Path
from typing import Any

import yaml

from trustsurvey.errors import SurveyError, some
from trustsurvey.instruments import parse_instrument
from trustsurvey.mapping_file import Dumper, Verbatim, mapping_from_yaml
from trustsurvey.model import Instrument, Mapping, Margins
from trustsurvey.weighting.population import margins_from_mapping

WEIGHTING_KEYS = {"start", "missing", "bounds", "rescale", "method", "collapse", "ordered", "trim", "bounds_on"}


def listed(entry: dict[str, Any], key: str, where: str) -> list[Any]:
    """The list of an entry, empty where it is absent; SurveyError ``study.list``."""
    found = entry.get(key) or []
    if not isinstance(found, list):
        raise SurveyError(
            "study.list", f"'{key}' is no list", where=where, got=str(found)[:60],
            expected="a dash before each entry",
        )  # fmt: skip
    return found


def flag(entry: dict[str, Any], key: str, where: str) -> bool:
    """Whether an entry is true; SurveyError ``study.flag``."""
    found = entry.get(key, False)
    if not isinstance(found, bool):
        raise SurveyError("study.flag", f"'{key}' is neither true nor false", where=where, got=str(found)[:60])
    return found


def known(entry: Any, keys: set[str], where: str) -> None:
    """Refuse an entry with other keys than these; SurveyError ``study.entry``, ``study.key``."""
    if not isinstance(entry, dict):
        raise SurveyError(
            "study.entry", "An entry has no names and values", where=where, got=str(entry)[:60],
            expected=some(sorted(keys), 12),
        )  # fmt: skip
    strange = [str(key) for key in entry if key not in keys]
    if strange:
        raise SurveyError(
            "study.key", f"The entry {some(strange)} is unknown", where=where, expected=some(sorted(keys), 12)
        )


def weighting(entry: dict[str, Any], where: str) -> dict[str, Any]:
    """The choices of ``weighing.weighted`` from an entry; SurveyError ``study.weighting``."""
    known(entry, WEIGHTING_KEYS, f"{where}, weighting")
    result = dict(entry)
    choices = {"start": ("base", "one"), "missing": ("keep", "refuse"), "method": ("rake", "linear"),
               "bounds_on": ("mean", "base")}  # fmt: skip
    for key, allowed in choices.items():
        if key in result and result[key] not in allowed:
            raise SurveyError(
                "study.weighting", f"'{key}: {result[key]}' is unknown", where=where, expected=some(allowed)
            )
    for key in ("bounds", "trim"):
        if result.get(key) is not None:
            result[key] = _pair(result[key], where)
    if result.get("collapse") is not None and not isinstance(result["collapse"], int):
        raise SurveyError("study.weighting", "'collapse' is no number of answers", where=where,
                          got=str(result["collapse"]), expected="a whole number")  # fmt: skip
    if "ordered" in result:
        result["ordered"] = tuple(str(name) for name in result["ordered"] or ())
    if "trim" in result:
        result["trim_to"] = result.pop("trim")
    return result


def _pair(value: Any, where: str) -> tuple[float, float]:
    try:
        low, high = (float(number) for number in value)
    except (TypeError, ValueError) as error:
        raise SurveyError(
            "study.weighting", "The bounds of the weights are no pair of numbers", where=where,
            got=str(value), expected="two multiples of the mean weight, such as [0.2, 5]",
        ) from error  # fmt: skip
    return low, high


def only(entry: Any, where: str) -> tuple[str, str] | None:
    """The column and the value of an entry such as {Year: 2011}."""
    if entry is None:
        return None
    if not isinstance(entry, dict) or len(entry) != 1:
        raise SurveyError("study.only", "'only' is no column with a value", where=where, got=str(entry)[:60],
                          expected="such as {Year: 2011}")  # fmt: skip
    ((column, value),) = entry.items()
    return str(column), str(value)


def day(value: Any, where: str) -> date | None:
    """A day, or None; SurveyError ``study.date``."""
    if value is None or isinstance(value, date):
        return value.date() if isinstance(value, datetime) else value
    try:
        return date.fromisoformat(str(value))
    except ValueError as error:
        raise SurveyError(
            "study.date", f"'{value}' is no date", where=where, expected="a day such as 2026-04-01"
        ) from error


def inline_instrument(entry: dict[str, Any], where: str) -> Instrument:
    """A questionnaire in the form of a questionnaire file; SurveyError ``instrument.*``."""
    return parse_instrument(yaml.safe_dump(entry, allow_unicode=True, sort_keys=False), f"{where}, instrument")


def inline_mapping(path: Path, place: Sequence[str | int]) -> Mapping:
    """The mapping at a place of a study file ("waves", 2, "mapping"); its words are those written, 007 no number."""
    tree = yaml.load(path.read_text(encoding="utf-8"), Loader=Verbatim)
    for step in place:
        tree = tree[step]
    text = yaml.dump(tree, Dumper=Dumper, allow_unicode=True, sort_keys=False)
    return mapping_from_yaml(text, f"{path.name}, {', '.join(map(str, place))}")


def inline_margins(entry: dict[str, Any], where: str) -> Margins:
    """Margins as ``{variable: {category: count}}``, "source" beside them; SurveyError ``margins.*``."""
    tables = {str(name): counts for name, counts in entry.items() if name != "source"}
    for name, counts in tables.items():
        numbers = isinstance(counts, dict) and all(
            isinstance(count, int | float) and not isinstance(count, bool) for count in counts.values()
        )
        if not numbers:
            raise SurveyError("study.margins", f"The margin '{name}' is no table of numbers", where=where,
                              expected="a number for each category")  # fmt: skip
    return margins_from_mapping(tables, str(entry.get("source") or where))


def former_areas(entry: Any, where: str) -> tuple[tuple[str, str, float | None], ...]:
    """What former areas became, as a list of [former, area, share of its people or nothing]."""
    try:
        return tuple((str(old), str(new), None if share is None else float(share)) for old, new, share in entry or ())
    except (TypeError, ValueError) as error:
        raise SurveyError("study.former", "'former' does not say what areas became", where=f"{where}, areas",
                          got=str(entry)[:60], expected="entries such as [Old Mill, Mill, 1]") from error  # fmt: skip
