-- The feature store. Every column's COMMENT gives its meaning, unit and range; the data dictionary is
-- generated from them and the readers take their valid ranges from the CHECKs. Missing is NULL, never 0.

CREATE TABLE tracks (
    track_id VARCHAR PRIMARY KEY CHECK (contains(track_id, ':')),
    title VARCHAR,
    artist VARCHAR,
    album VARCHAR,
    release_date VARCHAR CHECK (regexp_full_match(release_date, '\d{4}(-\d{2}(-\d{2})?)?')),
    duration_ms BIGINT CHECK (duration_ms BETWEEN 1 AND 86400000),
    popularity INTEGER CHECK (popularity BETWEEN 0 AND 100),
    explicit BOOLEAN,
    isrc VARCHAR,
    preview_url VARCHAR,
    cover_url VARCHAR,
    audio_path VARCHAR,
    license VARCHAR,
    artist_url VARCHAR
);
COMMENT ON TABLE tracks IS 'One row a recording; where it is known from is in track_sources';
COMMENT ON COLUMN tracks.track_id IS '<namespace>:<id>, e.g. spotify:2wrJq5XKLnmhRXHIAf9xBa; namespaces: spotify, fma, file, row';
COMMENT ON COLUMN tracks.title IS 'Name of the track; text';
COMMENT ON COLUMN tracks.artist IS 'Artists joined by ''; ''; the first is the primary one';
COMMENT ON COLUMN tracks.album IS 'Name of the album; text';
COMMENT ON COLUMN tracks.release_date IS 'Release date; YYYY, YYYY-MM or YYYY-MM-DD';
COMMENT ON COLUMN tracks.duration_ms IS 'Length in milliseconds; 1 to 86400000 ms';
COMMENT ON COLUMN tracks.popularity IS 'Spotify''s popularity; 0 to 100';
COMMENT ON COLUMN tracks.explicit IS 'Explicit lyrics; true or false';
COMMENT ON COLUMN tracks.isrc IS 'International Standard Recording Code; 12 characters';
COMMENT ON COLUMN tracks.preview_url IS 'Address of a public 30 s preview, without its query; text';
COMMENT ON COLUMN tracks.cover_url IS 'Address of the album cover; text';
COMMENT ON COLUMN tracks.audio_path IS 'Path of the audio file on this machine; text';
COMMENT ON COLUMN tracks.license IS 'Licence of the recording, as its source names it; text';
COMMENT ON COLUMN tracks.artist_url IS 'Address of the artist''s own page; text';

CREATE TABLE track_sources (
    track_id VARCHAR NOT NULL,
    source VARCHAR NOT NULL,
    ingest_id BIGINT NOT NULL,
    PRIMARY KEY (track_id, source)
);
COMMENT ON TABLE track_sources IS 'Which sources a track came from; a track may come from several';
COMMENT ON COLUMN track_sources.track_id IS 'A track; tracks.track_id';
COMMENT ON COLUMN track_sources.source IS 'A source, e.g. demo, study, table:songs.csv';
COMMENT ON COLUMN track_sources.ingest_id IS 'The ingest that last changed this track from this source; ingests.ingest_id';

CREATE TABLE track_playlists (
    track_id VARCHAR NOT NULL,
    playlist VARCHAR NOT NULL,
    position INTEGER CHECK (position >= 0),
    added_at VARCHAR,
    source VARCHAR NOT NULL
);
COMMENT ON TABLE track_playlists IS 'Playlists a track is in; a playlist need not be a genre';
COMMENT ON COLUMN track_playlists.track_id IS 'A track; tracks.track_id';
COMMENT ON COLUMN track_playlists.playlist IS 'Name of the playlist; text';
COMMENT ON COLUMN track_playlists.position IS 'Place in the playlist; from 0';
COMMENT ON COLUMN track_playlists.added_at IS 'When it was added; ISO 8601';
COMMENT ON COLUMN track_playlists.source IS 'The source that says so; track_sources.source';

CREATE TABLE track_plays (
    track_id VARCHAR NOT NULL,
    month VARCHAR NOT NULL CHECK (regexp_full_match(month, '\d{4}-\d{2}')),
    n_plays BIGINT NOT NULL CHECK (n_plays >= 1),
    ms_played BIGINT NOT NULL CHECK (ms_played >= 0),
    source VARCHAR NOT NULL
);
COMMENT ON TABLE track_plays IS 'How often and how long a track was played, one row a month and source; sources may tell of the same plays';
COMMENT ON COLUMN track_plays.track_id IS 'A track; tracks.track_id';
COMMENT ON COLUMN track_plays.month IS 'Month, in UTC, in which the plays ended; YYYY-MM';
COMMENT ON COLUMN track_plays.n_plays IS 'Times it was started, however long it was played; 1 or more';
COMMENT ON COLUMN track_plays.ms_played IS 'Time it was played altogether in milliseconds; 0 or more ms';
COMMENT ON COLUMN track_plays.source IS 'The source that says so; track_sources.source';

CREATE TABLE track_genres (
    track_id VARCHAR NOT NULL,
    genre VARCHAR NOT NULL,
    subgenre VARCHAR,
    genre_as_given VARCHAR NOT NULL,
    origin VARCHAR NOT NULL CHECK (origin IN ('playlist', 'file', 'tag', 'folder', 'column', 'musicbrainz')),
    source VARCHAR NOT NULL
);
COMMENT ON TABLE track_genres IS 'Genres of a track, many to many, one row for each source that says so';
COMMENT ON COLUMN track_genres.track_id IS 'A track; tracks.track_id';
COMMENT ON COLUMN track_genres.genre IS 'Genre in one spelling for all sources (data/genre_aliases.csv); text';
COMMENT ON COLUMN track_genres.subgenre IS 'Subgenre where the source gives one; text';
COMMENT ON COLUMN track_genres.genre_as_given IS 'Genre as the source spells it; text';
COMMENT ON COLUMN track_genres.origin IS 'What the genre was read from; playlist, file, tag, folder, column or musicbrainz';
COMMENT ON COLUMN track_genres.source IS 'The source that says so; track_sources.source, or musicbrainz';

