"""Queries that answer real questions, for the SQL page and the README."""

EXAMPLES = {
    "Loudness and energy by genre": """SELECT genre, count(*) AS tracks,
       round(avg(loudness), 1) AS loudness_db, round(avg(energy), 2) AS energy
FROM features JOIN (SELECT DISTINCT track_id, genre FROM track_genres) USING (track_id)
GROUP BY genre ORDER BY loudness_db DESC""",
    "The most danceable tracks": """SELECT title, artist, danceability, round(tempo) AS bpm
FROM features WHERE danceability IS NOT NULL ORDER BY danceability DESC LIMIT 25""",
    "Tracks in several genres": """SELECT title, artist, string_agg(DISTINCT genre, ', ') AS genres
FROM tracks JOIN track_genres USING (track_id)
GROUP BY track_id, title, artist HAVING count(DISTINCT genre) > 1 ORDER BY title""",
    "Artists with the most tracks": """SELECT split_part(artist, '; ', 1) AS first_artist,
       count(*) AS tracks
FROM tracks GROUP BY ALL ORDER BY tracks DESC LIMIT 25""",
    "Share of tracks that have each feature": "FROM coverage ORDER BY share, column_name",
}
