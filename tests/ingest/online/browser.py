"""A browser that agrees to everything: it follows the address that it is given."""

import sys
from urllib.request import urlopen

if __name__ == "__main__":
    urlopen(sys.argv[1], timeout=10).read()