CREATE TABLE spotify_features (
    track_id VARCHAR PRIMARY KEY,
    acousticness DOUBLE CHECK (acousticness BETWEEN 0 AND 1),
    danceability DOUBLE CHECK (danceability BETWEEN 0 AND 1),
    energy DOUBLE CHECK (energy BETWEEN 0 AND 1),
    instrumentalness DOUBLE CHECK (instrumentalness BETWEEN 0 AND 1),
    key TINYINT CHECK (key BETWEEN 0 AND 11),
    liveness DOUBLE CHECK (liveness BETWEEN 0 AND 1),
    loudness DOUBLE CHECK (loudness BETWEEN -60 AND 10),
    mode TINYINT CHECK (mode BETWEEN 0 AND 1),
    speechiness DOUBLE CHECK (speechiness BETWEEN 0 AND 1),
    tempo DOUBLE CHECK (tempo BETWEEN 0 AND 300),
    valence DOUBLE CHECK (valence BETWEEN 0 AND 1),
    time_signature TINYINT CHECK (time_signature BETWEEN 0 AND 7),
    origin VARCHAR NOT NULL CHECK (origin IN ('spotify', 'reccobeats', 'table', 'fma', 'estimated')),
    source VARCHAR NOT NULL
);
COMMENT ON TABLE spotify_features IS 'Spotify-style audio features, one row a track; the 13th, duration, is tracks.duration_ms';
COMMENT ON COLUMN spotify_features.track_id IS 'A track; tracks.track_id';
COMMENT ON COLUMN spotify_features.acousticness IS 'Confidence that the track is acoustic; 0 to 1';
COMMENT ON COLUMN spotify_features.danceability IS 'How suitable for dancing: tempo, rhythm stability, beat strength; 0 to 1';
COMMENT ON COLUMN spotify_features.energy IS 'Perceived intensity and activity; 0 to 1';
COMMENT ON COLUMN spotify_features.instrumentalness IS 'Likelihood that there are no vocals; over .5 is meant as instrumental; 0 to 1';
COMMENT ON COLUMN spotify_features.key IS 'Pitch class of the key, 0 = C, 1 = C sharp ... 11 = B; 0 to 11, circular';
COMMENT ON COLUMN spotify_features.liveness IS 'Likelihood of an audience in the recording; over .8 is meant as live; 0 to 1';
COMMENT ON COLUMN spotify_features.loudness IS 'Average loudness; -60 to 10 dB, typically -60 to 0';
COMMENT ON COLUMN spotify_features.mode IS '0 = minor, 1 = major; 0 to 1';
COMMENT ON COLUMN spotify_features.speechiness IS 'Presence of spoken words; over .66 mostly speech; 0 to 1';
COMMENT ON COLUMN spotify_features.tempo IS 'Estimated tempo in beats a minute; 0 to 300 BPM, octave errors are common';
COMMENT ON COLUMN spotify_features.valence IS 'Musical positiveness: low is sad or angry, high is cheerful; 0 to 1';
COMMENT ON COLUMN spotify_features.time_signature IS 'Estimated beats in a bar; 0 to 7, normally 3 to 7';
COMMENT ON COLUMN spotify_features.origin IS 'Who computed the values; spotify, reccobeats, table, fma, or estimated: all of the row from its Librosa features';
COMMENT ON COLUMN spotify_features.source IS 'The source that last gave a value; track_sources.source, or estimate';

CREATE TABLE estimates (
    feature VARCHAR NOT NULL,
    extraction VARCHAR NOT NULL,
    r2 DOUBLE NOT NULL CHECK (r2 <= 1),
    n_learnt BIGINT NOT NULL CHECK (n_learnt >= 1),
    n_artists BIGINT NOT NULL CHECK (n_artists >= 1),
    PRIMARY KEY (feature, extraction)
);
COMMENT ON TABLE estimates IS 'How far the rows of spotify_features whose origin is estimated can be trusted';
COMMENT ON COLUMN estimates.feature IS 'A value that was estimated; a column of spotify_features';
COMMENT ON COLUMN estimates.extraction IS 'Which Librosa features it was learnt from; librosa_features.extractor_version, or its source where that is NULL';
COMMENT ON COLUMN estimates.r2 IS 'Share of the variance that is explained for artists that were not learnt from; up to 1, which is exact; 0 is no better than the mean';
COMMENT ON COLUMN estimates.n_learnt IS 'Tracks that it was learnt from; 1 or more';
COMMENT ON COLUMN estimates.n_artists IS 'Artists of those tracks; 1 or more';

