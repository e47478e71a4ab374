"""The README's promises that can be run: the notebook example, the commands, the pictures."""

from __future__ import annotations

import re

import pytest
from click import Group
from conftest import ROOT

from trustsurvey.cli import cli

README = (ROOT / "README.md").read_text(encoding="utf-8")


def test_the_notebook_example_runs(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    (example,) = re.findall(r"```python\n(.*?)```", README, re.DOTALL)
    assert len([line for line in example.splitlines() if line.strip()]) <= 10
    monkeypatch.chdir(ROOT)
    space: dict[str, object] = {}
    exec(compile(example, "README.md", "exec"), space)
    printed = capsys.readouterr().out
    assert "n_eff" in printed
    table = space["results"].table  # type: ignore[attr-defined]
    everyone = table[(table["measure"] == "trust") & (table["by"] == "")].iloc[0]
    assert everyone["lci"] < 54.72 < everyone["uci"]  # sample_data/truth.csv, 2026 Q2


def test_every_command_is_named() -> None:
    assert isinstance(cli, Group)
    named = re.search(r"`trustsurvey --help` shows the verbs.*?\)[,.]", README, re.DOTALL)
    assert named is not None
    inner = [verb for command in cli.commands.values() if isinstance(command, Group) for verb in command.commands]
    assert [name for name in [*cli.commands, *inner] if f"`{name}`" not in named.group()] == []


@pytest.mark.parametrize("target", re.findall(r"\]\(([^)#]+)\)", README))
def test_every_link_and_picture_exists(target: str) -> None:
    assert (ROOT / target).exists()


def test_every_requirement_is_explained() -> None:
    pinned = re.findall(r"^([A-Za-z0-9-]+)", (ROOT / "requirements.txt").read_text(encoding="utf-8"), re.MULTILINE)
    assert [name for name in pinned if name.casefold() not in README.casefold()] == []
