"""Which genre stands most clearly apart, and which two blur most into each other."""

import numpy as np

from music_explorer.analysis.overlap import GenreOverlap


def most_apart(found: GenreOverlap) -> object | None:
    """Name the genre whose tracks have neighbours of their own genre most clearly.

    Genres are ranked by how far the lower end of the interval of their own share lies above
    chance, in proportion to what is above chance at all, as in Cohen's kappa: so a genre is not
    first because it is large, or because it has few artists.

    Parameters
    ----------
    found : GenreOverlap
        From `overlap.genre_overlap`.

    Returns
    -------
    object or None
        A genre; None if no genre's interval lies above chance.

    References
    ----------
    Cohen (1960), "A coefficient of agreement for nominal scales",
    doi:10.1177/001316446002000104, for the correction by chance.
    """
    low, chance = np.diag(found.low), np.diag(found.expected)
    above = (low - chance) / (1 - chance)
    return found.shares.index[above.argmax()] if above.max() > 0 else None


def most_blurred(found: GenreOverlap) -> tuple[object, object] | None:
    """Name the two genres that are most clearly among each other's neighbours.

    Pairs are ranked by the lower ends of the intervals of their shares, in proportion to chance,
    and by the weaker of the two directions: a genre that is near another without the reverse does
    not blur with it.

    Parameters
    ----------
    found : GenreOverlap
        From `overlap.genre_overlap`.

    Returns
    -------
    tuple of two genres or None
        The genres, in the order of the table; None if no interval of any pair is above 0 in both
        directions.
    """
    lift = (found.low / found.expected).to_numpy()
    mutual = np.triu(np.minimum(lift, lift.T), k=1)
    first, second = np.unravel_index(mutual.argmax(), mutual.shape)
    if not mutual[first, second] > 0:
        return None
    names = found.shares.index
    return names[first], names[second]
