"""How likely is it that a story gets worse in the next hours, told from its first hours?

``signs`` is what a story shows, ``model`` turns signs and the hour into chances (or says why it
will not), ``trajectories`` lives stored stories again to learn from and to be measured by, ``fit``
and ``measure`` do the learning and the measuring. A forecast never moves a level.
"""