CREATE TABLE librosa_features (
    track_id VARCHAR PRIMARY KEY,
    mfcc_01_mean DOUBLE CHECK (mfcc_01_mean BETWEEN -2000 AND 2000),
    mfcc_01_std DOUBLE CHECK (mfcc_01_std BETWEEN 0 AND 1e6),
    mfcc_02_mean DOUBLE CHECK (mfcc_02_mean BETWEEN -2000 AND 2000),
    mfcc_02_std DOUBLE CHECK (mfcc_02_std BETWEEN 0 AND 1e6),
    mfcc_03_mean DOUBLE CHECK (mfcc_03_mean BETWEEN -2000 AND 2000),
    mfcc_03_std DOUBLE CHECK (mfcc_03_std BETWEEN 0 AND 1e6),
    mfcc_04_mean DOUBLE CHECK (mfcc_04_mean BETWEEN -2000 AND 2000),
    mfcc_04_std DOUBLE CHECK (mfcc_04_std BETWEEN 0 AND 1e6),
    mfcc_05_mean DOUBLE CHECK (mfcc_05_mean BETWEEN -2000 AND 2000),
    mfcc_05_std DOUBLE CHECK (mfcc_05_std BETWEEN 0 AND 1e6),
    mfcc_06_mean DOUBLE CHECK (mfcc_06_mean BETWEEN -2000 AND 2000),
    mfcc_06_std DOUBLE CHECK (mfcc_06_std BETWEEN 0 AND 1e6),
    mfcc_07_mean DOUBLE CHECK (mfcc_07_mean BETWEEN -2000 AND 2000),
    mfcc_07_std DOUBLE CHECK (mfcc_07_std BETWEEN 0 AND 1e6),
    mfcc_08_mean DOUBLE CHECK (mfcc_08_mean BETWEEN -2000 AND 2000),
    mfcc_08_std DOUBLE CHECK (mfcc_08_std BETWEEN 0 AND 1e6),
    mfcc_09_mean DOUBLE CHECK (mfcc_09_mean BETWEEN -2000 AND 2000),
    mfcc_09_std DOUBLE CHECK (mfcc_09_std BETWEEN 0 AND 1e6),
    mfcc_10_mean DOUBLE CHECK (mfcc_10_mean BETWEEN -2000 AND 2000),
    mfcc_10_std DOUBLE CHECK (mfcc_10_std BETWEEN 0 AND 1e6),
    mfcc_11_mean DOUBLE CHECK (mfcc_11_mean BETWEEN -2000 AND 2000),
    mfcc_11_std DOUBLE CHECK (mfcc_11_std BETWEEN 0 AND 1e6),
    mfcc_12_mean DOUBLE CHECK (mfcc_12_mean BETWEEN -2000 AND 2000),
    mfcc_12_std DOUBLE CHECK (mfcc_12_std BETWEEN 0 AND 1e6),
    mfcc_13_mean DOUBLE CHECK (mfcc_13_mean BETWEEN -2000 AND 2000),
    mfcc_13_std DOUBLE CHECK (mfcc_13_std BETWEEN 0 AND 1e6),
    mfcc_14_mean DOUBLE CHECK (mfcc_14_mean BETWEEN -2000 AND 2000),
    mfcc_14_std DOUBLE CHECK (mfcc_14_std BETWEEN 0 AND 1e6),
    mfcc_15_mean DOUBLE CHECK (mfcc_15_mean BETWEEN -2000 AND 2000),
    mfcc_15_std DOUBLE CHECK (mfcc_15_std BETWEEN 0 AND 1e6),
    mfcc_16_mean DOUBLE CHECK (mfcc_16_mean BETWEEN -2000 AND 2000),
    mfcc_16_std DOUBLE CHECK (mfcc_16_std BETWEEN 0 AND 1e6),
    mfcc_17_mean DOUBLE CHECK (mfcc_17_mean BETWEEN -2000 AND 2000),
    mfcc_17_std DOUBLE CHECK (mfcc_17_std BETWEEN 0 AND 1e6),
    mfcc_18_mean DOUBLE CHECK (mfcc_18_mean BETWEEN -2000 AND 2000),
    mfcc_18_std DOUBLE CHECK (mfcc_18_std BETWEEN 0 AND 1e6),
    mfcc_19_mean DOUBLE CHECK (mfcc_19_mean BETWEEN -2000 AND 2000),
    mfcc_19_std DOUBLE CHECK (mfcc_19_std BETWEEN 0 AND 1e6),
    mfcc_20_mean DOUBLE CHECK (mfcc_20_mean BETWEEN -2000 AND 2000),
    mfcc_20_std DOUBLE CHECK (mfcc_20_std BETWEEN 0 AND 1e6),
    spectral_contrast_1_mean DOUBLE CHECK (spectral_contrast_1_mean BETWEEN 0 AND 200),
    spectral_contrast_1_std DOUBLE CHECK (spectral_contrast_1_std BETWEEN 0 AND 1e6),
    spectral_contrast_2_mean DOUBLE CHECK (spectral_contrast_2_mean BETWEEN 0 AND 200),
    spectral_contrast_2_std DOUBLE CHECK (spectral_contrast_2_std BETWEEN 0 AND 1e6),
    spectral_contrast_3_mean DOUBLE CHECK (spectral_contrast_3_mean BETWEEN 0 AND 200),
    spectral_contrast_3_std DOUBLE CHECK (spectral_contrast_3_std BETWEEN 0 AND 1e6),
    spectral_contrast_4_mean DOUBLE CHECK (spectral_contrast_4_mean BETWEEN 0 AND 200),
    spectral_contrast_4_std DOUBLE CHECK (spectral_contrast_4_std BETWEEN 0 AND 1e6),
    spectral_contrast_5_mean DOUBLE CHECK (spectral_contrast_5_mean BETWEEN 0 AND 200),
    spectral_contrast_5_std DOUBLE CHECK (spectral_contrast_5_std BETWEEN 0 AND 1e6),
    spectral_contrast_6_mean DOUBLE CHECK (spectral_contrast_6_mean BETWEEN 0 AND 200),
    spectral_contrast_6_std DOUBLE CHECK (spectral_contrast_6_std BETWEEN 0 AND 1e6),
    spectral_contrast_7_mean DOUBLE CHECK (spectral_contrast_7_mean BETWEEN 0 AND 200),
    spectral_contrast_7_std DOUBLE CHECK (spectral_contrast_7_std BETWEEN 0 AND 1e6),
    chroma_01_mean DOUBLE CHECK (chroma_01_mean BETWEEN 0 AND 1),
    chroma_01_std DOUBLE CHECK (chroma_01_std BETWEEN 0 AND 1e6),
    chroma_02_mean DOUBLE CHECK (chroma_02_mean BETWEEN 0 AND 1),
    chroma_02_std DOUBLE CHECK (chroma_02_std BETWEEN 0 AND 1e6),
    chroma_03_mean DOUBLE CHECK (chroma_03_mean BETWEEN 0 AND 1),
    chroma_03_std DOUBLE CHECK (chroma_03_std BETWEEN 0 AND 1e6),
    chroma_04_mean DOUBLE CHECK (chroma_04_mean BETWEEN 0 AND 1),
    chroma_04_std DOUBLE CHECK (chroma_04_std BETWEEN 0 AND 1e6),
    chroma_05_mean DOUBLE CHECK (chroma_05_mean BETWEEN 0 AND 1),
    chroma_05_std DOUBLE CHECK (chroma_05_std BETWEEN 0 AND 1e6),
    chroma_06_mean DOUBLE CHECK (chroma_06_mean BETWEEN 0 AND 1),
    chroma_06_std DOUBLE CHECK (chroma_06_std BETWEEN 0 AND 1e6),
    chroma_07_mean DOUBLE CHECK (chroma_07_mean BETWEEN 0 AND 1),
    chroma_07_std DOUBLE CHECK (chroma_07_std BETWEEN 0 AND 1e6),
    chroma_08_mean DOUBLE CHECK (chroma_08_mean BETWEEN 0 AND 1),
    chroma_08_std DOUBLE CHECK (chroma_08_std BETWEEN 0 AND 1e6),
    chroma_09_mean DOUBLE CHECK (chroma_09_mean BETWEEN 0 AND 1),
    chroma_09_std DOUBLE CHECK (chroma_09_std BETWEEN 0 AND 1e6),
    chroma_10_mean DOUBLE CHECK (chroma_10_mean BETWEEN 0 AND 1),
    chroma_10_std DOUBLE CHECK (chroma_10_std BETWEEN 0 AND 1e6),
    chroma_11_mean DOUBLE CHECK (chroma_11_mean BETWEEN 0 AND 1),
    chroma_11_std DOUBLE CHECK (chroma_11_std BETWEEN 0 AND 1e6),
    chroma_12_mean DOUBLE CHECK (chroma_12_mean BETWEEN 0 AND 1),
    chroma_12_std DOUBLE CHECK (chroma_12_std BETWEEN 0 AND 1e6),
    tonnetz_1_mean DOUBLE CHECK (tonnetz_1_mean BETWEEN -1 AND 1),
    tonnetz_1_std DOUBLE CHECK (tonnetz_1_std BETWEEN 0 AND 1e6),
    tonnetz_2_mean DOUBLE CHECK (tonnetz_2_mean BETWEEN -1 AND 1),
    tonnetz_2_std DOUBLE CHECK (tonnetz_2_std BETWEEN 0 AND 1e6),
    tonnetz_3_mean DOUBLE CHECK (tonnetz_3_mean BETWEEN -1 AND 1),
    tonnetz_3_std DOUBLE CHECK (tonnetz_3_std BETWEEN 0 AND 1e6),
    tonnetz_4_mean DOUBLE CHECK (tonnetz_4_mean BETWEEN -1 AND 1),
    tonnetz_4_std DOUBLE CHECK (tonnetz_4_std BETWEEN 0 AND 1e6),
    tonnetz_5_mean DOUBLE CHECK (tonnetz_5_mean BETWEEN -1 AND 1),
    tonnetz_5_std DOUBLE CHECK (tonnetz_5_std BETWEEN 0 AND 1e6),
    tonnetz_6_mean DOUBLE CHECK (tonnetz_6_mean BETWEEN -1 AND 1),
    tonnetz_6_std DOUBLE CHECK (tonnetz_6_std BETWEEN 0 AND 1e6),
    spectral_centroid_mean DOUBLE CHECK (spectral_centroid_mean BETWEEN 0 AND 96000),
    spectral_centroid_std DOUBLE CHECK (spectral_centroid_std BETWEEN 0 AND 1e6),
    spectral_bandwidth_mean DOUBLE CHECK (spectral_bandwidth_mean BETWEEN 0 AND 96000),
    spectral_bandwidth_std DOUBLE CHECK (spectral_bandwidth_std BETWEEN 0 AND 1e6),
    spectral_rolloff_mean DOUBLE CHECK (spectral_rolloff_mean BETWEEN 0 AND 96000),
    spectral_rolloff_std DOUBLE CHECK (spectral_rolloff_std BETWEEN 0 AND 1e6),
    spectral_flatness_mean DOUBLE CHECK (spectral_flatness_mean BETWEEN 0 AND 1),
    spectral_flatness_std DOUBLE CHECK (spectral_flatness_std BETWEEN 0 AND 1e6),
    zero_crossing_rate_mean DOUBLE CHECK (zero_crossing_rate_mean BETWEEN 0 AND 1),
    zero_crossing_rate_std DOUBLE CHECK (zero_crossing_rate_std BETWEEN 0 AND 1e6),
    rms_mean DOUBLE CHECK (rms_mean BETWEEN 0 AND 10),
    rms_std DOUBLE CHECK (rms_std BETWEEN 0 AND 1e6),
    librosa_tempo DOUBLE CHECK (librosa_tempo BETWEEN 0 AND 1000),
    onset_rate DOUBLE CHECK (onset_rate BETWEEN 0 AND 1000),
    sample_rate INTEGER CHECK (sample_rate BETWEEN 1 AND 1000000),
    offset_s DOUBLE CHECK (offset_s BETWEEN 0 AND 1e6),
    analysed_s DOUBLE CHECK (analysed_s BETWEEN 0 AND 1e6),
    librosa_version VARCHAR,
    extractor_version VARCHAR,
    origin VARCHAR NOT NULL CHECK (origin IN ('audio', 'preview', 'table', 'fma')),
    source VARCHAR NOT NULL
);
COMMENT ON TABLE librosa_features IS 'Librosa features, one row a track; NULL where a source has only some';
COMMENT ON COLUMN librosa_features.track_id IS 'A track; tracks.track_id';
COMMENT ON COLUMN librosa_features.mfcc_01_mean IS 'Mel-frequency cepstral coefficient 1 of 20: overall level of the spectrum, mean over frames, of a dB spectrum; -2000 to 2000';
COMMENT ON COLUMN librosa_features.mfcc_01_std IS 'Mel-frequency cepstral coefficient 1 of 20: overall level of the spectrum, standard deviation over frames, of a dB spectrum; 0 or more';
COMMENT ON COLUMN librosa_features.mfcc_02_mean IS 'Mel-frequency cepstral coefficient 2 of 20: balance of low against high frequencies, mean over frames, of a dB spectrum; -2000 to 2000';
COMMENT ON COLUMN librosa_features.mfcc_02_std IS 'Mel-frequency cepstral coefficient 2 of 20: balance of low against high frequencies, standard deviation over frames, of a dB spectrum; 0 or more';
COMMENT ON COLUMN librosa_features.mfcc_03_mean IS 'Mel-frequency cepstral coefficient 3 of 20: shape of the spectrum (timbre), finer with the number, mean over frames, of a dB spectrum; -2000 to 2000';
COMMENT ON COLUMN librosa_features.mfcc_03_std IS 'Mel-frequency cepstral coefficient 3 of 20: shape of the spectrum (timbre), finer with the number, standard deviation over frames, of a dB spectrum; 0 or more';
COMMENT ON COLUMN librosa_features.mfcc_04_mean IS 'Mel-frequency cepstral coefficient 4 of 20: shape of the spectrum (timbre), finer with the number, mean over frames, of a dB spectrum; -2000 to 2000';
COMMENT ON COLUMN librosa_features.mfcc_04_std IS 'Mel-frequency cepstral coefficient 4 of 20: shape of the spectrum (timbre), finer with the number, standard deviation over frames, of a dB spectrum; 0 or more';
COMMENT ON COLUMN librosa_features.mfcc_05_mean IS 'Mel-frequency cepstral coefficient 5 of 20: shape of the spectrum (timbre), finer with the number, mean over frames, of a dB spectrum; -2000 to 2000';
COMMENT ON COLUMN librosa_features.mfcc_05_std IS 'Mel-frequency cepstral coefficient 5 of 20: shape of the spectrum (timbre), finer with the number, standard deviation over frames, of a dB spectrum; 0 or more';
COMMENT ON COLUMN librosa_features.mfcc_06_mean IS 'Mel-frequency cepstral coefficient 6 of 20: shape of the spectrum (timbre), finer with the number, mean over frames, of a dB spectrum; -2000 to 2000';
COMMENT ON COLUMN librosa_features.mfcc_06_std IS 'Mel-frequency cepstral coefficient 6 of 20: shape of the spectrum (timbre), finer with the number, standard deviation over frames, of a dB spectrum; 0 or more';
COMMENT ON COLUMN librosa_features.mfcc_07_mean IS 'Mel-frequency cepstral coefficient 7 of 20: shape of the spectrum (timbre), finer with the number, mean over frames, of a dB spectrum; -2000 to 2000';
COMMENT ON COLUMN librosa_features.mfcc_07_std IS 'Mel-frequency cepstral coefficient 7 of 20: shape of the spectrum (timbre), finer with the number, standard deviation over frames, of a dB spectrum; 0 or more';
COMMENT ON COLUMN librosa_features.mfcc_08_mean IS 'Mel-frequency cepstral coefficient 8 of 20: shape of the spectrum (timbre), finer with the number, mean over frames, of a dB spectrum; -2000 to 2000';
COMMENT ON COLUMN librosa_features.mfcc_08_std IS 'Mel-frequency cepstral coefficient 8 of 20: shape of the spectrum (timbre), finer with the number, standard deviation over frames, of a dB spectrum; 0 or more';
COMMENT ON COLUMN librosa_features.mfcc_09_mean IS 'Mel-frequency cepstral coefficient 9 of 20: shape of the spectrum (timbre), finer with the number, mean over frames, of a dB spectrum; -2000 to 2000';
COMMENT ON COLUMN librosa_features.mfcc_09_std IS 'Mel-frequency cepstral coefficient 9 of 20: shape of the spectrum (timbre), finer with the number, standard deviation over frames, of a dB spectrum; 0 or more';
COMMENT ON COLUMN librosa_features.mfcc_10_mean IS 'Mel-frequency cepstral coefficient 10 of 20: shape of the spectrum (timbre), finer with the number, mean over frames, of a dB spectrum; -2000 to 2000';
COMMENT ON COLUMN librosa_features.mfcc_10_std IS 'Mel-frequency cepstral coefficient 10 of 20: shape of the spectrum (timbre), finer with the number, standard deviation over frames, of a dB spectrum; 0 or more';
COMMENT ON COLUMN librosa_features.mfcc_11_mean IS 'Mel-frequency cepstral coefficient 11 of 20: shape of the spectrum (timbre), finer with the number, mean over frames, of a dB spectrum; -2000 to 2000';
COMMENT ON COLUMN librosa_features.mfcc_11_std IS 'Mel-frequency cepstral coefficient 11 of 20: shape of the spectrum (timbre), finer with the number, standard deviation over frames, of a dB spectrum; 0 or more';
COMMENT ON COLUMN librosa_features.mfcc_12_mean IS 'Mel-frequency cepstral coefficient 12 of 20: shape of the spectrum (timbre), finer with the number, mean over frames, of a dB spectrum; -2000 to 2000';
COMMENT ON COLUMN librosa_features.mfcc_12_std IS 'Mel-frequency cepstral coefficient 12 of 20: shape of the spectrum (timbre), finer with the number, standard deviation over frames, of a dB spectrum; 0 or more';
COMMENT ON COLUMN librosa_features.mfcc_13_mean IS 'Mel-frequency cepstral coefficient 13 of 20: shape of the spectrum (timbre), finer with the number, mean over frames, of a dB spectrum; -2000 to 2000';
COMMENT ON COLUMN librosa_features.mfcc_13_std IS 'Mel-frequency cepstral coefficient 13 of 20: shape of the spectrum (timbre), finer with the number, standard deviation over frames, of a dB spectrum; 0 or more';
COMMENT ON COLUMN librosa_features.mfcc_14_mean IS 'Mel-frequency cepstral coefficient 14 of 20: shape of the spectrum (timbre), finer with the number, mean over frames, of a dB spectrum; -2000 to 2000';
COMMENT ON COLUMN librosa_features.mfcc_14_std IS 'Mel-frequency cepstral coefficient 14 of 20: shape of the spectrum (timbre), finer with the number, standard deviation over frames, of a dB spectrum; 0 or more';
COMMENT ON COLUMN librosa_features.mfcc_15_mean IS 'Mel-frequency cepstral coefficient 15 of 20: shape of the spectrum (timbre), finer with the number, mean over frames, of a dB spectrum; -2000 to 2000';
COMMENT ON COLUMN librosa_features.mfcc_15_std IS 'Mel-frequency cepstral coefficient 15 of 20: shape of the spectrum (timbre), finer with the number, standard deviation over frames, of a dB spectrum; 0 or more';
COMMENT ON COLUMN librosa_features.mfcc_16_mean IS 'Mel-frequency cepstral coefficient 16 of 20: shape of the spectrum (timbre), finer with the number, mean over frames, of a dB spectrum; -2000 to 2000';
COMMENT ON COLUMN librosa_features.mfcc_16_std IS 'Mel-frequency cepstral coefficient 16 of 20: shape of the spectrum (timbre), finer with the number, standard deviation over frames, of a dB spectrum; 0 or more';
COMMENT ON COLUMN librosa_features.mfcc_17_mean IS 'Mel-frequency cepstral coefficient 17 of 20: shape of the spectrum (timbre), finer with the number, mean over frames, of a dB spectrum; -2000 to 2000';
COMMENT ON COLUMN librosa_features.mfcc_17_std IS 'Mel-frequency cepstral coefficient 17 of 20: shape of the spectrum (timbre), finer with the number, standard deviation over frames, of a dB spectrum; 0 or more';
COMMENT ON COLUMN librosa_features.mfcc_18_mean IS 'Mel-frequency cepstral coefficient 18 of 20: shape of the spectrum (timbre), finer with the number, mean over frames, of a dB spectrum; -2000 to 2000';
COMMENT ON COLUMN librosa_features.mfcc_18_std IS 'Mel-frequency cepstral coefficient 18 of 20: shape of the spectrum (timbre), finer with the number, standard deviation over frames, of a dB spectrum; 0 or more';
COMMENT ON COLUMN librosa_features.mfcc_19_mean IS 'Mel-frequency cepstral coefficient 19 of 20: shape of the spectrum (timbre), finer with the number, mean over frames, of a dB spectrum; -2000 to 2000';
COMMENT ON COLUMN librosa_features.mfcc_19_std IS 'Mel-frequency cepstral coefficient 19 of 20: shape of the spectrum (timbre), finer with the number, standard deviation over frames, of a dB spectrum; 0 or more';
COMMENT ON COLUMN librosa_features.mfcc_20_mean IS 'Mel-frequency cepstral coefficient 20 of 20: shape of the spectrum (timbre), finer with the number, mean over frames, of a dB spectrum; -2000 to 2000';
COMMENT ON COLUMN librosa_features.mfcc_20_std IS 'Mel-frequency cepstral coefficient 20 of 20: shape of the spectrum (timbre), finer with the number, standard deviation over frames, of a dB spectrum; 0 or more';
COMMENT ON COLUMN librosa_features.spectral_contrast_1_mean IS 'Spectral contrast in band 1 of 7 (low to high): peaks against valleys, high is clear and narrow-band, mean over frames, dB; 0 to 200';
COMMENT ON COLUMN librosa_features.spectral_contrast_1_std IS 'Spectral contrast in band 1 of 7 (low to high): peaks against valleys, high is clear and narrow-band, standard deviation over frames, dB; 0 or more';
COMMENT ON COLUMN librosa_features.spectral_contrast_2_mean IS 'Spectral contrast in band 2 of 7 (low to high): peaks against valleys, high is clear and narrow-band, mean over frames, dB; 0 to 200';
COMMENT ON COLUMN librosa_features.spectral_contrast_2_std IS 'Spectral contrast in band 2 of 7 (low to high): peaks against valleys, high is clear and narrow-band, standard deviation over frames, dB; 0 or more';
COMMENT ON COLUMN librosa_features.spectral_contrast_3_mean IS 'Spectral contrast in band 3 of 7 (low to high): peaks against valleys, high is clear and narrow-band, mean over frames, dB; 0 to 200';
COMMENT ON COLUMN librosa_features.spectral_contrast_3_std IS 'Spectral contrast in band 3 of 7 (low to high): peaks against valleys, high is clear and narrow-band, standard deviation over frames, dB; 0 or more';
COMMENT ON COLUMN librosa_features.spectral_contrast_4_mean IS 'Spectral contrast in band 4 of 7 (low to high): peaks against valleys, high is clear and narrow-band, mean over frames, dB; 0 to 200';
COMMENT ON COLUMN librosa_features.spectral_contrast_4_std IS 'Spectral contrast in band 4 of 7 (low to high): peaks against valleys, high is clear and narrow-band, standard deviation over frames, dB; 0 or more';
COMMENT ON COLUMN librosa_features.spectral_contrast_5_mean IS 'Spectral contrast in band 5 of 7 (low to high): peaks against valleys, high is clear and narrow-band, mean over frames, dB; 0 to 200';
COMMENT ON COLUMN librosa_features.spectral_contrast_5_std IS 'Spectral contrast in band 5 of 7 (low to high): peaks against valleys, high is clear and narrow-band, standard deviation over frames, dB; 0 or more';
COMMENT ON COLUMN librosa_features.spectral_contrast_6_mean IS 'Spectral contrast in band 6 of 7 (low to high): peaks against valleys, high is clear and narrow-band, mean over frames, dB; 0 to 200';
COMMENT ON COLUMN librosa_features.spectral_contrast_6_std IS 'Spectral contrast in band 6 of 7 (low to high): peaks against valleys, high is clear and narrow-band, standard deviation over frames, dB; 0 or more';
COMMENT ON COLUMN librosa_features.spectral_contrast_7_mean IS 'Spectral contrast in band 7 of 7 (low to high): peaks against valleys, high is clear and narrow-band, mean over frames, dB; 0 to 200';
COMMENT ON COLUMN librosa_features.spectral_contrast_7_std IS 'Spectral contrast in band 7 of 7 (low to high): peaks against valleys, high is clear and narrow-band, standard deviation over frames, dB; 0 or more';
COMMENT ON COLUMN librosa_features.chroma_01_mean IS 'Share of pitch class C (chroma of an STFT), mean over frames, of the frame maximum; 0 to 1';
COMMENT ON COLUMN librosa_features.chroma_01_std IS 'Share of pitch class C (chroma of an STFT), standard deviation over frames, of the frame maximum; 0 or more';
COMMENT ON COLUMN librosa_features.chroma_02_mean IS 'Share of pitch class C sharp (chroma of an STFT), mean over frames, of the frame maximum; 0 to 1';
COMMENT ON COLUMN librosa_features.chroma_02_std IS 'Share of pitch class C sharp (chroma of an STFT), standard deviation over frames, of the frame maximum; 0 or more';
COMMENT ON COLUMN librosa_features.chroma_03_mean IS 'Share of pitch class D (chroma of an STFT), mean over frames, of the frame maximum; 0 to 1';
COMMENT ON COLUMN librosa_features.chroma_03_std IS 'Share of pitch class D (chroma of an STFT), standard deviation over frames, of the frame maximum; 0 or more';
COMMENT ON COLUMN librosa_features.chroma_04_mean IS 'Share of pitch class D sharp (chroma of an STFT), mean over frames, of the frame maximum; 0 to 1';
COMMENT ON COLUMN librosa_features.chroma_04_std IS 'Share of pitch class D sharp (chroma of an STFT), standard deviation over frames, of the frame maximum; 0 or more';
COMMENT ON COLUMN librosa_features.chroma_05_mean IS 'Share of pitch class E (chroma of an STFT), mean over frames, of the frame maximum; 0 to 1';
COMMENT ON COLUMN librosa_features.chroma_05_std IS 'Share of pitch class E (chroma of an STFT), standard deviation over frames, of the frame maximum; 0 or more';
COMMENT ON COLUMN librosa_features.chroma_06_mean IS 'Share of pitch class F (chroma of an STFT), mean over frames, of the frame maximum; 0 to 1';
COMMENT ON COLUMN librosa_features.chroma_06_std IS 'Share of pitch class F (chroma of an STFT), standard deviation over frames, of the frame maximum; 0 or more';
COMMENT ON COLUMN librosa_features.chroma_07_mean IS 'Share of pitch class F sharp (chroma of an STFT), mean over frames, of the frame maximum; 0 to 1';
COMMENT ON COLUMN librosa_features.chroma_07_std IS 'Share of pitch class F sharp (chroma of an STFT), standard deviation over frames, of the frame maximum; 0 or more';
COMMENT ON COLUMN librosa_features.chroma_08_mean IS 'Share of pitch class G (chroma of an STFT), mean over frames, of the frame maximum; 0 to 1';
COMMENT ON COLUMN librosa_features.chroma_08_std IS 'Share of pitch class G (chroma of an STFT), standard deviation over frames, of the frame maximum; 0 or more';
COMMENT ON COLUMN librosa_features.chroma_09_mean IS 'Share of pitch class G sharp (chroma of an STFT), mean over frames, of the frame maximum; 0 to 1';
COMMENT ON COLUMN librosa_features.chroma_09_std IS 'Share of pitch class G sharp (chroma of an STFT), standard deviation over frames, of the frame maximum; 0 or more';
COMMENT ON COLUMN librosa_features.chroma_10_mean IS 'Share of pitch class A (chroma of an STFT), mean over frames, of the frame maximum; 0 to 1';
COMMENT ON COLUMN librosa_features.chroma_10_std IS 'Share of pitch class A (chroma of an STFT), standard deviation over frames, of the frame maximum; 0 or more';
COMMENT ON COLUMN librosa_features.chroma_11_mean IS 'Share of pitch class A sharp (chroma of an STFT), mean over frames, of the frame maximum; 0 to 1';
COMMENT ON COLUMN librosa_features.chroma_11_std IS 'Share of pitch class A sharp (chroma of an STFT), standard deviation over frames, of the frame maximum; 0 or more';
COMMENT ON COLUMN librosa_features.chroma_12_mean IS 'Share of pitch class B (chroma of an STFT), mean over frames, of the frame maximum; 0 to 1';
COMMENT ON COLUMN librosa_features.chroma_12_std IS 'Share of pitch class B (chroma of an STFT), standard deviation over frames, of the frame maximum; 0 or more';
COMMENT ON COLUMN librosa_features.tonnetz_1_mean IS 'Tonal centroid, fifths, sine, mean over frames, unitless; -1 to 1';
COMMENT ON COLUMN librosa_features.tonnetz_1_std IS 'Tonal centroid, fifths, sine, standard deviation over frames, unitless; 0 or more';
COMMENT ON COLUMN librosa_features.tonnetz_2_mean IS 'Tonal centroid, fifths, cosine, mean over frames, unitless; -1 to 1';
COMMENT ON COLUMN librosa_features.tonnetz_2_std IS 'Tonal centroid, fifths, cosine, standard deviation over frames, unitless; 0 or more';
COMMENT ON COLUMN librosa_features.tonnetz_3_mean IS 'Tonal centroid, minor thirds, sine, mean over frames, unitless; -1 to 1';
COMMENT ON COLUMN librosa_features.tonnetz_3_std IS 'Tonal centroid, minor thirds, sine, standard deviation over frames, unitless; 0 or more';
COMMENT ON COLUMN librosa_features.tonnetz_4_mean IS 'Tonal centroid, minor thirds, cosine, mean over frames, unitless; -1 to 1';
COMMENT ON COLUMN librosa_features.tonnetz_4_std IS 'Tonal centroid, minor thirds, cosine, standard deviation over frames, unitless; 0 or more';
COMMENT ON COLUMN librosa_features.tonnetz_5_mean IS 'Tonal centroid, major thirds, sine, mean over frames, unitless; -1 to 1';
COMMENT ON COLUMN librosa_features.tonnetz_5_std IS 'Tonal centroid, major thirds, sine, standard deviation over frames, unitless; 0 or more';
COMMENT ON COLUMN librosa_features.tonnetz_6_mean IS 'Tonal centroid, major thirds, cosine, mean over frames, unitless; -1 to 1';
COMMENT ON COLUMN librosa_features.tonnetz_6_std IS 'Tonal centroid, major thirds, cosine, standard deviation over frames, unitless; 0 or more';
COMMENT ON COLUMN librosa_features.spectral_centroid_mean IS 'Centre of mass of the spectrum: brightness, mean over frames, Hz; 0 to half the sample rate';
COMMENT ON COLUMN librosa_features.spectral_centroid_std IS 'Centre of mass of the spectrum: brightness, standard deviation over frames, Hz; 0 or more';
COMMENT ON COLUMN librosa_features.spectral_bandwidth_mean IS 'Spread of the spectrum around its centre, mean over frames, Hz; 0 to half the sample rate';
COMMENT ON COLUMN librosa_features.spectral_bandwidth_std IS 'Spread of the spectrum around its centre, standard deviation over frames, Hz; 0 or more';
COMMENT ON COLUMN librosa_features.spectral_rolloff_mean IS 'Frequency below which 85 % of the energy lies, mean over frames, Hz; 0 to half the sample rate';
COMMENT ON COLUMN librosa_features.spectral_rolloff_std IS 'Frequency below which 85 % of the energy lies, standard deviation over frames, Hz; 0 or more';
COMMENT ON COLUMN librosa_features.spectral_flatness_mean IS 'Noise-likeness: 0 a tone, 1 white noise, mean over frames, unitless; 0 to 1';
COMMENT ON COLUMN librosa_features.spectral_flatness_std IS 'Noise-likeness: 0 a tone, 1 white noise, standard deviation over frames, unitless; 0 or more';
COMMENT ON COLUMN librosa_features.zero_crossing_rate_mean IS 'Share of samples where the signal changes sign: noisiness, mean over frames, share; 0 to 1';
COMMENT ON COLUMN librosa_features.zero_crossing_rate_std IS 'Share of samples where the signal changes sign: noisiness, standard deviation over frames, share; 0 or more';
COMMENT ON COLUMN librosa_features.rms_mean IS 'Root mean square of the signal: loudness, mean over frames, full scale = 1; 0 or more, at most 1 for unclipped audio';
COMMENT ON COLUMN librosa_features.rms_std IS 'Root mean square of the signal: loudness, standard deviation over frames, full scale = 1; 0 or more';
COMMENT ON COLUMN librosa_features.librosa_tempo IS 'Tempo estimated by librosa in beats a minute; 0 to 1000 BPM, octave errors are common';
COMMENT ON COLUMN librosa_features.onset_rate IS 'Note onsets a second (1/s); 0 or more';
COMMENT ON COLUMN librosa_features.sample_rate IS 'Sample rate of the analysed signal in Hz; normally 22050';
COMMENT ON COLUMN librosa_features.offset_s IS 'Where the analysed excerpt starts, in seconds; 0 or more';
COMMENT ON COLUMN librosa_features.analysed_s IS 'Length of the analysed excerpt in seconds; 0 or more';
COMMENT ON COLUMN librosa_features.librosa_version IS 'Version of librosa that computed the values; text';
COMMENT ON COLUMN librosa_features.extractor_version IS 'Version of the extractor that computed the values; text';
COMMENT ON COLUMN librosa_features.origin IS 'Who computed the values; audio, preview, table or fma';
COMMENT ON COLUMN librosa_features.source IS 'The source that last gave a value; track_sources.source';

