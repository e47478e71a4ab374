"""A mapping as a readable YAML file, and back."""

from __future__ import annotations

import hashlib
import re
from dataclasses import replace
from functools import lru_cache
from typing import Any, get_args

import yaml

from trustsurvey.errors import SurveyError, some
from trustsurvey.model import ColumnMap, Mapping, Role

TARGETED = ("item", "area", "group", "number", "text")
LISTS = ("dont_know", "refused", "not_applicable", "leave_out", "options", "confirmed")
PAIRS = ("values", "labels")
FLAGS = ("flip", "born")
SPAN = re.compile(r"(-?\d+(?:\.\d+)?) to (-?\d+(?:\.\d+)?)")


def mapping_to_yaml(mapping: Mapping) -> str:
    """The mapping as YAML; columns that are ignored are left out."""
    columns: dict[str, Any] = {}
    for column in mapping.columns:
        if column.role == "ignore":
            continue
        entry: dict[str, Any] = {}
        if column.role in TARGETED:
            entry[column.role] = column.target
        entry |= {name: dict(getattr(column, name)) for name in PAIRS if getattr(column, name)}
        entry |= {name: list(getattr(column, name)) for name in LISTS if getattr(column, name)}
        if column.scale:
            span = " to ".join(column.scale)
            entry["scale"] = span if SPAN.fullmatch(span) else list(column.scale)
        entry |= {name: True for name in FLAGS if getattr(column, name)}
        if not entry:
            columns[column.column] = column.role
        elif column.role not in TARGETED:
            columns[column.column] = {"role": column.role, **entry}
        else:
            columns[column.column] = entry
    whole: dict[str, Any] = {"platform": mapping.platform, "partial_below": mapping.partial_below}
    if mapping.day_first is not None:
        whole["day_first"] = mapping.day_first
    for name in ("keep_tests", "keep_duplicates"):
        if getattr(mapping, name):
            whole[name] = True
    if mapping.mode:
        whole["mode"] = mapping.mode
    whole["columns"] = columns
    return yaml.dump(whole, Dumper=Dumper, allow_unicode=True, sort_keys=False, width=100)


def mapping_digest(mapping: Mapping) -> str:
    """What tells a mapping from others, whatever the order of its columns."""
    ordered = replace(mapping, columns=tuple(sorted(mapping.columns, key=lambda column: column.column)))
    return hashlib.sha256(mapping_to_yaml(ordered).encode("utf-8")).hexdigest()


class Dumper(yaml.SafeDumper):
    """A dumper that escapes the line ends of other alphabets, which a loader takes for blanks."""

    def represent_str(self, data: str) -> yaml.ScalarNode:
        style = '"' if any(mark in data for mark in "\x85\u2028\u2029") else None
        return self.represent_scalar("tag:yaml.org,2002:str", data, style=style)


Dumper.add_representer(str, Dumper.represent_str)


@lru_cache(maxsize=256)
def mapping_from_yaml(text: str, name: str = "mapping") -> Mapping:
    """Read a mapping file; SurveyError ``map.*`` names the entry that is wrong."""
    try:
        if any(isinstance(event, yaml.AliasEvent) for event in yaml.parse(text, Loader=Verbatim)):
            raise SurveyError("map.alias", "The mapping file repeats itself by reference", where=name,
                              expected="every entry written out, without & and *")  # fmt: skip
        whole = yaml.load(text, Loader=Verbatim)
    except (yaml.YAMLError, RecursionError) as error:
        mark = getattr(error, "problem_mark", None)
        where = f"{name}, line {mark.line + 1}" if mark else name
        raise SurveyError("map.yaml", "The mapping file is not valid YAML", where=where) from error
    if not isinstance(whole, dict) or not isinstance(whole.get("columns"), dict):
        raise SurveyError(
            "map.columns", "The mapping file names no columns", where=name, expected="a mapping 'columns'"
        )
    known = {"platform", "partial_below", "day_first", "keep_tests", "keep_duplicates", "mode", "columns"}
    strange = [str(key) for key in whole if key not in known]
    if strange:
        raise SurveyError(
            "map.key", f"The mapping file has the unknown entry {some(strange)}", where=name,
            expected=some(sorted(known), 8),
        )  # fmt: skip
    columns = tuple(_column(str(key), value, name) for key, value in whole["columns"].items())
    return Mapping(
        columns,
        platform=str(whole.get("platform", "plain")),
        partial_below=_share(whole.get("partial_below", "0.5"), name),
        day_first=_flag(whole["day_first"]) if "day_first" in whole else None,
        keep_tests=_flag(whole.get("keep_tests", "false")),
        keep_duplicates=_flag(whole.get("keep_duplicates", "false")),
        mode=str(whole.get("mode") or ""),
    )


