"""Every word in one catalogue: complete, up to date, another begun; numbers and dates as they are read."""

from __future__ import annotations

import ast
import contextvars
import re
import threading
from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest
from babel.messages.catalog import Message
from babel.messages.pofile import read_po
from conftest import ROOT

from trustsurvey import language, wording
from trustsurvey.language import _, ngettext, pgettext
from trustsurvey.locale.__main__ import COMMANDS, MARKS, SENTENCES, forms, main, messages, of_code, sources
from trustsurvey.present import words

#: Files whose words are not all marked, by folder: what commands say, files for other programs, refusals with values.
#: One that is done is struck out, and stays done.
NOT_MARKED = {
    "trustsurvey": "__init__ rights workflow",
    "trustsurvey/areas": "checks small_area",
    "trustsurvey/cli": (
        "accounts actions group group_themes groups imports inference lines microdata questions studies "
        "tables voices waves weights"
    ),
    "trustsurvey/comparison": "pooling",
    "trustsurvey/disclosure": "gate",
    "trustsurvey/estimation": "association gaps",
    "trustsurvey/export": "account method method_weights microdata programs r_script takeaway",
    "trustsurvey/focus_groups": "framework triangulate who",
    "trustsurvey/harmonise": (
        "areas clash groups look numbers own_words previous problems questionnaire roles timing values"
    ),
    "trustsurvey/locale": "__main__",
    "trustsurvey/model": "report rules",
    "trustsurvey/readers": "encoding",
    "trustsurvey/readers/platforms": "forms qualtrics",
    "trustsurvey/replication": "resampling",
    "trustsurvey/reproduction": "recipe repeat",
    "trustsurvey/scales": "drivers invariance reliability",
    "trustsurvey/store": "audit engines sessions",
    "trustsurvey/tabulate": "numbers request",
    "trustsurvey/text": "agreement links prevalence quotes",
    "trustsurvey/text/redact": "patterns",
    "trustsurvey/text/refi_qda": "read",
    "trustsurvey/transcripts": "columns documents render",
    "trustsurvey/ui": "serve",
    "trustsurvey/weighting": "infeasible targets",
    "trustsurvey/workbench": "groups models scores",
}

OTHERS = [code for code in language.languages() if code != language.SOURCE]
#: Words that a reader sees: three in a row, of letters.
SENTENCE = re.compile(r"[^\W\d_]{2,}[,.:;]? \(?[^\W\d_]{1,}[,.:;]? \(?[^\W\d_]{2,}")
#: Codes that the package itself goes by.
CODES = {"too few read", "critical called positive", "too few to say", "agreed and disputed", "work on answers"}
#: Calls whose words nobody reads, or that are looked up where they are shown.
UNREAD = {
    *MARKS,
    "SurveyError",
    "Notice",
    "AssertionError",
    "compile",
    "match",
    "fullmatch",
    "sub",
    "note",
    "cast",
    "getattr",
}


def spoken(code: str) -> list[Message]:
    with language.catalogue(code).open("rb") as file:
        return [message for message in read_po(file) if message.id]


def ids(message: Message) -> tuple[str, ...]:
    return tuple(message.id) if isinstance(message.id, tuple | list) else (message.id,)


