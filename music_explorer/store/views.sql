-- Views for people and pages. They hold no data and are made again at every publish.

CREATE OR REPLACE VIEW features AS
SELECT
    t.*,
    s.* EXCLUDE (track_id, origin, source),
    s.origin AS spotify_origin,
    l.* EXCLUDE (track_id, origin, source),
    l.origin AS librosa_origin
FROM tracks AS t
LEFT JOIN spotify_features AS s USING (track_id)
LEFT JOIN librosa_features AS l USING (track_id);
COMMENT ON VIEW features IS 'One row a track, everything joined';
COMMENT ON COLUMN features.spotify_origin IS 'Who computed the Spotify-style values; spotify_features.origin';
COMMENT ON COLUMN features.librosa_origin IS 'Who computed the Librosa features; librosa_features.origin';

CREATE OR REPLACE VIEW genre_counts AS
SELECT genre, count(DISTINCT track_id) AS n_tracks FROM track_genres GROUP BY genre;
COMMENT ON VIEW genre_counts IS 'Distinct tracks of each genre';
COMMENT ON COLUMN genre_counts.n_tracks IS 'Tracks that have the genre; 1 or more';

CREATE OR REPLACE VIEW coverage AS
UNPIVOT (SELECT count(COLUMNS(* EXCLUDE (track_id))) / greatest(count(*), 1) FROM features)
ON * INTO NAME column_name VALUE share;
COMMENT ON VIEW coverage IS 'Share of tracks, 0 to 1, that have a value, measured or estimated, in each column of features';
COMMENT ON COLUMN coverage.column_name IS 'A column of features; text';
COMMENT ON COLUMN coverage.share IS 'Share of the tracks that have a value in it; 0 to 1';
