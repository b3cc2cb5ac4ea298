"""One exception tree for the whole product, so that every edge can answer in plain words.

    LangNgheError
    ├── ConfigError          a file or setting is wrong (says file, line, field)
    │   ├── ProfileError
    │   └── PolicyError
    ├── InputError           data handed to a command is wrong (says line)
    ├── StoreError           the database cannot be opened, is locked or too old
    ├── FetchError           one polite request failed; carries a health ``state``
    ├── DeliveryError        one message could not be handed over (may be tried again)
    ├── ConflictError        somebody else changed the thing first
    ├── NotFoundError        no such thing, or outside the caller's rights
    └── ForbiddenError       the caller's role may not do this

Each error holds one plain Vietnamese sentence for the screen (``str(error)``) and a second one that
says how to mend it (``mend``). An internal exception text never reaches a user.
"""

from __future__ import annotations


class LangNgheError(Exception):
    """Base of every error the product raises on purpose.

    ``status`` is the HTTP status used at the web edge; ``exit_code`` the code of the command line.
    """

    status = 500
    exit_code = 1

    def __init__(self, message: str, *, mend: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.mend = mend


class ConfigError(LangNgheError):
    """A setting, profile or playbook is wrong. Nothing is started half-configured."""

    exit_code = 2


class ProfileError(ConfigError):
    """A unit profile is wrong."""


class PolicyError(ConfigError):
    """A playbook or taxonomy is wrong."""


class InputError(LangNgheError):
    """Data handed to a command or endpoint is wrong."""

    status = 422


class StoreError(LangNgheError):
    """The database cannot be used."""

    status = 503
    exit_code = 3


class FetchError(LangNgheError):
    """One request to the outside failed.

    ``state`` is the health state it means for a source (see ``types.SourceState``).
    """

    status = 502

    def __init__(self, message: str, *, state: str = "failing", mend: str = "") -> None:
        super().__init__(message, mend=mend)
        self.state = state


class DeliveryError(LangNgheError):
    """One message could not be handed over; ``permanent`` means trying again is useless."""

    status = 502

    def __init__(self, message: str, *, permanent: bool = False, mend: str = "") -> None:
        super().__init__(message, mend=mend)
        self.permanent = permanent


class ConflictError(LangNgheError):
    """The thing changed since the caller last saw it."""

    status = 409


class NotFoundError(LangNgheError):
    """No such thing, or it lies outside what the caller may see."""

    status = 404


class ForbiddenError(LangNgheError):
    """The caller's role may not do this."""

    status = 403
