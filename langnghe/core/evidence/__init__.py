"""What was seen, kept as it was seen: originals in WARC files, chained by hash.

``vault`` writes files, ``chain`` is the pure arithmetic of the chain, ``keeping`` joins both with
the tables, ``verify`` recomputes all of it, ``purging`` removes a payload and leaves the proof.
"""
