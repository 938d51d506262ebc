"""The console script ``noroshi``."""

import sys

from noroshi.config.cli import main

if __name__ == "__main__":
    sys.exit(main())
