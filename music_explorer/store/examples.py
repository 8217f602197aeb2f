"""Queries that answer real questions, for the SQL page; each stands alone and can be edited."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Example:
    """A question and the query that answers it.

    Attributes
    ----------
    title
        The question, as a menu shows it.
    why
        One line: what the rows mean and how to read them.
    sql
        One SELECT.
    columns
        The columns that it gives, in order.
    if_empty
        Why a store may have no rows for it, and what to do.
    """

    title: str
    why: str
    sql: str
    columns: tuple[str, ...]
    if_empty: str = "This store has none of the features that the query reads."


_COMPLETE = """complete AS (
    FROM (
        SELECT track_id, danceability, energy, loudness, speechiness,
               acousticness, instrumentalness, liveness, valence, tempo
        FROM spotify_features
    ) WHERE COLUMNS(*) IS NOT NULL
)"""
_STANDARD = f"""WITH {_COMPLETE}, long AS (
    UNPIVOT complete ON * EXCLUDE (track_id)
    INTO NAME feature VALUE value
), standard AS (  -- every feature with mean 0 and standard deviation 1
    SELECT track_id, feature,
           coalesce((value - avg(value) OVER f)
                    / nullif(stddev_pop(value) OVER f, 0), 0) AS z
    FROM long WINDOW f AS (PARTITION BY feature)
)"""
_MIDDLES = f"""{_STANDARD}, own AS (
    SELECT DISTINCT track_id, genre
    FROM track_genres JOIN complete USING (track_id)
), middle AS (
    SELECT genre, feature, avg(z) AS m
    FROM own JOIN standard USING (track_id) GROUP BY ALL
)"""

EXAMPLES = (
    Example(
        "How loud and how energetic is each genre?",
        "Means over the tracks of a genre; loudness is in dB, closer to 0 is louder.",
        """SELECT genre, round(avg(loudness), 1) AS loudness_db,
       round(avg(energy), 2) AS energy, count(*) AS tracks
FROM (SELECT DISTINCT track_id, genre FROM track_genres)
JOIN features USING (track_id)
WHERE spotify_origin <> 'estimated'
GROUP BY genre ORDER BY loudness_db DESC, genre""",
        ("genre", "loudness_db", "energy", "tracks"),
        "No track of this store has both measured Spotify features and a genre.",
    ),
    Example(
        "Which genre is the most blurred?",
        "The share of a genre's tracks that lie nearer to the middle of another genre, and their "
        "mean distance to their own, in nine standardised Spotify features.",
        f"""{_MIDDLES}, distances AS (
    SELECT track_id, genre, sqrt(sum((z - m) ** 2)) AS d
    FROM standard JOIN middle USING (feature) GROUP BY ALL
), nearest AS (
    SELECT track_id, min(d) AS d_min FROM distances GROUP BY track_id
)
SELECT genre,
       round(avg((d > d_min)::INT), 3) AS share_nearer_to_another,
       round(avg(d), 3) AS mean_distance, count(*) AS tracks
FROM own JOIN distances USING (track_id, genre)
JOIN nearest USING (track_id)
GROUP BY genre ORDER BY share_nearer_to_another DESC, genre""",
        ("genre", "share_nearer_to_another", "mean_distance", "tracks"),
    ),
    Example(
        "Which tracks are the most typical of each genre?",
        "The three that are nearest to the mean of their genre, in nine standardised Spotify "
        "features.",
        f"""{_MIDDLES}, distances AS (
    SELECT track_id, genre, sqrt(sum((z - m) ** 2)) AS d
    FROM own JOIN standard USING (track_id)
    JOIN middle USING (genre, feature) GROUP BY ALL
)
SELECT genre, title, artist, round(d, 3) AS distance, track_id
FROM distances JOIN tracks USING (track_id)
QUALIFY row_number()
        OVER (PARTITION BY genre ORDER BY d, track_id) <= 3
ORDER BY genre, distance, track_id""",
        ("genre", "title", "artist", "distance", "track_id"),
    ),
    Example(
        "Which tracks are the most typical of each cluster?",
        "The three nearest to the middle of their cluster on the map of the run that was kept "
        "last.",
        """WITH run AS (
    SELECT track_id, cluster, x, y, coalesce(z, 0) AS z
    FROM assignments
    WHERE cluster IS NOT NULL AND run_id =
        (SELECT run_id FROM runs ORDER BY created_at DESC, run_id LIMIT 1)
), middle AS (
    SELECT cluster, avg(x) AS mx, avg(y) AS my, avg(z) AS mz
    FROM run GROUP BY cluster
)
SELECT cluster, title, artist, round(sqrt(
           (x - mx) ** 2 + (y - my) ** 2 + (z - mz) ** 2
       ), 3) AS distance, track_id
