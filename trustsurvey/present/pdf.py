"""A report as PDF, where the optional renderer is installed (the extra ``pdf``: WeasyPrint with Pango)."""

from __future__ import annotations

from functools import lru_cache
from typing import Any

from trustsurvey.errors import SurveyError


@lru_cache(maxsize=1)
def available() -> bool:
    """Whether the renderer is here and finds its libraries."""
    try:
        import weasyprint  # noqa: F401
    except (ImportError, OSError):  # OSError: the package is here, Pango is not
        return False
    return True


def as_pdf(page: str) -> bytes:
    """A page of ``document.as_html`` as PDF. Nothing is fetched: a page that asks for anything is refused.

    SurveyError ``pdf.renderer`` where the renderer is not installed, ``pdf.fetch`` for a page that refers to
    something outside itself.
    """
    if not available():
        raise SurveyError(
            "pdf.renderer", "The PDF renderer is not installed", expected="the extra 'pdf'",
            hint="Save the briefing as HTML and print that.",
        )  # fmt: skip
    import weasyprint
    from weasyprint.urls import FatalURLFetchingError, URLFetcher

    class Refusing(URLFetcher):
        def fetch(self, url: str, headers: Any = None) -> Any:
            raise FatalURLFetchingError(f"refused: {url}")

    try:
        written: bytes = weasyprint.HTML(string=page, url_fetcher=Refusing()).write_pdf()
    except FatalURLFetchingError as error:
        raise SurveyError("pdf.fetch", "The page refers to something outside itself", got=str(error)[:80]) from error
    return written