CREATE TABLE embeddings (
    track_id VARCHAR NOT NULL,
    model VARCHAR NOT NULL,
    vector FLOAT[] NOT NULL,
    source VARCHAR NOT NULL,
    PRIMARY KEY (track_id, model)
);
COMMENT ON TABLE embeddings IS 'Vectors of any model, made elsewhere; each model is a feature set';
COMMENT ON COLUMN embeddings.track_id IS 'A track; tracks.track_id';
COMMENT ON COLUMN embeddings.model IS 'Name of the model that made the vector; text';
COMMENT ON COLUMN embeddings.vector IS 'The vector; one length a model';
COMMENT ON COLUMN embeddings.source IS 'The source that gave it; track_sources.source';

CREATE TABLE audio_files (
    path VARCHAR NOT NULL,
    size BIGINT NOT NULL CHECK (size >= 0),
    mtime_ns BIGINT NOT NULL,
    audio_id VARCHAR,
    track_id VARCHAR,
    link VARCHAR CHECK (link IN ('isrc', 'names')),
    reason VARCHAR,
    genres VARCHAR[] NOT NULL,
    genre_from VARCHAR NOT NULL,
    settings VARCHAR NOT NULL,
    source VARCHAR NOT NULL,
    PRIMARY KEY (source, path)
);
COMMENT ON TABLE audio_files IS 'What the last scan of a folder knew of each audio file, so that the next one reads only what changed';
COMMENT ON COLUMN audio_files.path IS 'Where the file was found, under the folder that was named; absolute path';
COMMENT ON COLUMN audio_files.size IS 'Size of the file; 0 or more bytes';
COMMENT ON COLUMN audio_files.mtime_ns IS 'When its content was last modified; nanoseconds since 1970';
COMMENT ON COLUMN audio_files.audio_id IS 'Hash of the encoded audio without its tags; 32 hexadecimal digits, NULL if it was never readable';
COMMENT ON COLUMN audio_files.track_id IS 'The track that the file is a recording of; tracks.track_id, NULL if it was never readable';
COMMENT ON COLUMN audio_files.link IS 'Why it is attached to a track that was known already: isrc, or names (artist, title, duration within 3 s); NULL for a track of its own';
COMMENT ON COLUMN audio_files.reason IS 'Why the file could not be read; NULL if it could';
COMMENT ON COLUMN audio_files.genres IS 'Genres as its folder or its tags spell them; a list, empty for none';
COMMENT ON COLUMN audio_files.genre_from IS 'What the genres were read from; folder, tag or none';
COMMENT ON COLUMN audio_files.settings IS 'Excerpt and extractor that it was analysed with; text';
COMMENT ON COLUMN audio_files.source IS 'The source that scanned it; track_sources.source';

