"""Names of the cookies. Browsers do not tell ports apart, so a drill has names of its own:
signing in to a drill must not sign anybody out of the real house on the same machine.
"""

from __future__ import annotations

SESSION_COOKIE = "langnghe_session"
FORM_COOKIE = "langnghe_form"


def session_cookie(drill: str) -> str:
    """Return the name of the cookie that says who is signed in; ``drill`` is the drill's title."""
    return _named(SESSION_COOKIE, drill)


def form_cookie(drill: str) -> str:
    """Return the name of the cookie that guards the forms of people not yet signed in."""
    return _named(FORM_COOKIE, drill)


def _named(name: str, drill: str) -> str:
    return f"{name}_drill" if drill else name
