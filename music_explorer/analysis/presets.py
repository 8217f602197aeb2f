"""Whole sets of choices with a reason, for those who do not want to choose one by one."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Preset:
    """A named configuration.

    Attributes
    ----------
    name : str
        Identifier.
    title : str
        What a person reads.
    why : str
        One sentence: what speaks for these choices.
    fields : mapping of str to Any
        Fields of a `pipeline.Config`: all that decide which tracks and features there are and how
        they are clustered, whatever was chosen before. Only the study's says how many clusters.
    """

    name: str
    title: str
    why: str
    fields: Mapping[str, Any]


_PLAIN = {
    "key": "set",
    "fold_tempo": False,
    "block_weights": "none",
    "estimated_values": False,
}
# One song is one point, no artist decides a cluster, and no projection comes before the clusters.
_GUARDED = {
    **_PLAIN,
    "space": "features",
    "one_per_recording": True,
    "cap": 10,
    "projection": "pca",
    "method": "kmeans",
}

PRESETS: dict[str, Preset] = {
    preset.name: preset
    for preset in (
        Preset(
            "study",
            "As the 2021 study did",
            "All 40 features in standard scaling, a track repeated for each of its genres, k-means "
            "in the first three principal components: to compare with what was published.",
            {
                **_PLAIN,
                "feature_set": "study",
                "scaling": "standard",
                "one_per_recording": False,
                "cap": None,
                "projection": "pca",
                "n_components": 3,
                "space": "projection",
                "method": "kmeans",
                "n_clusters": 6,
            },
        ),
        Preset(
            "careful",
            "Careful, Spotify",
            "The nine continuous features, since mode and time signature alone would decide the "
            "clusters; Yeo-Johnson scaling, since speechiness, acousticness and liveness are "
            "skewed; one point a recording, at most ten tracks of an artist, and clusters found in "
            "the features, since a projection makes clusters look better than they are.",
            {"feature_set": "spotify", "scaling": "power", **_GUARDED},
        ),
        Preset(
            "timbre",
            "Careful, timbre of the audio",
            "The 27 Librosa means, which are measured and not estimated by a model; robust "
            "scaling, since silence and noise give extreme values; the rest as in the careful "
            "choice for Spotify.",
            {"feature_set": "librosa", "scaling": "robust", **_GUARDED},
        ),
        Preset(
            "everything",
            "Everything there is",
            "Every feature, the Spotify and the Librosa block of equal weight, since the larger "
            "one would else decide alone; the key on the circle of fifths.",
            {
                "feature_set": "everything",
                "scaling": "standard",
                **_GUARDED,
                "block_weights": "equal",
            },
        ),
    )
}
