"""`python -m omloop` is the command line."""

import sys

from omloop.cli import main

sys.exit(main())