FROM run JOIN middle USING (cluster) JOIN tracks USING (track_id)
QUALIFY row_number()
        OVER (PARTITION BY cluster ORDER BY distance, track_id) <= 3
ORDER BY cluster, distance, track_id""",
        ("cluster", "title", "artist", "distance", "track_id"),
        "No run is kept in this store yet. On your own machine, start the app with "
        "MUSIC_WRITABLE=1, keep a run on the page The clusters, and ask again.",
    ),
    Example(
        "Did music become louder over the years?",
        "Mean loudness in dB: as Spotify gives it, and from the Librosa energy (RMS) of the audio.",
        """SELECT left(release_date, 4)::INT AS year,
       round(avg(loudness) FILTER (spotify_origin <> 'estimated'), 1)
           AS loudness_db,
       round(avg(20 * log10(nullif(rms_mean, 0))), 1) AS rms_db,
       count(*) AS tracks
FROM features WHERE release_date IS NOT NULL
GROUP BY year ORDER BY year""",
        ("year", "loudness_db", "rms_db", "tracks"),
        "No track of this store has a release date.",
    ),
    Example(
        "What sets two genres apart?",
        "Effect sizes between the two largest genres: the difference of the means in standard "
        "deviations (Cohen's d). Tracks of both genres are left out.",
        """WITH pair AS (
    -- or: FROM (VALUES ('Rock', 1), ('Metal', 2)) AS t(genre, place)
    SELECT genre,
           row_number() OVER (ORDER BY n_tracks DESC, genre) AS place
    FROM genre_counts QUALIFY place <= 2
), own AS (
    SELECT track_id, min(place) AS place
    FROM track_genres JOIN pair USING (genre)
    GROUP BY track_id HAVING count(DISTINCT genre) = 1
), long AS (
    UNPIVOT (
        SELECT track_id, danceability, energy, loudness, speechiness,
               acousticness, instrumentalness, liveness, valence, tempo
        FROM spotify_features WHERE origin <> 'estimated'
    ) ON * EXCLUDE (track_id) INTO NAME feature VALUE value
), moments AS (
    SELECT feature, place, genre, avg(value) AS mean,
           var_samp(value) AS variance, count(*) AS n
    FROM long JOIN own USING (track_id) JOIN pair USING (place)
    GROUP BY ALL
)
SELECT feature, round((a.mean - b.mean) / nullif(sqrt(
           ((a.n - 1) * a.variance + (b.n - 1) * b.variance)
           / (a.n + b.n - 2)
       ), 0), 3) AS cohens_d,
       a.genre AS genre_a, round(a.mean, 3) AS mean_a,
       b.genre AS genre_b, round(b.mean, 3) AS mean_b
FROM moments AS a JOIN moments AS b USING (feature)
WHERE a.place = 1 AND b.place = 2
ORDER BY abs(cohens_d) DESC, feature""",
        ("feature", "cohens_d", "genre_a", "mean_a", "genre_b", "mean_b"),
        "This store has no two genres whose tracks have Spotify features.",
    ),
    Example(
        "Who are the happiest and the saddest artists?",
        "The ten highest and the ten lowest means of valence, of artists with five tracks or more.",
        """SELECT split_part(artist, '; ', 1) AS first_artist,
       round(avg(valence), 3) AS mean_valence, count(*) AS tracks
FROM features WHERE valence IS NOT NULL AND artist IS NOT NULL
    AND spotify_origin <> 'estimated'
GROUP BY first_artist HAVING tracks >= 5
QUALIFY row_number()
        OVER (ORDER BY avg(valence), first_artist) <= 10
     OR row_number()
        OVER (ORDER BY avg(valence) DESC, first_artist) <= 10
ORDER BY mean_valence DESC, first_artist""",
        ("first_artist", "mean_valence", "tracks"),
        "No artist has five tracks with a valence here; lower the number in HAVING.",
    ),
    Example(
        "How fast is each genre?",
        "A histogram of the tempo in steps of 10 beats a minute; a track counts once in each of "
        "its genres. Estimates are often off by a factor of two.",
        """SELECT (10 * floor(tempo / 10))::INT AS from_bpm,
       count(*) AS tracks, genre
