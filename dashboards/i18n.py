"""Language and light of the screen: Vietnamese is in the pages, others in catalogues (``l10n``)."""

from __future__ import annotations

import gettext
from functools import lru_cache
from io import BytesIO
from pathlib import Path

from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po

DEFAULT = "vi"
NAMES = {"vi": "Tiếng Việt", "en": "English"}
LANGUAGE_COOKIE = "langnghe_lang"
LOOK_COOKIE = "langnghe_nen"
LOOKS = ("light", "dark")
L10N = Path(__file__).parent / "l10n"


@lru_cache(maxsize=len(NAMES))
def translations(language: str) -> gettext.NullTranslations:
    """Return the catalogue of ``language``; its text file is compiled in memory when first used."""
    path = L10N / f"{language}.po"
    if language not in NAMES or not path.is_file():
        return gettext.NullTranslations()
    compiled = BytesIO()
    with path.open("rb") as handle:
        write_mo(compiled, read_po(handle, locale=language))
    compiled.seek(0)
    return gettext.GNUTranslations(compiled)


def language_of(cookie: str | None) -> str:
    """Return the chosen language, Vietnamese unless another was picked."""
    return cookie if cookie in NAMES else DEFAULT


def look_of(cookie: str | None) -> str:
    """Return ``light`` or ``dark`` where one was chosen, else an empty string: as the device is."""
    return cookie if cookie in LOOKS else ""
