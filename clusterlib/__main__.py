"""`python -m clusterlib`."""

import sys

from clusterlib.cli import main

if __name__ == "__main__":
    sys.exit(main())
