"""What an identity provider told of somebody, as a session of ours."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from trustsurvey.errors import SurveyError
from trustsurvey.ui.ways import group_claim, name_claim, roles_by_group


@dataclass(frozen=True)
class Vouched:
    """A sign-in at the provider: who, when, the roles of their groups (None: as the account says), its digest."""

    name: str
    at: datetime
    roles: frozenset[str] | None
    digest: str


def vouched(claims: Mapping[str, Any]) -> Vouched:
    """Read the claims of an identity token; SurveyError ``sign-in.claims`` for one that does not say who and when.

    The digest is of issuer, subject, time and nonce: the same for the same sign-in, wherever its cookie turns up.
    """
    name, at = claims.get(name_claim()), claims.get("iat")
    if not isinstance(name, str) or not name.strip() or not isinstance(at, int | float) or "sub" not in claims:
        raise SurveyError(
            "sign-in.claims", "The identity provider does not say who you are", got=", ".join(sorted(claims)),
            expected=f"{name_claim()}, sub and iat",
            hint="Ask the administrator of this app; TRUSTSURVEY_NAME_CLAIM names another.",
        )  # fmt: skip
    if name_claim() == "email" and claims.get("email_verified") is False:
        raise SurveyError("sign-in.claims", "The identity provider has not verified your e-mail address", got=name)
    told = [str(claims.get(key, "")) for key in ("iss", "sub", "iat", "nonce")]
    digest = hashlib.sha256(json.dumps(told).encode("utf-8")).hexdigest()
    when = datetime.fromtimestamp(at, UTC).replace(tzinfo=None)
    by_group = roles_by_group()
    if not by_group:
        return Vouched(name.strip(), when, None, digest)
    groups = claims.get(group_claim()) or []
    names = [groups] if isinstance(groups, str) else [str(group) for group in groups]
    return Vouched(name.strip(), when, frozenset(r for group in names for r in by_group.get(group, ())), digest)