def name_of(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


# --- the catalogue --------------------------------------------------------------------------------------


@pytest.mark.parametrize("code", OTHERS)
def test_every_message_is_in_each_language_with_the_same_placeholders(code: str) -> None:
    said_here = {(ids(message), message.context) for message in messages() if message.id}
    said = spoken(code)
    assert {(ids(message), message.context) for message in said} == said_here, "run python -m trustsurvey.locale"
    for message in said:
        told = forms(message)
        assert all(told), message.id
        wanted = fields(ids(message)[-1])
        for form in told:
            spared = {"n"} if message.pluralizable else set()  # a singular may do without its number
            assert wanted >= fields(form) >= wanted - spared, form
            assert form.count("**") == ids(message)[-1].count("**"), form
            assert len(form) - len(form.lstrip()) == len(ids(message)[-1]) - len(ids(message)[-1].lstrip())
            assert form.endswith(".") == ids(message)[-1].endswith("."), form


@pytest.mark.parametrize("code", OTHERS)
def test_a_refusal_with_values_is_known_again_and_said_with_them(code: str) -> None:
    held = [message for message in spoken(code) if message.context == language.VALUES]
    assert len(held) > 200
    for message in held:
        names = re.findall(r"\{(\w+)\}", str(message.id))
        values = {name: f"{k}" for k, name in enumerate(names, 11)}
        with language.speaking(code):
            said = language.translated(str(message.id).format(**values))
        assert said == str(message.string).format(**values), message.id


def test_what_a_refusal_names_stays_as_it_was_written() -> None:
    with language.speaking("es"):
        said = language.translated("There is no wave 'Wave {x}. There is no study 'a''")
        assert said == "No existe la ronda 'Wave {x}. There is no study 'a''"
        assert language.translated("The file has no column 'a', 'b' and 1,200 more") == (
            "El archivo no tiene la columna 'a', 'b' y 1,200 m\u00e1s"
        )
        assert language.translated("'a', 'b' and 3 more") == "'a', 'b' y 3 m\u00e1s"
        assert language.translated("Words of nobody about 'a'") == "Words of nobody about 'a'"
    assert language.translated("There is no wave 'Q1'") == "There is no wave 'Q1'"


def fields(text: str) -> set[str]:
    return set(re.findall(r"\{(\w*)\}", text)) | set(re.findall(r"%\{[^}]*\}", text))


@pytest.fixture
def own_languages(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A folder of languages that holds none yet."""
    monkeypatch.setattr(language, "FOLDER", tmp_path)
    language.languages.cache_clear()
    language._read.cache_clear()
    yield tmp_path
    monkeypatch.undo()
    language.languages.cache_clear()
    language._read.cache_clear()


def test_a_language_is_begun_by_its_name_and_spoken_as_far_as_it_is_filled_in(
    own_languages: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    main(["fr"])
    assert re.search(r"fr: (\d+) of \1 messages are not translated", capsys.readouterr().out)
    path = language.catalogue("fr")
    text = path.read_text(encoding="utf-8")
    assert text.startswith("# French messages of trustsurvey.")
    assert '"Language: fr\\n"' in text
    assert "Plural-Forms: nplurals=3;" in text
    assert list(language.languages().items()) == [("en", "English"), ("fr", "Fran\u00e7ais")]
    assert (language.known("fr"), language.known("fr-CA")) == ("fr", "fr_CA")
    path.write_text(text.replace('msgid "Wave"\nmsgstr ""', 'msgid "Wave"\nmsgstr "Vague"'), encoding="utf-8")
    main([])  # brought up to date, nothing is lost
    language._read.cache_clear()
    with language.speaking("fr"):
        assert _("Wave") == "Vague"
        assert _("For analysts") == "For analysts"
        assert ngettext("{n} answer.", "{n} answers.", 2) == "{n} answers."
        assert wording.figure(1234.5, ",.1f").endswith(",5")


def test_a_head_that_names_no_language_is_no_matter(own_languages: Path) -> None:
    path = language.catalogue("fr")
    path.parent.mkdir(parents=True)
    path.write_text('msgid ""\nmsgstr "Content-Type: text/plain; charset=utf-8\\n"\n\nmsgid "Wave"\nmsgstr "Vague"\n')
    assert language.known("fr") == "fr"
    with language.speaking("fr"):
        assert _("Wave") == "Vague"


@pytest.mark.parametrize("tag", ["en", "en-GB", "tlh-nowhere", "../fr", ""])
def test_no_file_is_made_for_what_is_no_other_language(
    tag: str, own_languages: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit):
        main([tag])
    assert re.search("is there already|names no language", capsys.readouterr().err)
    assert list(own_languages.iterdir()) == []


# --- the code -------------------------------------------------------------------------------------------


def unmarked(path: Path) -> list[str]:
    """Sentences of a file that no language can say."""
    found: list[str] = []

    def look(node: ast.AST) -> None:
        if isinstance(node, ast.Call):
            called = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
            if called in UNREAD:
                return
        elif isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant):
            return  # what explains the code
        elif isinstance(node, ast.keyword) and node.arg == "key":
            return
        elif isinstance(node, ast.JoinedStr):
            text = "".join(str(part.value) if isinstance(part, ast.Constant) else "x0" for part in node.values)
            if sentence(text):
                found.append(text)
        elif isinstance(node, ast.Constant) and isinstance(node.value, str) and sentence(node.value):
            found.append(node.value)
        for child in ast.iter_child_nodes(node):
            if not (isinstance(node, ast.JoinedStr) and isinstance(child, ast.Constant)):
                look(child)

    look(ast.parse(path.read_text(encoding="utf-8")))
    return found


def sentence(text: str) -> bool:
    return bool(SENTENCE.search(text)) and text not in CODES and not re.search(r"</?\w+[ />]|[=;{}] *$", text)


PYTHON = [path for path in sources() if path.suffix == ".py"]


@pytest.mark.parametrize("path", PYTHON, ids=name_of)
def test_what_is_shown_is_marked(path: Path) -> None:
    left = unmarked(path)
    if path.stem in NOT_MARKED.get(name_of(path.parent), "").split():
        assert left, "strike it out of the list: all its words are marked"
    else:
        assert left == []


@pytest.mark.parametrize("path", [p for p in PYTHON if COMMANDS not in p.parents], ids=name_of)
def test_a_refusal_is_said_in_whole_sentences(path: Path) -> None:
    """Of words put together in the code a language cannot make a sentence: each way to say it is written out."""
    assert [piece for part in of_refusals(path) for piece in pieces(part)] == []


def of_refusals(path: Path) -> list[ast.expr]:
    """What refusals and notices of a file say in sentences."""
    calls = [node for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))) if isinstance(node, ast.Call)]
    said = [node for node in calls if isinstance(node.func, ast.Name) and node.func.id in ("SurveyError", "Notice")]
    return [
        part
        for node in said
        for part in (*node.args[1:2], *(word.value for word in node.keywords if word.arg in SENTENCES))
    ]


def pieces(said: ast.expr) -> list[str]:
    """Words that are chosen within a sentence, or put behind it."""
    found = []
    for node in ast.walk(said):
        if isinstance(node, ast.FormattedValue):
            choices = [inner for inner in ast.walk(node.value) if isinstance(inner, ast.IfExp)]
            found += [ast.unparse(one) for one in choices if words_in(one.body) or words_in(one.orelse)]
        elif isinstance(node, ast.BinOp) and isinstance(node.op, ast.Add):
            found += [ast.unparse(node)] if words_in(node.left) or words_in(node.right) else []
    return found


def words_in(node: ast.expr) -> bool:
    """Whether it is text that stands in the code."""
    return isinstance(node, ast.JoinedStr) or (isinstance(node, ast.Constant) and isinstance(node.value, str))


def test_what_is_said_of_values_is_taken_with_places_for_them(tmp_path: Path) -> None:
    code = """
text = N_(f"{n:,} answers of {where.name}") if n else N_("a fixed one")
raise SurveyError("code", text, expected=some(known) or 'a study that exists')
"""
    (tmp_path / "a.py").write_text(code, encoding="utf-8")
    assert set(of_code(tmp_path / "a.py")) == {
        ("{n} answers of {name}", "values"), ("a fixed one", None), ("a study that exists", "values"),
    }  # fmt: skip


def test_a_sentence_put_together_is_found() -> None:
    said = ast.parse("""f"The wave{'s' if several else ''} {names}" + f" and {more}" """, mode="eval").body
    assert len(pieces(said)) == 2
    assert pieces(ast.parse("""f"One {some(names)}" if n == 1 else f"Many {n:,}" """, mode="eval").body) == []


@pytest.mark.parametrize("path", [p for p in PYTHON if p != Path(language.__file__)], ids=name_of)
def test_no_language_is_chosen_when_a_module_is_loaded_and_the_mark_is_nothing_else(path: Path) -> None:
    tree = ast.parse(path.read_text(encoding="utf-8"))
    taken = {alias.name for node in ast.walk(tree) if isinstance(node, ast.ImportFrom) for alias in node.names}
    if not taken & {"_", "ngettext", "pgettext"}:
        return
    assigned = {node.id for node in ast.walk(tree) if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store)}
    assert "_" not in assigned
    if name_of(path).startswith("trustsurvey/"):
        assert [call for call in early(tree) if call in ("_", "ngettext", "pgettext")] == []


def early(tree: ast.AST) -> list[str]:
    """What is called when the module is loaded: all but what stands in functions."""
    found = []
    for node in ast.iter_child_nodes(tree):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda):
            inner = [*node.args.defaults, *(default for default in node.args.kw_defaults if default)]
            found += [called for one in inner for called in early(ast.Expression(one))]
            continue
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name):
            found.append(node.func.id)
        found += early(node)
    return found


# --- which language -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("tag", "expected"),
    [("es", "es_419"), ("es-MX", "es_MX"), ("es_AR.UTF-8", "es_AR"), ("en-GB", "en"), ("en", "en"), ("fr", ""),
     ("", ""), (None, ""), ("../es", ""), ("<b>", ""), ("es-", ""), ("C.UTF-8", "en")],
)  # fmt: skip
def test_a_tag_names_a_language_that_there_is_or_none(tag: str | None, expected: str) -> None:
    assert language.known(tag) == expected


@pytest.mark.parametrize(
    ("header", "expected"),
    [("es-MX,es;q=0.9,en;q=0.8", "es_MX"), ("en;q=0.5, es;q=0.8", "es_419"), ("de, en-US;q=0.7, es;q=0.3", "en"),
     ("es;q=0, en;q=0.1", "en"), ("en, es", "en"), ("es ; q=1.000", "es_419"), ("*", ""), ("es;q=high", ""),
     ("es;q=7", ""), (",;,=", ""), ("fr", ""), ("", ""), (None, ""), ("x," * 10_000 + "es", "")],
)  # fmt: skip
def test_a_browser_is_answered_in_the_language_that_it_would_rather_have(header: str | None, expected: str) -> None:
    assert language.preferred(header) == expected


def test_english_unless_something_else_is_asked_for(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv(language.VARIABLE, raising=False)
    assert language.current() == "en"
    monkeypatch.setenv(language.VARIABLE, "es")
    assert language.current() == "es_419"
    with language.speaking("en"):
        assert language.current() == "en"
    monkeypatch.setenv(language.VARIABLE, "tlh")
    assert language.current() == "en"


def test_work_for_later_speaks_the_language_in_which_it_was_asked_for() -> None:
    with language.speaking("es-MX"):
        later = language.kept(words.too_few)
    said: list[str] = []
    thread = threading.Thread(target=lambda: said.append(later()), name="elsewhere")
    contextvars.Context().run(thread.start)
    thread.join()
    assert said == ["muy pocas respuestas para decirlo; se necesitan al menos 30"]
    assert words.too_few() == "too few answers to say; at least 30 needed"


# --- numbers, dates, plurals ----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("tag", "expected"),
    [("en", "1,234.5"), ("es", "1,234.5"), ("es-MX", "1,234.5"), ("es-AR", "1.234,5"), ("es-ES", "1.234,5")],
)  # fmt: skip
def test_numbers_are_written_as_where_they_are_read(tag: str, expected: str) -> None:
    with language.speaking(tag):
        assert wording.figure(1234.5, ",.1f") == expected
        assert words.count(1234.4) == expected[:5]
        assert "".join(wording.separators()) == expected[5] + expected[1]


def test_dates_are_said_as_people_say_them() -> None:
    spring, summer, before = date(2026, 4, 2), date(2026, 6, 30), date(2025, 12, 1)
    assert words.period(spring, summer) == "April to June 2026"
    assert wording.day(spring) == "2 April 2026"
    with language.speaking("es"):
        assert words.period(spring, summer) == "abril a junio de 2026"
        assert words.period(spring, spring) == "abril de 2026"
        assert words.period(before, spring) == "diciembre de 2025 a abril de 2026"
        assert wording.day(spring) == "2 de abril de 2026"


def test_plurals_follow_the_language() -> None:
    one, many = "{n} answer.", "{n} answers."
    assert [ngettext(one, many, n) for n in (0, 1, 2)] == [many, one, many]
    with language.speaking("es"):
        assert [ngettext(one, many, n) for n in (0, 1, 2)] == ["{n} respuestas.", "{n} respuesta.", "{n} respuestas."]
        assert words.answers_worth(1, 1) == "1 respuesta."
        assert words.answers_worth(1512, 980) == "1,512 respuestas, que tras la ponderación equivalen a unas 980."


def test_names_are_listed_with_the_word_that_sounds_right() -> None:
    assert wording.listed(["a", "b", "c"]) == "a, b and c"
    assert wording.listed(["a"]) == "a"
    assert wording.listed([]) == ""
    with language.speaking("es"):
        assert wording.listed(["edad", "sexo"]) == "edad y sexo"
        assert wording.listed(["edad", "sexo", "ingreso"]) == "edad, sexo e ingreso"
        assert wording.listed(["agua", "hielo"]) == "agua y hielo"


def test_what_the_catalogue_does_not_know_is_said_as_written() -> None:
    with language.speaking("es"):
        assert _("A sentence of nobody.") == "A sentence of nobody."
        assert _("") == ""
        assert pgettext("nowhere", "Wave") == "Wave"
        assert _("Wave") == "Ronda"