FROM (SELECT DISTINCT track_id, genre FROM track_genres)
JOIN features USING (track_id)
WHERE tempo IS NOT NULL
GROUP BY from_bpm, genre ORDER BY from_bpm, genre""",
        ("from_bpm", "tracks", "genre"),
        "No track of this store has both a tempo and a genre.",
    ),
    Example(
        "Which tracks are the most like one track?",
        "Distances in nine standardised Spotify features to the most popular track, which is the "
        "first row; put another id in its place.",
        f"""{_STANDARD}, vectors AS (
    SELECT track_id, list(z ORDER BY feature) AS v
    FROM standard GROUP BY track_id
), chosen AS (  -- or: SELECT 'spotify:…' AS track_id
    SELECT track_id FROM tracks JOIN complete USING (track_id)
    ORDER BY popularity DESC NULLS LAST, track_id LIMIT 1
)
SELECT title, artist, round(list_distance(
           v, (SELECT v FROM vectors WHERE track_id = (FROM chosen))
       ), 3) AS distance, track_id
FROM vectors JOIN tracks USING (track_id)
ORDER BY distance, track_id <> (FROM chosen), track_id
LIMIT 25""",
        ("title", "artist", "distance", "track_id"),
    ),
    Example(
        "Which songs are there more than once?",
        "Tracks with the same title and first artist: singles, albums and remasters of one song.",
        """SELECT title, artist, album, count(*) OVER same AS copies,
       track_id
FROM tracks WHERE title IS NOT NULL AND artist IS NOT NULL
WINDOW same AS (
    PARTITION BY lower(trim(title)), lower(split_part(artist, '; ', 1))
)
QUALIFY copies > 1
ORDER BY copies DESC, lower(artist), lower(title), track_id""",
        ("title", "artist", "album", "copies", "track_id"),
        "Every song of this store is there once.",
    ),
    Example(
        "Which tracks have several genres?",
        "The tracks that sit between genres, those with the most genres first.",
        """SELECT title, artist, count(DISTINCT genre) AS n_genres,
       string_agg(DISTINCT genre, ', ' ORDER BY genre) AS genres,
       track_id
FROM tracks JOIN track_genres USING (track_id)
GROUP BY track_id, title, artist HAVING n_genres > 1
ORDER BY n_genres DESC, title, track_id""",
        ("title", "artist", "n_genres", "genres", "track_id"),
        "No track of this store has more than one genre.",
    ),
    Example(
        "How complete is each source?",
        "The share of a source's tracks, 0 to 1, that have features, a genre and a release date.",
        """WITH share AS (
    SELECT source,
           (track_id IN (
               SELECT track_id FROM spotify_features
               WHERE origin <> 'estimated'
           ))::INT AS s,
           (track_id IN (SELECT track_id FROM librosa_features))::INT AS l,
           (track_id IN (SELECT track_id FROM track_genres))::INT AS g,
           (release_date IS NOT NULL)::INT AS r
    FROM track_sources JOIN tracks USING (track_id)
)
SELECT source, count(*) AS tracks, round(avg(s), 3) AS with_spotify,
       round(avg(l), 3) AS with_librosa, round(avg(g), 3) AS with_genre,
       round(avg(r), 3) AS with_release_date
FROM share GROUP BY source ORDER BY tracks DESC, source""",
        ("source", "tracks", "with_spotify", "with_librosa", "with_genre", "with_release_date"),
        "This store has no tracks yet.",
    ),
    Example(
        "Which tracks are nearest to one by the vectors of a model?",
        "Cosine of the angle between two vectors: 1 is the same direction, 0 unrelated.",
        """WITH one AS (
    SELECT model, vector FROM embeddings
    ORDER BY model, track_id LIMIT 1  -- or WHERE track_id = '...'
)
SELECT title, artist, e.model,
       round(list_cosine_similarity(e.vector, one.vector), 3) AS cosine, track_id
FROM embeddings AS e JOIN one USING (model) JOIN tracks USING (track_id)
ORDER BY cosine DESC LIMIT 20""",
        ("title", "artist", "model", "cosine", "track_id"),
        "This store has no vectors; import some with python -m ingest embeddings.",
    ),
)
