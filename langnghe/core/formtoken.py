"""The token of a form, written anew on every page, so that a compressed page tells nothing of it.

A page that is compressed and repeats what an address says lets its length tell, guess by guess,
whether a secret in it was guessed (BREACH). So the secret never stands in a page: only the secret
under a random mask, and the mask.
"""

from __future__ import annotations

import base64
import secrets

MAX_LENGTH = 200
"""The longest form value that can be a masked token."""
_PREFIX = "~"


def masked(token: str) -> str:
    """Return ``token`` (at most 64 characters) under a mask made for this one page."""
    plain = token.encode()
    if not plain:
        return ""
    mask = secrets.token_bytes(len(plain))
    return _PREFIX + base64.urlsafe_b64encode(mask + _xor(plain, mask)).decode().rstrip("=")


def unmasked(stated: str) -> str:
    """Return the token that a form states, masked or as it is; "" for what cannot be read."""
    if not stated.startswith(_PREFIX):
        return stated
    coded = stated[len(_PREFIX) :]
    try:
        raw = base64.b64decode(coded + "=" * (-len(coded) % 4), altchars=b"-_", validate=True)
        half = len(raw) // 2
        return _xor(raw[:half], raw[half:]).decode() if len(raw) % 2 == 0 else ""
    except ValueError:  # also what is no base64 and no text
        return ""


def _xor(one: bytes, other: bytes) -> bytes:
    return bytes(a ^ b for a, b in zip(one, other, strict=True))
