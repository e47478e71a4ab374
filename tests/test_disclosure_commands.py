"""Every command that tells something of a study with planted small cells tells none of them.

As for the pages (see ``test_disclosure_everywhere``): two worlds that differ in small numbers alone, and somebody who
may do anything but see single answers, are told the same.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from pathlib import Path

import click
import pytest
from conftest import Told
from planted import ONE, OTHER, SECRET, SLUG, World, made
from walk import STAMPS, read_file, with_rights

from trustsurvey.cli import cli
from trustsurvey.rights import Action

BY = ("--by", "district", "--by", "ward", "--by", "sex", "--by", "age")
STATS = ("mean", "positive", "answers", "dont-know", "median", "number", "total", "ratio")
ALL = ("trust", "respect", "safety", "fair", "rude", "safe", "rare")
#: What is asked of each command that tells something; {out} is a file.
ASKED: dict[str, list[tuple[str, ...]]] = {
    "list": [()],
    "estimate": [
        *((*BY, "--stat", stat, *(m for of in _of for m in ("--measure", of)), *more, *csv)
          for stat, _of, more in (
              *((s, ALL if s in ("mean", "median") else ALL[3:], ()) for s in STATS[:5]),
              ("number", ("people", *ALL[3:]), ()), ("total", ("people", "household"), ()),
              ("ratio", ("household",), ("--over", "people")),
          ) for csv in ((), ("--csv",))),
        (*BY, "--variance", "bootstrap", "--count", "40", "--csv"), (*BY, "--year", "--csv"),
        (*BY, "--changes", "--csv"),
        ("--by", "ward x sex"), ("--by", "age x sex", "--measure", "trust"), ("--wave", "2025", *BY, "--changes"),
    ],
    "export": [("{out}.xlsx",), ("{out}.zip",), ("{out}.yaml",), ("{out}.zip", "--wave", "2024"),
               ("{out}.zip", "--replicates", "bootstrap")],
    "areas": [("--measure", m, "--by", by, *csv) for m in ("trust", "fair", "rare")
              for by in ("ward", "sex", "district") for csv in ((), ("--csv",))],
    "drivers": [("--measure", "respect", "--with", "safety", "--with", "sex", "--with", "ward"),
                ("--measure", "fair", "--with", "rare")],
    "gaps": [("--measure", m, "--by", by, "--adjust", "age") for m in ("trust", "rare") for by in ("ward", "sex")],
    "invariance": [("--measure", "trust", "--by", by) for by in ("ward", "sex", "age")] + [("--measure", "respect")],
    "mentions": [(*BY, *csv) for csv in ((), ("--csv",))] + [("--how", "hand", *BY, "--csv"), ("--how", "naive", *BY),
                 ("--changes",)],
    "missing": [(), ("--csv",)],
    "plan": [("--measure", m, "--by", by, "--csv") for m in ("trust", "rare") for by in ("ward", "sex")],
    "regress": [("--measure", "trust", "--with", "sex", "--with", "ward"), ("--measure", "fair", "--with", "rare"),
                ("--measure", "fair", "--family", "logistic", "--with", "sex"),
                ("--measure", "rare", "--family", "logistic", "--with", "sex"),
                ("--measure", "rare", "--with", "household"),
                ("--measure", "trust", "--with", "sex", "--reference", "sex=other")],
    "report": [(w, *csv) for w in ("2024", "2026") for csv in ((), ("--csv",))],
    "scales": [(), ("--csv",)],
    "test": [("--by", by, *what) for by in ("ward", "sex") for what in (
        ("--answers", "fair"), ("--answers", "rare"), ("--measure", "trust", "--pairs"), ("--measure", "rare"))]
    + [("--by", "ward", "--by", "sex"), ("--measure", "rare", "--null", "50")],
    "trend": [("--measure", "trust", "--measure", "rare", *BY, "--csv")],
    "agreement": [(), ("--machine",)],
    "codebook": [()],
    "codings": [(), ("--save", "{out}.csv"), ("--save", "{out}.qdpx")],
    "microdata": [("{out}.zip", "--reason", "to see whether it is refused")],
    "groups list": [()],
    "groups themes": [(), ("--by", "group"), ("--by", "participant")],
    "groups talk": [(), ("--people",)],
    "groups saturation": [()],
    "groups quotes": [("speed",)],
    "groups export": [("{out}.xlsx",), ("{out}.qdpx",)],
    "actions list": [(), ("--csv",)],
    "actions assess": [(), ("--csv",)],
    "actions save": [("{out}.csv",)],
    "actions history": [("1",)],
}  # fmt: skip
#: Those that change a study, or read a file which whoever calls them holds anyway, or start the app; those that tell
#: who may do and who did what.
NOT_ASKED = {
    "accounts add", "accounts change", "accounts list", "accounts password", "accounts remove", "audit",
    "actions add", "actions change", "actions remove", "app", "create", "groups add", "groups read", "groups remove",
    "groups show", "groups withdraw", "import", "inspect", "redraw", "remap", "remove", "reproduce", "run", "sample",
    "tasks", "undo", "weigh",
}  # fmt: skip
#: Refused to those who may not see single answers.
REFUSED = {"microdata", "groups export", "groups quotes", "codings --save", "groups themes --by participant"}


def commands(of: click.Command = cli, before: str = "") -> Iterator[str]:
    if not isinstance(of, click.Group):
        yield before.strip()
        return
    for name, command in of.commands.items():
        yield from commands(command, f"{before} {name}")


def test_every_command_is_asked_or_changes_something() -> None:
    assert set(ASKED) | NOT_ASKED == set(commands())
    assert not set(ASKED) & NOT_ASKED


def test_commands_tell_the_same_in_two_worlds_that_differ_in_small_numbers_alone(
    tmp_path: Path, run: Callable[..., Told], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TRUSTSURVEY_SECRET", SECRET)
    said: dict[World, dict[str, list[str]]] = {}
    with_rights(monkeypatch, lambda action: action not in SINGLE)
    for world in (ONE, OTHER):
        made(tmp_path / world.name, world)
        monkeypatch.setenv("TRUSTSURVEY_HOME", str(tmp_path / world.name))
        said[world] = dict(_told(run, tmp_path / f"out-{world.name}"))
    assert [(line, here, said[OTHER][line]) for line, here in said[ONE].items() if here != said[OTHER][line]] == []
    for name in REFUSED:
        lines = [line for line in said[ONE] if line.startswith(name)]
        assert lines
        assert all("single" in " ".join(said[ONE][line]) for line in lines), name
    assert sum("trustsurvey:" not in " ".join(here) for here in said[ONE].values()) > 60


#: The beginning of a file's digest.
DIGEST = re.compile(r"\bfile [0-9a-f]{12}\b")
#: Rights to single answers.
SINGLE: set[Action] = {"download microdata", "see unredacted"}


def _told(run: Callable[..., Told], out: Path) -> Iterator[tuple[str, list[str]]]:
    """Each line that is typed, with what is printed and written."""
    for name, choices in ASKED.items():
        for number, more in enumerate(choices):
            file = out.parent / f"{out.name} {name} {number}"
            words = [one.format(out=file) for one in more]
            study = [] if name == "list" else [SLUG]
            told = run(*name.split(), *study, *words)
            assert "Traceback" not in told.err
            written = [
                line for path in sorted(out.parent.glob(f"{file.name}*")) for line in read_file(path.read_bytes())
            ]
            lines = [str(told.code), *told.out.splitlines(), *told.err.splitlines(), *written]
            plain = [DIGEST.sub("", STAMPS.sub("", line.replace(str(file), ""))) for line in lines]
            yield f"{name} {' '.join(more)}".strip(), plain
