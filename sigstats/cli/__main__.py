"""``python -m sigstats.cli``."""

import sys

from sigstats.cli.main import main

sys.exit(main())
