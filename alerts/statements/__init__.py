"""What a unit says in its own name: drafted, checked, approved, let out only by right.

``desk`` holds what people do to a text, ``matter`` what it is about; ``read``, ``words``,
``findings``, ``blame``, ``retold`` and ``checks`` read it before they do; ``spokesperson`` and
``delegations`` know who may let it out, and ``releasing`` does.
"""
