"""Drills: an invented affair played to real people, with every message marked DIỄN TẬP.

The whole pipeline runs as in earnest, on its own clock and in a folder and database of the drill's
own, so that no record of the real house ever sees it. That database is always SQLite, also where
the real one is PostgreSQL: a drill is one small process for a few hours, its folder can be copied,
kept or thrown away whole, and nobody needs rights on the real server to hold one.

    scenario   what happens when: a YAML or JSON Lines file, bound to one watched unit
    cast       who may be written to, and the settings that keep the drill by itself
    play       the clock, the loop, what is said on the terminal
    ways_out   the last gate before a mail leaves, and the dry run
    report     who acknowledged what when, against the deadlines and what was expected
"""
