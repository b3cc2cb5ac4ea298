"""What people hand in: taken down by somebody of the unit, or left at the unit's public form.

``taking`` turns a report into a mention or sets it aside, ``door`` is the public form, ``waiting``
reads what nobody has looked at yet and tells the officer of what is grave.
"""
