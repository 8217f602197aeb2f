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

CREATE OR REPLACE VIEW genre_counts AS
SELECT genre, count(DISTINCT track_id) AS n_tracks FROM track_genres GROUP BY genre;
COMMENT ON VIEW genre_counts IS 'Distinct tracks of each genre';

CREATE OR REPLACE VIEW coverage AS
UNPIVOT (SELECT count(COLUMNS(* EXCLUDE (track_id))) / greatest(count(*), 1) FROM features)
ON * INTO NAME column_name VALUE share;
COMMENT ON VIEW coverage IS 'Share of tracks, 0 to 1, that have a value, measured or estimated, in each column of features';
