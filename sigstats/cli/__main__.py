"""``python -m sigstats.cli``."""

import sys

from sigstats.cli.main import main

if __name__ == "__main__":
    sys.exit(main())
