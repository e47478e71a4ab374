"""The first lines of every page: who may be answered, which study, and text that stays text."""

from __future__ import annotations

import re
import sqlite3
import time
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace

import builders  # noqa: F401  sets the same examples on every run
import pytest
from hypothesis import given, strategies as st
from stores import STUDY
from streamlit.testing.v1 import AppTest

from trustsurvey.store import Store
from trustsurvey.store.sessions import LONGEST
from trustsurvey.ui.guard import plain, unmarked
from trustsurvey.ui.markup import JOINER
from trustsurvey.ui.ways import LOOPBACK

MARKUP = "<img src=x onerror=alert(1)> **b** [l](https://evil.example) :red[x] $x$ `c`"


def bare(text: str) -> str:
    """What a reader of Markdown gets of a text without its escapes."""
    return re.sub(r"\\(?=[^\w\s]|_)", "", text)


def said(test: AppTest) -> str:
    """All that a page says, as it is read."""
    parts = [*test.title, *test.markdown, *test.caption, *test.info, *test.warning, *test.error]
    return "\n".join(unmarked(part.value) for part in parts)


# --- text that stays text -------------------------------------------------------------------------------


@given(st.text(st.characters(exclude_characters=JOINER)))
def test_plain_text_reads_as_it_was_written_on_one_line(text: str) -> None:
    assert unmarked(plain(text)) == " ".join(text.split())


@given(st.text(st.sampled_from("\\`*_{}[]()<>#+-.!|~$:&= \n\tax1")))
def test_every_sign_of_markdown_is_escaped(text: str) -> None:
    told = plain(text)
    assert "\n" not in told
    assert not told.startswith((" ", "\t"))
    assert not re.search(r"[`*_{}\[\]()<>#+.!|~$:&=-]", re.sub(r"\\([^\w\s]|_)", "", told))


@pytest.mark.parametrize(
    ("text", "sign"),
    [
        ("https://evil.example", "://"),
        ("HTTP://evil.example", "://"),
        ("see WWW.evil.example", "WWW."),
        ("a@b.example", "a@"),
        (":material/delete:", ":material"),
        (":streamlit:", ":streamlit"),
        ("a -> b", "->"),
        ("a <- b", "<-"),
        ("a---b", "--"),
        ("a >= b", ">="),
        ("a <= b", "<="),
        ("a ~= b", "~="),
    ],
)
def test_what_streamlit_finds_after_the_escapes_are_gone_is_taken_apart(text: str, sign: str) -> None:
    assert sign in text
    assert sign not in bare(plain(text))


def test_ordinary_names_are_left_whole() -> None:
    name = "Residents' survey, 18:30 2026-04-01 (Q2/Q3)"
    assert bare(plain(name)) == name
    assert plain("  two \n\n    lines  ") == "two lines"


def test_a_number_and_its_percent_sign_stay_on_one_line() -> None:
    assert bare(plain("50 % of 1 % x")) == "50\u00a0% of 1\u00a0% x"


def test_what_is_read_aloud_has_no_markup() -> None:
    assert unmarked(f"#### Over time\n**{plain('a_b')}** in # waves") == "Over time a_b in # waves"


# --- refusals -------------------------------------------------------------------------------------------


def test_a_refusal_is_shown_whole_as_text_and_stops_the_page() -> None:
    def page(text: str) -> None:
        import streamlit as st

        from trustsurvey.errors import SurveyError
        from trustsurvey.ui.guard import refusals

        with refusals():
            raise SurveyError("x", f"T{text}", where=f"W{text}", got=f"G{text}", expected=f"E{text}", hint=f"H{text}")
        st.title("not reached")

    test = AppTest.from_function(page, args=(MARKUP,)).run()
    assert not test.title
    (shown,) = test.error
    # The title in bold is ours; nothing of the text is.
    assert shown.value.count("**") == 2
    assert unmarked(shown.value) == " ".join(
        f"{a}{MARKUP}{b}" for a, b in (("T", "."), ("W", "."), ("Found: G", "."), ("Expected: E", "."), ("H", ""))
    )
    assert not re.search(r"(?<!\\)[<[`$]", shown.value)


