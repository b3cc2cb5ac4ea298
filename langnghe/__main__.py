"""``python -m langnghe`` is the ``langnghe`` command."""

from langnghe.cli import main

main()
