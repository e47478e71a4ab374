"""The page before the app: signing in with a password, and the first account."""

from __future__ import annotations

from trustsurvey.errors import SurveyError
from trustsurvey.language import _, language, translated
from trustsurvey.present.templates import template


def sign_in_page(error: SurveyError | None, name: str, to: str, new: bool, base: str) -> str:
    """The HTML of the form.

    ``error``: why the last try was refused; ``name``: as it was typed; ``to``: the address to go on to; ``new``: that
    it makes the first account; ``base``: the path that the app stands under, "" for none.
    """
    return template("sign_in").render(
        error=error, name=name, to=to, new=new, base=base, _=_, translated=translated, language=language()
    )
