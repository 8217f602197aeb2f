"""The published table of the 2021 study that this product grew from.

3,081 rows, 11 genres, 13 Spotify features, 27 Librosa features. The table carries no licence, so it
is fetched from its own public address and never shipped.
"""

STUDY_ADDRESS = (
    "https://raw.githubusercontent.com/Cody-Lange/"
    "Milestone-2-Spotify-Music-Clustering-with-Unsupervised-Learning/main/"
    "all_genres_w_added_features.csv"
)