CREATE TABLE playlists (
    source VARCHAR PRIMARY KEY,
    playlist_id VARCHAR NOT NULL,
    name VARCHAR NOT NULL,
    genres VARCHAR[] NOT NULL,
    snapshot_id VARCHAR,
    n_items BIGINT NOT NULL CHECK (n_items >= 0),
    n_read BIGINT NOT NULL CHECK (n_read >= 0),
    state VARCHAR NOT NULL CHECK (state IN ('begun', 'read', 'done')),
    seen VARCHAR[] NOT NULL,
    ingest_id BIGINT NOT NULL
);
COMMENT ON TABLE playlists IS 'How far each playlist of a streaming service was read, so that the next run goes on there';
COMMENT ON COLUMN playlists.source IS 'The source that the playlist is; track_sources.source';
COMMENT ON COLUMN playlists.playlist_id IS 'The service''s id of the playlist, or saved for the saved tracks; text';
COMMENT ON COLUMN playlists.name IS 'Name of the playlist when it was last read; text';
COMMENT ON COLUMN playlists.genres IS 'Genres that were given to its tracks, as they were spelled; a list, empty for none';
COMMENT ON COLUMN playlists.snapshot_id IS 'Which version of the playlist was read; text that changes with it';
COMMENT ON COLUMN playlists.n_items IS 'Items in that version; 0 or more';
COMMENT ON COLUMN playlists.n_read IS 'Items of them that were read, from the first on; 0 or more';
COMMENT ON COLUMN playlists.state IS 'begun: items are still to be read; read: all are, in a run that did not end; done: the next run asks whether it changed';
COMMENT ON COLUMN playlists.seen IS 'Tracks among the items read, while it is begun; a list of tracks.track_id, else empty';
COMMENT ON COLUMN playlists.ingest_id IS 'The import that read it; ingests.ingest_id';

