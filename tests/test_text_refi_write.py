"""Projects into .qdpx: valid, the same bytes again, and the same project back."""

from __future__ import annotations

import os
import re
from dataclasses import replace
from pathlib import Path

import pytest
import xmlschema
from conftest import SHARED
from hypothesis import given, settings
from refi import BOOK, FULL, projects, unzipped

from trustsurvey.model import Code, Codebook
from trustsurvey.text.refi_qda.project import Applied, Case, Project, Source
from trustsurvey.text.refi_qda.read import project_from_qdpx
from trustsurvey.text.refi_qda.write import project_to_qdpx


@pytest.fixture(scope="module")
def schema() -> xmlschema.XMLSchema:
    """The schema of REFI-QDA 1.0; the test skips where it is absent."""
    path = Path(os.environ.get("TRUSTSURVEY_REFI_SCHEMA", SHARED / "refi" / "Project.xsd"))
    if not path.is_file():
        pytest.skip(f"the schema is not at {path}; set TRUSTSURVEY_REFI_SCHEMA to it")
    return xmlschema.XMLSchema(path)


def qde(project: Project) -> bytes:
    return unzipped(project_to_qdpx(project))["project.qde"]


@pytest.mark.parametrize(
    "project",
    [FULL, Project("bare", BOOK), Project("no cases", BOOK, (Source("a", "text"),)), replace(FULL, created=None)],
    ids=lambda project: project.name,
)
def test_what_is_written_is_valid_and_is_read_back_the_same(project: Project, schema: xmlschema.XMLSchema) -> None:
    schema.validate(qde(project).decode())
    read, notices = project_from_qdpx(project_to_qdpx(project))
    assert read == project
    assert notices == []


def test_any_project_is_valid_and_is_read_back_the_same(schema: xmlschema.XMLSchema) -> None:
    @settings(max_examples=60, deadline=None)
    @given(projects())
    def check(project: Project) -> None:
        data = project_to_qdpx(project)
        schema.validate(unzipped(data)["project.qde"].decode())
        assert project_from_qdpx(data) == (project, [])

    check()


def test_writing_twice_gives_the_same_bytes() -> None:
    assert project_to_qdpx(FULL) == project_to_qdpx(FULL)


def test_a_code_has_the_same_number_in_every_project_and_a_source_its_own() -> None:
    one, other = (qde(replace(FULL, name=name)).decode() for name in ("one", "other"))
    code = re.compile(r'<Code guid="([^"]+)" name="On foot"')
    source = re.compile(r'<TextSource guid="([^"]+)" name="empty"')
    assert code.findall(one) == code.findall(other) != []
    assert source.findall(one) != source.findall(other)


def test_the_file_is_as_other_programs_want_it() -> None:
    members = unzipped(project_to_qdpx(FULL))
    names = list(members)
    assert names[0] == "project.qde"
    assert all(re.fullmatch(r"sources/[0-9a-f-]{36}\.txt", name) for name in names[1:])
    assert members["project.qde"].startswith(b'<?xml version="1.0" encoding="utf-8"?>\n<Project xmlns="urn:QDA-XML:')
    assert not any(b"\r" in data or data.startswith(b"\xef\xbb\xbf") for data in members.values())
    text = members["project.qde"].decode()
    assert "richTextPath" not in text
    assert set(re.findall(r'plainTextPath="([^"]+)"', text)) == {f"internal://{name[8:]}" for name in names[1:]}
    assert "<Sources" not in qde(Project("bare", BOOK)).decode()
    order = re.findall(r"\n <(\w+)[ >]", text)
    assert order == ["Users", "CodeBook", "Variables", "Cases", "Sources", "Notes", "Sets", "Description", "NoteRef"]


def test_positions_are_code_points_of_the_text_that_is_written() -> None:
    members = unzipped(project_to_qdpx(FULL))
    found = re.search(r'startPosition="(\d+)" endPosition="(\d+)"', members["project.qde"].decode())
    assert found is not None
    written = next(data.decode() for name, data in members.items() if name != "project.qde" and data)
    assert written[int(found[1]) : int(found[2])] == "Sch\u00f6n \U0001f600 hier."


def test_windows_line_ends_become_lf_and_positions_follow() -> None:
    text = "one\r\ntwo\r\nthree \x00four"
    part = Applied("foot", "c", text.index("three"), len(text))
    read, _ = project_from_qdpx(project_to_qdpx(Project("p", BOOK, (Source("a", text, (part,)),))))
    source = read.sources[0]
    assert source.text == "one\ntwo\nthree \ufffdfour"
    assert source.text[source.applied[0].start : source.applied[0].end] == "three \ufffdfour"


def test_a_variable_of_several_kinds_is_text_and_no_number_is_no_decimal(schema: xmlschema.XMLSchema) -> None:
    cases = (Case("a", variables=(("x", 1), ("y", float("inf")), ("z", 1e-30))),
             Case("b", variables=(("x", "one"), ("z", 1e22))))  # fmt: skip
    project = Project("p", BOOK, cases=cases)
    schema.validate(qde(project).decode())
    read, _ = project_from_qdpx(project_to_qdpx(project))
    assert read.cases[0].variables == (("x", "1"), ("y", "inf"), ("z", 1e-30))
    assert read.cases[1].variables == (("x", "one"), ("z", 1e22))


def test_thousands_of_answers_take_seconds() -> None:
    book = Codebook("b", (Code("a", "A"),))
    sources = tuple(
        Source(f"answer {k}", "They never come when somebody calls.", (Applied("a", "c"),)) for k in range(3000)
    )
    project = Project("p", book, sources)
    assert project_from_qdpx(project_to_qdpx(project))[0] == project
