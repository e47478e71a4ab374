"""Pages in another language: which is chosen, and that no sentence is left in English."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest
from babel.messages.pofile import read_po
from conftest import ROOT
from google.protobuf.json_format import MessageToDict
from streamlit.testing.v1 import AppTest
from test_export_language import parts_of
from test_language import SENTENCE, ids
from test_pages import app, button, fresh, select, words

from trustsurvey import language
from trustsurvey.language import _
from trustsurvey.locale.__main__ import forms

#: All pages; home only leads on to another.
PAGES = sorted({path.stem for path in (ROOT / "pages").glob("*.py")} - {"home"})
#: What the sample study's own questionnaire and its residents say as well, which is in English.
OF_THE_STUDY = {"Trust in the police", "what came of it"}


def english(page: str = "") -> list[re.Pattern[str]]:
    """The sentences of the code that are said in other words in Spanish, as they would stand on a page."""
    with language.catalogue("es").open("rb") as file:
        said = [message for message in read_po(file) if message.id and all(forms(message))]
    if page == "codebook":  # whoever edits a theme sees it as it is kept
        said = [message for message in said if not all(where.endswith(".yaml") for where, _line in message.locations)]
    found = []
    for message in said:
        for one in ids(message):
            if SENTENCE.search(one) and one not in OF_THE_STUDY and one not in forms(message):
                parts = re.split(r"%?\{[^}]*\}", one)
                found.append(re.compile(".{0,200}?".join(map(re.escape, parts))))
    return found


def all_of(test: AppTest) -> str:
    """All that is sent to the browser, without the backslashes that keep text from being markup."""
    parts: list[str] = []

    def take(value: object) -> None:
        if isinstance(value, str) and value.startswith("{"):  # what a table's columns and charts are sent as
            take(json.loads(value))
        elif isinstance(value, str):
            parts.append(value)
        elif isinstance(value, dict):
            for name, inner in value.items():
                if name not in ("id", "data", "formId", "elementId", "componentName"):
                    take(inner)
        elif isinstance(value, list):
            for inner in value:
                take(inner)

    for element in test._tree:
        proto = getattr(element, "proto", None)
        take(MessageToDict(proto) if hasattr(proto, "DESCRIPTOR") else None)
    for table in test.dataframe:
        # A column that is headed otherwise says so in its settings.
        heads = [name for name in table.value.columns if name not in json.loads(table.proto.columns or "{}")]
        parts += [str(cell) for cell in [*heads, *table.value.astype(str).to_numpy().ravel()]]
    text = re.sub(r"\\(?=[^\w\s]|_)|\u2060", "", "\n".join(parts))
    return text.replace("\u00a0", " ")


@pytest.mark.parametrize("page", PAGES)
def test_no_sentence_of_a_page_is_left_in_english(page: str, spoken_seen: Path) -> None:
    test = app(page, lang="es")
    assert not test.exception
    assert not test.error, words(test)
    shown = all_of(test)
    assert len(shown) > 500
    assert [pattern.pattern for pattern in english(page) if pattern.search(shown)] == []


def test_the_language_is_chosen_in_the_sidebar_and_outlasts_the_page(sample_seen: Path) -> None:
    test = app("trust")
    assert test.title[0].value == "Trust in the police"
    box = select(test, "Language \u00b7 Idioma")
    assert box.options == ["English", "Espa\u00f1ol"]
    box.set_value(1).run()
    assert test.title[0].value == "Confianza en la polic\u00eda"
    assert re.search(r"\*\*\d\d de 100\*\*, probablemente entre \d\d y \d\d", words(test))
    assert test.query_params["lang"] == "es"
    test.switch_page("pages/neighbourhood.py").run()
    assert test.title[0].value == "Un \u00e1rea"
    select(test, "Language \u00b7 Idioma").set_value(0).run()
    assert test.title[0].value == "One area"


@pytest.mark.parametrize(
    ("browser", "asked", "title"),
    [("es-MX", "", "Confianza en la polic\u00eda"), ("de-DE", "", "Trust in the police"),
     ("es-MX", "en", "Trust in the police"), ("en-US", "es", "Confianza en la polic\u00eda")],
)  # fmt: skip
def test_the_browser_is_answered_in_its_language_unless_the_address_names_another(
    browser: str, asked: str, title: str, sample_seen: Path
) -> None:
    test = fresh(**({"lang": asked} if asked else {}))
    test.context["locale"] = browser
    test.switch_page("pages/trust.py").run()
    assert not test.exception
    assert test.title[0].value == title


def test_an_address_that_asks_for_no_language_is_told_so(sample_seen: Path) -> None:
    test = app("trust", lang="<b>tlh</b>")
    assert not test.exception
    assert test.title[0].value == "Trust in the police"
    assert "English\u201d is shown instead" in words(test)


def test_figures_are_kept_for_each_language(sample_seen: Path) -> None:
    """The same numbers are drawn anew for those who read them in another language, and not taken from the others."""
    hovers = []
    for tag in ("en", "es", "en"):
        test = app("trust", lang=tag)
        drawn = "".join(chart.proto.spec for chart in test.get("plotly_chart"))
        hovers.append(re.findall(r"likely between|probablemente entre", drawn))
    assert set(hovers[0]) == set(hovers[2]) == {"likely between"}
    assert set(hovers[1]) == {"probablemente entre"}


def test_the_workbook_is_the_same_whatever_language_the_page_speaks(sample_home: Path) -> None:
    made = []
    for lang in ("en", "es-AR"):
        test = app("downloads", lang=lang)
        with language.speaking(lang):
            button(test, _("Prepare the files")).click().run()
        assert not test.exception
        made.append(parts_of(test.session_state["files"][2]))
    assert made[0] == made[1]