def test_a_refusal_without_details_is_one_sentence() -> None:
    def page() -> None:
        from trustsurvey.errors import SurveyError
        from trustsurvey.ui.refused import show_error

        show_error(SurveyError("x", "Nothing there"))

    assert AppTest.from_function(page).run().error[0].value == "**Nothing there.**"


def test_a_refusal_speaks_the_language_of_the_reader_and_leaves_what_was_found_as_it_is() -> None:
    def page() -> None:
        from pathlib import Path
        from tempfile import TemporaryDirectory

        from trustsurvey.language import speaking
        from trustsurvey.readers.guard import read
        from trustsurvey.ui.guard import refusals

        with speaking("es"), TemporaryDirectory() as folder, refusals():
            empty = Path(folder, "The file is empty.csv")
            empty.touch()
            read(empty)

    shown = unmarked(AppTest.from_function(page).run().error[0].value)
    assert shown == (
        "El archivo está vacío. The file is empty.csv. Se esperaba: un encabezado y una fila por residente. "
        "Exporte de nuevo las respuestas y compruebe que el archivo tenga filas."
    )


def test_a_refusal_with_values_speaks_the_language_of_the_reader_too() -> None:
    def page() -> None:
        from trustsurvey.errors import SurveyError, some
        from trustsurvey.language import speaking
        from trustsurvey.ui.refused import show_error

        with speaking("es"):
            show_error(SurveyError("wave.absent", "There is no wave 'There is no study'", expected=some("abcdefgh")))

    assert unmarked(AppTest.from_function(page).run().error[0].value) == (
        "No existe la ronda 'There is no study'. Se esperaba: 'a', 'b', 'c', 'd', 'e' y 3 más."
    )


def test_a_defect_is_not_dressed_up_as_a_refusal() -> None:
    def page() -> None:
        from trustsurvey.ui.guard import refusals

        with refusals():
            raise ZeroDivisionError

    test = AppTest.from_function(page).run()
    assert not test.error
    assert len(test.exception) == 1


# --- who is answered --------------------------------------------------------------------------------------


def opening() -> None:
    import streamlit as st

    from trustsurvey.ui.guard import open_page

    store = open_page("A page", "see")
    st.markdown(f"{store.person.name} {len(store.studies())}")