class Verbatim(getattr(yaml, "CSafeLoader", yaml.SafeLoader)):  # type: ignore[misc]
    """A loader that leaves 007, No and 1.50 the text they are, as cells of a file are text."""


Verbatim.yaml_implicit_resolvers = {}
Verbatim.yaml_constructors = {
    tag: making for tag, making in Verbatim.yaml_constructors.items()
    if tag is None or tag.rpartition(":")[2] in ("str", "seq", "map")
}  # fmt: skip


def _flag(value: Any) -> bool:
    return str(value).strip().casefold() in ("true", "yes", "1")


def _share(value: Any, name: str) -> float:
    try:
        share = float(value)
    except (TypeError, ValueError):
        share = -1.0
    if not 0 <= share <= 1:
        raise SurveyError("map.share", "'partial_below' is not a share", where=name, got=str(value), expected="0 to 1")
    return share


def _column(column: str, value: Any, name: str) -> ColumnMap:
    where = f"{name}, column '{column}'"
    if isinstance(value, str):
        value = {"role": value}
    if not isinstance(value, dict):
        raise SurveyError("map.entry", "The entry is neither a role nor a mapping", where=where)
    entry = {str(key): content for key, content in value.items()}
    targets = [key for key in TARGETED if key in entry]
    if len(targets) > 1 or (not targets and "role" not in entry):
        raise SurveyError(
            "map.entry", "The entry does not say what the column is", where=where,
            expected="one of item, area, group, text, or a role such as id, weight, mode, private",
        )  # fmt: skip
    role = targets[0] if targets else str(entry["role"])
    if role not in get_args(Role):
        raise SurveyError("map.role", f"There is no role '{role}'", where=where, expected=some(get_args(Role), 20))
    target = str(entry.get(targets[0], "")) if targets else str(entry.get("target", ""))
    if role in TARGETED and not target:
        raise SurveyError("map.entry", f"The entry names no {role}", where=where)
    known = {*TARGETED, *LISTS, *PAIRS, *FLAGS, "role", "target", "scale"}
    strange = [key for key in entry if key not in known]
    if strange:
        raise SurveyError(
            "map.key",
            f"The entry has the unknown key {some(strange)}",
            where=where,
            expected=some(sorted(known), 16),
        )
    pairs: dict[str, Any] = {key: _pairs(entry.get(key) or {}, key, where) for key in PAIRS}
    lists: dict[str, Any] = {key: _listed(entry.get(key)) for key in LISTS}
    flags: dict[str, Any] = {key: _flag(entry.get(key, "false")) for key in FLAGS}
    return ColumnMap(
        column,
        role,  # type: ignore[arg-type]
        target,
        scale=_scale(entry.get("scale"), where),
        **flags,
        **pairs,
        **lists,
    )


def _scale(value: Any, where: str) -> tuple[str, ...]:
    span = SPAN.fullmatch(value.strip()) if isinstance(value, str) else None
    listed = span.groups() if span else _listed(value)
    filled = [entry for entry in listed if entry]
    if listed and (len(listed) < 2 or len(set(filled)) < max(2, len(filled))):
        raise SurveyError(
            "map.scale", "The scale of the answers is not clear", where=where, got=some(listed),
            expected="its ends, such as '1 to 7', or all its answers from low to high, each once",
        )  # fmt: skip
    return listed


def _pairs(value: Any, key: str, where: str) -> tuple[tuple[str, str], ...]:
    if not isinstance(value, dict):
        raise SurveyError("map.entry", f"'{key}' is not a mapping of value to meaning", where=where)
    return tuple((str(k), str(v)) for k, v in value.items())


def _listed(value: Any) -> tuple[str, ...]:
    if value is None:
        return ()
    return tuple(str(entry) for entry in value) if isinstance(value, list) else (str(value),)
