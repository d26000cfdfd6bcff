"""``python -m sigstats``: the command line."""

import sys

from sigstats.cli.main import main

if __name__ == "__main__":
    sys.exit(main())
