"""Values of JSON that somebody else wrote: what is of the wrong kind counts as missing."""

import math


def text(value: object) -> str | None:
    """Return a text or a whole number as text; None if it is blank or something else.

    >>> text(" One "), text(27), text(""), text({})
    ('One', '27', None, None)
    """
    if isinstance(value, int) and not isinstance(value, bool):
        return str(value)
    return value.strip() or None if isinstance(value, str) else None


def number(value: object) -> float | None:
    """Return a finite number; None if it is something else.

    >>> number(224), number("224"), number(float("nan"))
    (224.0, None, None)
    """
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        return None
    try:
        return float(value) if math.isfinite(value) else None
    except OverflowError:  # a whole number of hundreds of digits
        return None