@pytest.mark.parametrize("address", [None, "", "0.0.0.0", "::", "192.0.2.7", "localhost.evil.example", "LOCALHOST"])
def test_an_address_that_others_reach_is_refused_before_the_database_is_opened(
    address: str | None, own_home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("trustsurvey.ui.guard.st.get_option", lambda name: address)
    test = AppTest.from_function(opening).run()
    assert "answers only on the machine it runs on" in said(test)
    assert not test.title
    assert not own_home.exists()


@pytest.mark.parametrize("address", sorted(LOOPBACK))
def test_this_machine_is_answered(address: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("trustsurvey.ui.guard.st.get_option", lambda name: address)
    test = AppTest.from_function(opening).run()
    assert test.title[0].value == "A page"
    assert "this machine 0" in said(test)


def test_without_the_right_a_page_shows_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("trustsurvey.ui.guard.st.get_option", lambda name: "localhost")
    monkeypatch.setattr("trustsurvey.ui.guard.allowed", lambda person, action, thing: action != "see")
    test = AppTest.from_function(opening).run()
    assert said(test) == (
        "A page\nYou do not have the right to see this page. The administrator of this app can give it to you."
    )


def test_a_sign_in_that_the_provider_does_not_vouch_for_any_more_is_told_and_can_be_renewed(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    store = Store.open()
    store.accounts.add("ada@town.example", ["analyst"])
    claims = {"iss": "https://id.example", "sub": "7", "nonce": "n", "email": "ada@town.example"}
    user = SimpleNamespace(is_logged_in=True, to_dict=lambda: claims)
    monkeypatch.setattr("trustsurvey.ui.signing.st.user", user)
    monkeypatch.setenv("TRUSTSURVEY_SIGN_IN", "provider")
    claims |= {"iat": time.time() - 60}
    assert "ada@town.example 0" in said(AppTest.from_function(opening).run())
    claims |= {"iat": time.time() - LONGEST.total_seconds() - 60}
    test = AppTest.from_function(opening).run()
    assert not test.exception
    assert "This sign-in is over" in said(test)
    assert [button.label for button in test.button] == ["Sign in"]


def about_a_group() -> None:
    import streamlit as st

    from trustsurvey.ui.guard import remembered
    from trustsurvey.ui.signing import person

    keys = ["everyone", "age=65+"]
    st.markdown(f"{person().name}: {keys[remembered('Who', 'who', keys, keys)]}")


def test_whom_a_page_is_about_is_not_who_is_signed_in(monkeypatch: pytest.MonkeyPatch) -> None:
    Store.open().accounts.add("ada@town.example", ["commander"])
    claims = {"iss": "https://id.example", "sub": "7", "nonce": "n", "email": "ada@town.example", "iat": time.time()}
    user = SimpleNamespace(is_logged_in=True, to_dict=lambda: claims)
    monkeypatch.setattr("trustsurvey.ui.signing.st.user", user)
    monkeypatch.setenv("TRUSTSURVEY_SIGN_IN", "provider")
    test = AppTest.from_function(about_a_group).run()
    assert "ada@town.example: everyone" in said(test)
    test.selectbox[0].set_value(1).run()
    assert "ada@town.example: age=65+" in said(test)


# --- which study --------------------------------------------------------------------------------------------


def choosing() -> None:
    import streamlit as st

    from trustsurvey.ui import cache
    from trustsurvey.ui.guard import choose_study

    record = choose_study(cache.store())
    st.markdown(f"chosen {record.slug}" if record else "none")


@pytest.fixture
def three(own_home: Path) -> Store:
    """A store with studies a, b and c."""
    store = Store.open()
    for slug in "abc":
        store.create_study(replace(STUDY, slug=slug, name=f"Study {slug}"))
    return store


def chosen(test: AppTest) -> str:
    assert not test.exception
    return test.markdown[-1].value.split()[-1]


def test_every_choice_counts_also_right_after_another(three: Store) -> None:
    test = AppTest.from_function(choosing).run()
    assert chosen(test) == "a"
    for position in (1, 2, 0, 2, 1):
        test.selectbox[0].set_value(position).run()
        assert chosen(test) == "abc"[position]
        assert test.query_params["study"] == "abc"[position]
        assert chosen(test.run()) == "abc"[position]


@pytest.mark.parametrize(("asked", "shown"), [("c", "c"), ("gone", "a"), ("", "a"), ("A", "a"), ("../b", "a")])
def test_an_address_names_the_study_and_one_that_is_gone_gives_the_first(asked: str, shown: str, three: Store) -> None:
    test = AppTest.from_function(choosing)
    test.query_params["study"] = asked
    assert chosen(test.run()) == shown


def test_a_study_made_or_removed_in_another_tab(three: Store) -> None:
    test = AppTest.from_function(choosing).run()
    test.selectbox[0].set_value(1).run()
    three.create_study(replace(STUDY, slug="new", name="A new one, first in the list"))
    assert chosen(test.run()) == "b"
    test.selectbox[0].set_value(0).run()
    assert chosen(test) == "new"
    three.remove_study("new")
    assert chosen(test.run()) == "a"
    # What a page made is opened on it.
    test.session_state["study"] = "c"
    assert chosen(test.run()) == "c"


def test_two_studies_of_one_name_are_told_apart(three: Store) -> None:
    three.create_study(replace(STUDY, slug="d", name="Study c"))
    test = AppTest.from_function(choosing).run()
    assert test.selectbox[0].options == ["Study a", "Study b", "Study c (c)", "Study c (d)"]
    test.selectbox[0].set_value(3).run()
    assert chosen(test) == "d"


def test_a_sample_study_says_so(own_home: Path) -> None:
    Store.open().create_study(replace(STUDY, sample=True))
    assert "invented" in AppTest.from_function(choosing).run().warning[0].value


def test_a_database_that_breaks_while_the_app_runs_is_a_sentence(three: Store, own_home: Path) -> None:
    test = AppTest.from_function(choosing).run()
    three.close()
    with sqlite3.connect(own_home / "trustsurvey.db") as connection:
        connection.execute("ALTER TABLE study RENAME TO lost")
    test.run()
    assert not test.exception
    assert "The database refused the request" in said(test)
