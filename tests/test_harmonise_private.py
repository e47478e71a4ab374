"""Columns that may tell who answered, in several languages, by their headings or by what fills them."""

from __future__ import annotations

from pathlib import Path

import pytest
from files import TRUST, csv_text, read_here

from trustsurvey.harmonise import propose
from trustsurvey.harmonise.private import looks_private, why_private
from trustsurvey.model import AreaLevel
from trustsurvey.readers.raw import Column


def why(heading: str, *cells: str, name: str = "") -> str:
    return why_private(Column(name or heading, heading, "A"), cells or ("a", "b", "c"))


@pytest.mark.parametrize(
    "heading",
    [
        "Email Address",
        "Correo electrónico",
        "Adresse e-mail",
        "E-Mail-Adresse",
        "Posta elettronica",
        "Teléfono",
        "Numéro de téléphone",
        "Telefonnummer",
        "Telefoonnummer",
        "Número de celular",
        "Apellidos",
        "Prénom",
        "Vorname",
        "Nachname",
        "Achternaam",
        "Cognome",
        "Sobrenome",
        "Nombre",
        "Nom",
        "Naam",
        "Nome",
        "Dirección",
        "Votre adresse",
        "Anschrift",
        "Endereço",
        "Indirizzo",
        "Fecha de nacimiento",
        "Date de naissance",
        "Geburtsdatum",
        "Geboortedatum",
        "Data de nascimento",
        "Data di nascita",
        "Latitud",
        "Breitengrad",
        "GPS coordinates",
        "PROLIFIC_PID",
        "Worker ID",
        "MTurk id",
        "Panel ID",
        "SSN",
        "Codice fiscale",
        "License plate",
        "User name",
        "RecipientEmail",
        "LocationLatitude",
        "What is your e-mail?",
    ],
)
def test_headings_that_ask_who_somebody_is(heading: str) -> None:
    assert why(heading) == "it asks who somebody is"


@pytest.mark.parametrize(
    "heading",
    [
        "Ward name",
        "Nombre del barrio",
        "Nom du quartier",
        "Language",
        "Area",
        "Gender",
        "Satisfaction",
        "Mobility",
        "Names the officer used",
    ],
)
def test_headings_that_ask_something_else(heading: str) -> None:
    assert why(heading) == ""


def test_a_question_about_phones_is_no_telephone() -> None:
    question = "When people phone the police, how well do they respond?"
    assert why(question, "Very well", "Fairly well", "Very badly") == ""
    assert why(question, "1", "2", "3", "4") == ""
    assert why("Phone number", "1", "2", "3", "4") != ""


@pytest.mark.parametrize(
    ("what", "cells"),
    [
        ("e-mail addresses", [f"p{k}@example.org" for k in range(9)]),
        ("internet addresses", [f"198.51.100.{k}" for k in range(9)]),
        ("internet addresses", [f"2001:db8::{k}:1" for k in range(9)]),
        ("telephone numbers", [f"(555) 010-01{k:02d}" for k in range(9)]),
        ("numbers of a panel", [f"5f{k}a" + "0123456789abcdef0123" for k in range(9)]),
        ("coordinates", [f"-71.{1000 + k}" for k in range(9)]),
        ("coordinates", [f"42.3{k}961, -71.09{k}12" for k in range(9)]),
        ("postcodes of a few houses", [f"SW1A {k}AA" for k in range(9)]),
        ("postcodes of a few houses", [f"0214{k}-1234" for k in range(9)]),
        ("postcodes of a few houses", [f"101{k} AB" for k in range(9)]),
        ("street addresses", [f"{k + 10} Myrtle Street" for k in range(9)]),
        ("street addresses", [f"Hauptstraße {k + 1}, Bonn" for k in range(9)]),
        ("days of birth", [f"{1950 + 5 * k}-03-1{k}" for k in range(9)]),
    ],
)
def test_cells_that_tell_who_somebody_is(what: str, cells: list[str]) -> None:
    assert why("Question 7", *cells) == f"it holds {what}"


@pytest.mark.parametrize(
    "cells",
    [
        [f"2026-05-{k:02d}" for k in range(1, 10)],
        [f"{0.8 + k / 23:.8f}" for k in range(9)],
        [str(10_000 + k) for k in range(9)],
        [str(1950 + k) for k in range(30)],
        ["Agree", "Disagree", "Neutral"],
        ["18-24", "25-34", "35-44"],
        ["I live on a busy street", "Streets are dark", "More patrols"],
    ],
)
def test_cells_that_tell_nobody(cells: list[str]) -> None:
    assert why("Question 7", *cells) == ""


@pytest.mark.parametrize(
    ("name", "heading"),
    [
        ("Q5_8_TEXT", "Which? - Other - Text"),
        ("q5_other", "q5_other"),
        ("Q3[other]", "Q3[other]"),
        ("x", "Other (please specify)"),
        ("x", "Otro (especifique)"),
        ("x", "Autre, précisez"),
        ("x", "Sonstiges, bitte angeben"),
        ("x", "Anders, namelijk"),
        ("x", "Other - Write In:How do you run it?"),
    ],
)
def test_free_text_beside_other_is_kept_out(name: str, heading: str) -> None:
    assert why(heading, "my cousin", "the man at no. 7", name=name) == "free text beside \u201cother\u201d"
    assert looks_private(Column(name, heading, "A"), ["my cousin", "the man at no. 7"])


def test_comments_are_no_free_text_beside_other() -> None:
    assert why("Do you have any other comments?", "slow", "good") == ""


def test_a_postcode_is_kept_only_as_an_area_of_the_study() -> None:
    raw = read_here(csv_text([["ZIP code", TRUST.item("pj1").text], *[[f"0214{k % 4}", "Agree"] for k in range(20)]]))

    def role(*levels: AreaLevel) -> str:
        return propose(raw, TRUST, levels)[0].columns[0].role

    assert role() == "private"
    assert role(AreaLevel("ward", "Wards", "", (("Mill", ""),))) == "private"
    assert role(AreaLevel("zip", "ZIP codes")) == "area"
    assert role(AreaLevel("zip", "ZIP codes", "", tuple((f"0214{k}", "") for k in range(5)))) == "area"


@pytest.mark.realdata
@pytest.mark.parametrize(
    ("name", "private"),
    [
        ("redcap_survey_timestamps_raw.csv", {"dob", "email", "first_name", "last_name", "address", "telephone_1"}),
        ("qualtrics_new_3row_numeric_de.csv", {"RecipientEmail", "LocationLatitude", "RecipientLastName"}),
    ],
)
def test_real_exports(real_data: Path, name: str, private: set[str]) -> None:
    raw = read_here((real_data / "exports" / name).read_bytes(), name)
    found = {column.column for column in propose(raw, TRUST)[0].columns if column.role == "private"}
    assert private <= found
