"""Names and numbers that tell who somebody is come out of texts, before anybody reads them."""

from trustsurvey.text.redact.apply import Redacted, Replacement, rebuilt, redact, redact_all

__all__ = ["Redacted", "Replacement", "rebuilt", "redact", "redact_all"]