CREATE TABLE lookups (
    track_id VARCHAR NOT NULL,
    provider VARCHAR NOT NULL CHECK (provider IN ('spotify', 'reccobeats', 'deezer', 'itunes', 'musicbrainz')),
    kind VARCHAR NOT NULL CHECK (kind IN ('features', 'preview', 'genre', 'artist genre')),
    evidence VARCHAR CHECK (evidence IN ('spotify', 'isrc', 'names', 'audio')),
    reference VARCHAR,
    asked_at TIMESTAMP NOT NULL,
    PRIMARY KEY (track_id, provider, kind)
);
COMMENT ON TABLE lookups IS 'What services answered about a track, so that none is asked twice; errors are not answers';
COMMENT ON COLUMN lookups.track_id IS 'A track; tracks.track_id';
COMMENT ON COLUMN lookups.provider IS 'Who was asked; spotify, reccobeats, deezer, itunes or musicbrainz';
COMMENT ON COLUMN lookups.kind IS 'What for; features, preview, genre (by ISRC) or artist genre (by the artist''s name)';
COMMENT ON COLUMN lookups.evidence IS 'Why the answer is about this track: spotify (its Spotify id), isrc, names (artist, title, duration within 3 s; of an artist genre the artist alone) or audio (the file itself was analysed); NULL if the provider has nothing';
COMMENT ON COLUMN lookups.reference IS 'The provider''s own id of what it answered with; text';
COMMENT ON COLUMN lookups.asked_at IS 'When, in UTC; timestamp';

