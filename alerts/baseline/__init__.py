"""How many mentions are usual for a unit and a topic, and when there are too many.

Pure: counts of days in, states and alarms out. ``rates`` learns what is usual, ``calendar`` knows
the school year, ``cusum`` weighs evidence, ``series`` keeps one unit and topic from day to day,
``ears`` is the textbook method that stands beside it as the reference.
"""
