"""The three ways of signing in, as the environment of the app names them."""

from __future__ import annotations

import os
from typing import Literal, get_args

from trustsurvey.errors import SurveyError
from trustsurvey.rights import Role, roles_of

Way = Literal["open", "accounts", "provider"]
#: The cookie that the secret of a session is kept in.
COOKIE = "trustsurvey_session"
#: What this machine calls itself.
LOOPBACK = {"localhost", "127.0.0.1", "::1"}
SIGN_IN, SIGN_OUT = "/sign-in", "/sign-out"


def way() -> Way:
    """``TRUSTSURVEY_SIGN_IN``: open (nobody signs in), accounts (kept here) or provider (OpenID Connect)."""
    asked = os.environ.get("TRUSTSURVEY_SIGN_IN", "open").strip().casefold() or "open"
    found = next((one for one in get_args(Way) if one == asked), None)
    if found is None:
        raise SurveyError("sign-in.way", "There is no such way of signing in", where="TRUSTSURVEY_SIGN_IN",
                          got=f"'{asked}'", expected=", ".join(get_args(Way)))  # fmt: skip
    return found


def name_claim() -> str:
    """``TRUSTSURVEY_NAME_CLAIM``: what an identity provider tells that accounts are named by."""
    return os.environ.get("TRUSTSURVEY_NAME_CLAIM", "email")


def roles_by_group() -> dict[str, frozenset[Role]]:
    """``TRUSTSURVEY_GROUPS``, such as ``chiefs=commander; research=analyst``: the roles that a group gives."""
    found: dict[str, frozenset[Role]] = {}
    for entry in filter(None, (part.strip() for part in os.environ.get("TRUSTSURVEY_GROUPS", "").split(";"))):
        group, equals, role = entry.rpartition("=")
        if not equals or not group.strip():
            raise SurveyError("sign-in.groups", "A group has no role", where="TRUSTSURVEY_GROUPS", got=f"'{entry}'",
                              expected="entries such as chiefs=commander, with a semicolon between them")  # fmt: skip
        found[group.strip()] = found.get(group.strip(), frozenset()) | roles_of([role])
    return found


def group_claim() -> str:
    """``TRUSTSURVEY_GROUP_CLAIM``: what an identity provider tells that holds the groups of a person."""
    return os.environ.get("TRUSTSURVEY_GROUP_CLAIM", "groups")