CREATE TABLE ingests (
    ingest_id BIGINT PRIMARY KEY,
    source VARCHAR NOT NULL,
    location VARCHAR NOT NULL,
    started_at TIMESTAMP NOT NULL,
    finished_at TIMESTAMP NOT NULL,
    n_read BIGINT NOT NULL CHECK (n_read >= 0),
    n_added BIGINT NOT NULL CHECK (n_added >= 0),
    n_updated BIGINT NOT NULL CHECK (n_updated >= 0),
    n_unchanged BIGINT NOT NULL CHECK (n_unchanged >= 0),
    n_rejected BIGINT NOT NULL CHECK (n_rejected >= 0)
);
COMMENT ON TABLE ingests IS 'One row for each finished import';
COMMENT ON COLUMN ingests.ingest_id IS 'Number of the import; from 1';
COMMENT ON COLUMN ingests.source IS 'A source, e.g. demo, study, table:songs.csv';
COMMENT ON COLUMN ingests.location IS 'Where it was read from: a file name or an address without its query; text';
COMMENT ON COLUMN ingests.started_at IS 'Start, in UTC; timestamp';
COMMENT ON COLUMN ingests.finished_at IS 'End, in UTC; timestamp';
COMMENT ON COLUMN ingests.n_read IS 'Rows or files read; 0 or more';
COMMENT ON COLUMN ingests.n_added IS 'Tracks that are new; 0 or more';
COMMENT ON COLUMN ingests.n_updated IS 'Tracks that were known and changed; 0 or more';
COMMENT ON COLUMN ingests.n_unchanged IS 'Tracks that were known and did not change; 0 or more';
COMMENT ON COLUMN ingests.n_rejected IS 'Rows or files rejected; 0 or more';

