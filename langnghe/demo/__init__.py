"""The demo's fiction, as data: everything in this folder is invented.

The school, commune, persons, newspapers, pages and events exist nowhere; see ``README.md`` here.
Times are minutes from the start of the story, because the demo sets them on its own clock.
"""
