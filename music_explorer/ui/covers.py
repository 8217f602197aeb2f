"""Pictures of albums: only from the services that they come from.

An address is text from a file. Any other server would be told who looks at the page, and what is no
address at all would be read as a file of this one.
"""

from urllib.parse import urlsplit

import pandas as pd

_HOSTS = ("scdn.co", "spotifycdn.com", "dzcdn.net", "mzstatic.com", "coverartarchive.org")


def trusted(address: object) -> str | None:
    """Return the address of a cover, or None if it is of no service that has covers.

    >>> trusted("https://i.scdn.co/image/ab67")
    'https://i.scdn.co/image/ab67'
    >>> trusted("/etc/passwd")
    """
    if pd.isna(address):
        return None
    try:
        parts = urlsplit(str(address))
    except ValueError:
        return None
    host = f".{(parts.hostname or '').lower()}"
    known = parts.scheme == "https" and host.endswith(tuple(f".{name}" for name in _HOSTS))
    return str(address) if known else None