CREATE TABLE rejects (
    ingest_id BIGINT NOT NULL,
    locator VARCHAR NOT NULL,
    reason VARCHAR NOT NULL
);
COMMENT ON TABLE rejects IS 'Every row or file that was not taken, with the reason';
COMMENT ON COLUMN rejects.ingest_id IS 'The import; ingests.ingest_id';
COMMENT ON COLUMN rejects.locator IS 'Where it stands, e.g. songs.csv row 17; text';
COMMENT ON COLUMN rejects.reason IS 'Why it was rejected; text';

CREATE TABLE runs (
    run_id VARCHAR PRIMARY KEY,
    created_at TIMESTAMP NOT NULL,
    config JSON NOT NULL,
    data_version VARCHAR NOT NULL,
    scores JSON NOT NULL
);
COMMENT ON TABLE runs IS 'Clusterings that were kept';
COMMENT ON COLUMN runs.run_id IS 'Identity of the run; text';
COMMENT ON COLUMN runs.created_at IS 'When it was kept, in UTC; timestamp';
COMMENT ON COLUMN runs.config IS 'The configuration that reproduces it; JSON';
COMMENT ON COLUMN runs.data_version IS 'Version of the data it was computed on; store_version.data_version';
COMMENT ON COLUMN runs.scores IS 'Its scores, each with its space; JSON';

CREATE TABLE assignments (
    run_id VARCHAR NOT NULL,
    track_id VARCHAR NOT NULL,
    cluster INTEGER,
    x DOUBLE CHECK (isfinite(x)),
    y DOUBLE CHECK (isfinite(y)),
    z DOUBLE CHECK (isfinite(z))
);
COMMENT ON TABLE assignments IS 'The cluster and place of each track in a kept run';
COMMENT ON COLUMN assignments.run_id IS 'A run; runs.run_id';
COMMENT ON COLUMN assignments.track_id IS 'A track; tracks.track_id';
COMMENT ON COLUMN assignments.cluster IS 'Number of the cluster, from 0 in order of size; NULL is noise';
COMMENT ON COLUMN assignments.x IS 'First coordinate of the map; unit of the projection';
COMMENT ON COLUMN assignments.y IS 'Second coordinate of the map; unit of the projection';
COMMENT ON COLUMN assignments.z IS 'Third coordinate of the map; unit of the projection';

CREATE TABLE store_version (
    schema_version INTEGER NOT NULL,
    data_version VARCHAR NOT NULL,
    published_at TIMESTAMP NOT NULL
);
COMMENT ON TABLE store_version IS 'One row: what this file is';
COMMENT ON COLUMN store_version.schema_version IS 'Version of these tables; from 1';
COMMENT ON COLUMN store_version.data_version IS 'Hash over tracks, genres and features; 16 hexadecimal digits';
COMMENT ON COLUMN store_version.published_at IS 'When this file was published, in UTC; timestamp';
