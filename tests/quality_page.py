"""Write ``docs/quality.md`` from the gold files of one folder (figures only, no text).

    make quality DATA=FOLDER

The folder holds any of the files of ``GOLD``; unit links are judged with its profile. The numbers
are also left as JSON where a second path is given.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Sequence
from pathlib import Path

from langnghe.core.profile import load_profile
from nlp.quality import evaluate_all, page
from nlp.reader import Reader

GOLD = (
    "edu/dev.jsonl",
    "noise_dev.jsonl",
    "units_dev.jsonl",
    "shield_dev.jsonl",
    "stories/dev.jsonl",
)
PROFILE = "units_profile.json"
PAGE = Path("docs/quality.md")


def main(arguments: Sequence[str]) -> int:
    """Measure, write the page, and return the exit code."""
    folder = Path(arguments[0]) if arguments else Path()
    found = [folder / name for name in GOLD if (folder / name).is_file()]
    if not arguments or not found:
        print(f"no gold file in “{folder}”; it should hold one of: {', '.join(GOLD)}")
        return 2
    profile = folder / PROFILE
    reader = Reader.load(load_profile(profile) if profile.is_file() else None)
    measured = evaluate_all(found, reader).to_dict()
    if len(found) == 1:
        measured = {"model": measured["model"], "files": {found[0].name: measured}}
    if len(arguments) > 1:
        text = json.dumps(measured, ensure_ascii=False, indent=2)
        Path(arguments[1]).write_text(text + "\n", encoding="utf-8")
    made = page(measured, command="make quality DATA=FOLDER", card="../nlp/weights/CARD.md")
    PAGE.write_text(made, encoding="utf-8")
    print(f"{PAGE} written: {', '.join(path.name for path in found)}")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
