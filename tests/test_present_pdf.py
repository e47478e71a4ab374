"""PDF where the renderer is installed: the same page, and nothing is fetched."""

from __future__ import annotations

import builtins
from typing import Any

import pytest
from builders import refusal

from trustsurvey.present import pdf
from trustsurvey.present.document import Block, Document, Section, as_html

REPORT = as_html(Document("Trust in the police", "Town.", [Section("Where?", [Block(number="54", told=["Docks."])])]))


@pytest.fixture(autouse=True)
def _asked_anew() -> None:
    pdf.available.cache_clear()


@pytest.mark.parametrize("error", [ImportError, OSError])
def test_without_the_renderer_the_page_says_what_to_do(error: type[Exception], monkeypatch: pytest.MonkeyPatch) -> None:
    real = builtins.__import__

    def absent(name: str, *more: Any, **how: Any) -> Any:
        if name.startswith("weasyprint"):
            raise error("no Pango")
        return real(name, *more, **how)

    monkeypatch.setattr(builtins, "__import__", absent)
    assert not pdf.available()
    with refusal("pdf.renderer", "print that"):
        pdf.as_pdf(REPORT)


def test_a_page_becomes_a_pdf() -> None:
    if not pdf.available():
        pytest.skip("the PDF renderer is not installed: pip install 'trustsurvey[pdf]'")
    assert pdf.as_pdf(REPORT).startswith(b"%PDF-")


@pytest.mark.parametrize("url", ["http://localhost:9/x.png", "file:///etc/passwd", "data:image/png;base64,AAAA"])
def test_a_page_that_asks_for_anything_is_refused(url: str) -> None:
    if not pdf.available():
        pytest.skip("the PDF renderer is not installed: pip install 'trustsurvey[pdf]'")
    with refusal("pdf.fetch", "outside itself"):
        pdf.as_pdf(REPORT.replace("Docks.", f'<img src="{url}">'))
