"""``python -m warraq`` is ``warraq``."""

from warraq.cli import main

main()
