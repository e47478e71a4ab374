"""Parts of a study that stand in its file: questionnaire, mapping, margins, areas and what they were."""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml
from builders import refusal
from stores import INSTRUMENT
from test_study_file import study_of

from trustsurvey.instruments import dump_instrument
from trustsurvey.model import Action, Mapping, Margins
from trustsurvey.study_entries import former_areas, inline_margins

MAPPING = """
  partial_below: 0
  columns:
    q1: {item: fair, dont_know: [007, No], values: {1.50: 1, Yes: 2}}
    who: private
"""


def test_all_parts_may_stand_in_the_file(tmp_path: Path) -> None:
    questions = yaml.safe_dump({"instrument": yaml.safe_load(dump_instrument(INSTRUMENT))})
    plan = study_of(
        tmp_path,
        questions + "name: Town\n"
        "areas:\n  - {key: district, names: [East, West]}\n"
        "  - {key: ward, parent: district, names: {Docks: East, Park: West}, former: [[Quay, Docks, 0.4]]}\n"
        "margins: {source: census, district: {East: 400, West: 600.5}}\n"
        f"mapping: {MAPPING}"
        "weighting: {bounds: [0.2, 5], bounds_on: base}\n"
        "waves:\n  - {name: a, file: a.csv}\n  - name: b\n    file: b.csv\n    margins: {sex: {f: 1, m: 1}}\n"
        "    mapping: {columns: {q9: {item: safe}}}\n",
    )
    assert plan.study.instrument == INSTRUMENT
    assert plan.study.level("ward").areas == (("Docks", "East"), ("Park", "West"))
    assert plan.study.level("ward").former == (("Quay", "Docks", 0.4),)
    one, two = plan.waves
    assert isinstance(one.mapping, Mapping)
    assert isinstance(one.margins, Margins)
    assert isinstance(two.margins, Margins)
    assert (one.margins.source, two.margins.variables) == ("census", ("sex",))
    assert one.margins.margins[0].targets.to_dict() == {"East": 400.0, "West": 600.5}
    assert one.weighting == {"bounds": (0.2, 5.0), "bounds_on": "base"}
    column = one.mapping.columns[0]
    assert column.dont_know == ("007", "No")  # as they are written, neither 7 nor False
    assert column.values == (("1.50", "1"), ("Yes", "2"))
    assert isinstance(two.mapping, Mapping)
    assert two.mapping.columns[0].target == "safe"


@pytest.mark.parametrize("entry", [{"sex": 5}, {"sex": {"f": "many"}}, {"sex": {"f": True}}])
def test_a_margin_is_a_table_of_numbers(entry: dict[str, object]) -> None:
    with refusal("study.margins", "sex"):
        inline_margins(entry, "study.yaml")


def test_former_areas_are_said_in_threes() -> None:
    assert former_areas([["a", "b", None], ["c", 7, 1]], "s") == (("a", "b", None), ("c", "7", 1.0))
    assert former_areas(None, "s") == ()
    for wrong in ([["a", "b"]], 5, [["a", "b", "all"]]):
        with refusal("study.former"):
            former_areas(wrong, "study.yaml")


def test_actions_stand_in_the_file_or_in_one_of_their_own(tmp_path: Path) -> None:
    (tmp_path / "done.csv").write_text("promised,unit\nLamps,Team\n", encoding="utf-8")
    apart = study_of(tmp_path, "name: Town\nactions: done.csv\n")
    within = study_of(tmp_path, "name: Town\nactions:\n  - {promised: Lamps, unit: Team}\n")
    assert apart.actions == within.actions == (Action("Lamps", "Team"),)
    assert study_of(tmp_path, "name: Town\n").actions == ()
    with refusal("action.entry", "action 1", "'who'"):
        study_of(tmp_path, "name: Town\nactions:\n  - {promised: Lamps, who: Pat}\n")
    with refusal("action.list"):
        study_of(tmp_path, "name: Town\nactions: {promised: Lamps}\n")
