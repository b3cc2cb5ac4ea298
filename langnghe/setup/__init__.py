"""The first run: an empty home becomes a house that listens, by plain forms in the browser."""
