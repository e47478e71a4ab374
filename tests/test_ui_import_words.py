"""What the import page says of a file, whatever stands in it."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

from files import SMALL, read_here
from streamlit.testing.v1 import AppTest
from test_ui_importing import ANSWERS, STUDY

from trustsurvey.harmonise import Problem, harmonise, propose
from trustsurvey.model import ColumnMap, Mapping
from trustsurvey.ui import import_words
from trustsurvey.ui.guard import unmarked


def test_what_was_understood_is_told() -> None:
    raw = read_here(ANSWERS)
    mapping, _ = propose(raw, SMALL, STUDY.levels)
    wave = harmonise(raw, mapping, SMALL, STUDY.levels, name="").wave
    told = import_words.understood(wave, mapping, STUDY.levels)
    assert unmarked(told) == (
        "Where people live: wards. Groups: none found. Weights: none in the file. Open answers: 0."
    )
    odd = replace(wave, groups=("age_band", "<b>x</b>", "race: White, Irish", "race: Other"), areas=())
    weighted = Mapping((ColumnMap("w", "weight"),))
    told = import_words.understood(odd, weighted, STUDY.levels)
    assert "not found" in told
    assert "Weights: from the file" in unmarked(told)
    assert unmarked(told).count("age band, <b>x</b>, race (several could be chosen).") == 1
    assert r"\<b\>" in told


def test_a_value_is_asked_about_with_its_place_and_on_one_line() -> None:
    problem = Problem(
        "map.unclear", "q1", "Question 'How?'", "a\n\n# b " + "x" * 100, 1200, (2, 3, 4000, 9), "1 to 5", ""
    )
    told = import_words.question_about([problem])
    assert "\n" not in told
    assert "x" * 80 not in told
    assert "1,200 times, first in row 2, 3, 4,000) is not 1 to 5." in unmarked(told)
    assert "in 2 questions; 2,400 times" in unmarked(import_words.question_about([problem, problem]))
    asked = replace(problem, question="Is R a group?")
    assert unmarked(import_words.question_about([asked, asked])) == "In 2 questions: Is R a group?"


def test_names_of_waves_come_from_the_first_day() -> None:
    names = [import_words.wave_name(date(2026, month, 1)) for month in (1, 3, 4, 6, 7, 9, 10, 12)]
    assert names == [f"2026 Q{quarter}" for quarter in (1, 1, 2, 2, 3, 3, 4, 4)]
    assert import_words.wave_name(None) == ""


def test_what_was_checked_is_told_in_the_readers_language_numbers_first() -> None:
    def page() -> None:
        from trustsurvey.language import use
        from trustsurvey.model import Report
        from trustsurvey.model.report import RowCheck
        from trustsurvey.ui import import_words

        use("es")
        checks = (
            RowCheck("hasty answers", "under a third of the median time, 11 minutes", 7, "kept", (82, 129)),
            RowCheck("answered less than 50% of the questions put to everyone", "a rule of our own", 3, "left out"),
        )
        import_words.account(Report("qualtrics", 20, (("hasty", 0),), checks=checks))

    test = AppTest.from_function(page).run()
    assert not test.exception
    (told,) = [table.value for table in test.dataframe]
    assert list(told.columns) == ["check", "count", "share", "done", "rule", "rows"]
    assert told["check"].tolist() == [
        "filas leídas", "respuestas apresuradas", "respondió menos de 50% de las preguntas hechas a todas las personas",
        "filas conservadas",
    ]  # fmt: skip
    assert told["rule"].tolist()[1:3] == ["menos de un tercio del tiempo mediano, 11 minutos", "a rule of our own"]
    assert told["done"].tolist()[1:] == ["se conservan", "excluidas", "se conservan"]
