"""The secret behind the pseudonyms: made once, kept beside the database, missed when it is another."""

from __future__ import annotations

import os
import stat
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest
import sqlalchemy as sa
from builders import refusal
from conftest import ROOT
from stores import STUDY, small_wave

from trustsurvey.harmonise import keyed_pseudonyms
from trustsurvey.store import Store, keys, schema


def test_the_key_is_made_on_first_use_and_stays(own_home: Path) -> None:
    first = keys.master_key()
    assert len(first) == 64
    assert keys.master_key() == first
    assert (own_home / "secret.key").read_bytes() == first
    assert [path.name for path in own_home.iterdir()] == ["secret.key"]


@pytest.mark.skipif(os.name != "posix", reason="rights of files are those of POSIX")
def test_nobody_else_on_the_machine_can_read_it(own_home: Path) -> None:
    keys.master_key()
    assert stat.S_IMODE((own_home / "secret.key").stat().st_mode) == 0o600
    assert stat.S_IMODE(own_home.stat().st_mode) == 0o700


def test_two_installations_have_two_keys(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    found = set()
    for name in ("a", "b"):
        monkeypatch.setenv("TRUSTSURVEY_HOME", str(tmp_path / name))
        found.add(keys.master_key())
    assert len(found) == 2


def test_a_key_in_the_environment_goes_before_the_file(own_home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TRUSTSURVEY_SECRET", "a long secret of the department")
    assert keys.master_key() == b"a long secret of the department"
    assert not (own_home / "secret.key").exists()


def test_processes_that_start_together_agree_on_one_key(own_home: Path) -> None:
    code = "from trustsurvey.store.keys import master_key; print(master_key().decode())"
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    started = [
        subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE, env=environment, text=True)
        for _ in range(4)
    ]
    found = {process.communicate()[0].strip() for process in started}
    assert len(found) == 1
    assert len(found.pop()) == 64
    assert [path.name for path in own_home.iterdir()] == ["secret.key"]


def test_an_empty_key_is_no_key(own_home: Path) -> None:
    """HMAC takes an empty key without a word, and anybody could then undo the pseudonyms."""
    own_home.mkdir()
    (own_home / "secret.key").write_bytes(b" \n")
    with refusal("store.key-file", "is empty"):
        keys.master_key()


def test_a_key_that_cannot_be_made_is_a_sentence(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object) -> None:
        raise PermissionError(1, "Operation not permitted")

    monkeypatch.setattr("trustsurvey.store.keys.os.link", refuse)
    with refusal("store.key-file", "Operation not permitted"):
        keys.master_key()


# --- pseudonyms -----------------------------------------------------------------------------------------


def test_studies_have_keys_of_their_own() -> None:
    assert keys.study_key("a") != keys.study_key("b")
    assert keys.study_key("a") == keys.study_key("a")
    one, other = keyed_pseudonyms(keys.study_key("a")), keyed_pseudonyms(keys.study_key("b"))
    assert one(["R_1", "R_2"]) == one(["R_1", "R_2"])
    assert not set(one(["R_1", "R_2"])) & set(other(["R_1", "R_2"]))


def test_another_key_is_noticed_before_a_pseudonym_is_made(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    store.create_study(STUDY)
    assert store.pseudonym_key("town") == keys.study_key("town")
    monkeypatch.setenv("TRUSTSURVEY_SECRET", "the key of somebody else")
    with refusal("store.key", "not the one this study was begun with", "secret.key"):
        store.pseudonym_key("town")
    # What needs no pseudonym goes on: results can be read without the key.
    assert store.waves("town") == []


def test_a_lost_key_is_noticed_too(store: Store, own_home: Path) -> None:
    store.create_study(STUDY)
    (own_home / "secret.key").unlink()
    with refusal("store.key"):
        store.pseudonym_key("town")


def test_a_study_begun_under_each_key_keeps_its_own(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    store.create_study(STUDY)
    monkeypatch.setenv("TRUSTSURVEY_SECRET", "the key of somebody else")
    store.create_study(replace(STUDY, slug="other"))
    store.pseudonym_key("other")
    monkeypatch.delenv("TRUSTSURVEY_SECRET")
    store.pseudonym_key("town")
    with refusal("store.key"):
        store.pseudonym_key("other")


def test_no_key_lies_in_the_database(store: Store) -> None:
    store.create_study(STUDY)
    from stores import MAPPING

    store.save_wave("town", small_wave(), MAPPING, "f.csv", "d1")
    secrets = [keys.master_key(), keys.study_key("town"), keys.study_key("town").hex().encode()]
    with store.reader.begin() as connection:
        for table in schema.metadata.sorted_tables:
            for row in connection.execute(sa.select(table)):
                for cell in row:
                    told = cell if isinstance(cell, bytes) else str(cell).encode()
                    assert not any(secret in told for secret in secrets)
