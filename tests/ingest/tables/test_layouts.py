"""Tables in the exact layouts that people have, imported and read back value for value."""

import csv
import gzip
import io
from dataclasses import dataclass, field

import pandas as pd
import pytest

from ingest.identity import row_track_id
from music_explorer.store.location import DATA_FOLDER
from music_explorer.store.reader import open_store
from tests.conftest import run_ingest
from tests.ingest.conftest import known_values

ONE, TWO, THREE = "2wrJq5XKLnmhRXHIAf9xBa", "5uvosCdMlFdTXhoazkTI5R", "70YvYr2hGlS01bKRIho1HM"
# danceability, energy, key, loudness, mode, speechiness, acousticness, instrumentalness, liveness,
# valence, tempo: as nearly all tables order them. The second has the codes for "not detected".
CELLS = {
    ONE: "0.554,0.498,9,-8.866,1,0.0685,0.23,5.12e-05,0.795,0.413,79.635",
    TWO: "1.0,0.916,-1,-5.883,0,0.0324,0.00261,0,0.0812,0.5,0",
}
FEATURES = {
    ONE: {
        "danceability": 0.554,
        "energy": 0.498,
        "key": 9,
        "loudness": -8.866,
        "mode": 1,
        "speechiness": 0.0685,
        "acousticness": 0.23,
        "instrumentalness": 5.12e-05,
        "liveness": 0.795,
        "valence": 0.413,
        "tempo": 79.635,
    },
    TWO: {
        "danceability": 1.0,
        "energy": 0.916,
        "loudness": -5.883,
        "mode": 0,
        "speechiness": 0.0324,
        "acousticness": 0.00261,
        "instrumentalness": 0.0,
        "liveness": 0.0812,
        "valence": 0.5,
    },
}
SONGS = {
    ONE: {
        "title": 'EARFQUAKE, "live"',
        "artist": "Tyler, The Creator",
        "album": "IGOR",
        "duration_ms": 190066,
        "popularity": 77,
        "explicit": True,
        **FEATURES[ONE],
    },
    TWO: {
        "title": "千本桜",
        "artist": "黒うさP; 初音ミク",
        "album": "EXIT TUNES, vol. 1",
        "duration_ms": 244000,
        "popularity": 0,
        "explicit": False,
        **FEATURES[TWO],
    },
}


def song(track, *without, **more):
    """Return what is known of a song, less or more than all tables say."""
    known = {**SONGS[track], **more}
    return {name: value for name, value in known.items() if name not in without}


@dataclass(frozen=True)
class Case:
    """A file, how it is imported, and all that the store must know afterwards."""

    content: bytes
    tracks: dict
    genres: set = field(default_factory=set)
    playlists: set = field(default_factory=set)
    rejects: list = field(default_factory=list)
    n_read: int = 0
    name: str = "songs.csv"
    options: tuple = ()
    said: str = ""


def spotify(**tracks):
    return {f"spotify:{track_id}": values for track_id, values in tracks.items()}


def text(*lines, end="\n", encoding="utf-8"):
    return "".join(line + end for line in lines).encode(encoding)


CASES = {}

CASES["the study"] = Case(
    text(
        "album_name,artist_name,track_name,track_preview,track_uri,genre,acousticness,"
        "danceability,energy,key,loudness,mode,speechiness,instrumentalness,liveness,valence,tempo,"
        "duration_ms,time_signature,album_image,MFCC1,MFCC2,MFCC20,Spectral Contrast Freq Band1,"
        "Spectral Contrast Freq Band7,mp3 File",
        "The Doors,The Doors,Light My Fire,https://p.scdn.co/mp3-preview/2d79?cid=5df6,"
        f"spotify:track:{ONE},Rock,0.369,0.413,0.725,3,-5.787,0,0.0324,2.16e-05,0.0905,0.44,"
        "124.618,429760,4,https://i.scdn.co/image/ab67,-91.44361,81.40294,4.6209083,"
        "19.923304206308032,39.10659161767332,actual_music\\_LightMyFire_TheDoors.mp3",
    ),
    spotify(
        **{
            ONE: {
                "title": "Light My Fire",
                "artist": "The Doors",
                "album": "The Doors",
                "preview_url": "https://p.scdn.co/mp3-preview/2d79",
                "cover_url": "https://i.scdn.co/image/ab67",
                "acousticness": 0.369,
                "danceability": 0.413,
                "energy": 0.725,
                "key": 3,
                "loudness": -5.787,
                "mode": 0,
                "speechiness": 0.0324,
                "instrumentalness": 2.16e-05,
                "liveness": 0.0905,
                "valence": 0.44,
                "tempo": 124.618,
                "duration_ms": 429760,
                "time_signature": 4,
                "mfcc_01_mean": -91.44361,
                "mfcc_02_mean": 81.40294,
                "mfcc_20_mean": 4.6209083,
                "spectral_contrast_1_mean": 19.923304206308032,
                "spectral_contrast_7_mean": 39.10659161767332,
            }
        }
    ),
    genres={(ONE, "Rock", None)},
    n_read=1,
)

CASES["Kaggle dataset.csv"] = Case(
    text(
        ",track_id,artists,album_name,track_name,popularity,duration_ms,explicit,danceability,"
        "energy,key,loudness,mode,speechiness,acousticness,instrumentalness,liveness,valence,tempo,"
        "time_signature,track_genre",
        f'0,{ONE},"Tyler, The Creator",IGOR,"EARFQUAKE, ""live""",77,190066,True,{CELLS[ONE]},4,'
        "hip-hop",
        f'1,{TWO},黒うさP;初音ミク,"EXIT TUNES, vol. 1",千本桜,0,244000,False,{CELLS[TWO]},0,j-pop',
        f'2,{TWO},黒うさP;初音ミク,"EXIT TUNES, vol. 1",千本桜,0,244000,False,{CELLS[TWO]},0,anime',
        f"65900,{THREE},,,,0,0,False,{CELLS[ONE]},4,k-pop",
    ),
    spotify(**{ONE: song(ONE, time_signature=4), TWO: song(TWO)}),
    genres={(ONE, "Hip Hop", None), (TWO, "J-Pop", None), (TWO, "Anime", None)},
    rejects=[("songs.csv row 5", "duration_ms=0; expected 1000 to 86400000 ms")],
    n_read=4,
)

CASES["tidytuesday spotify_songs.csv"] = Case(
    text(
        "track_id,track_name,track_artist,track_popularity,track_album_id,track_album_name,"
        "track_album_release_date,playlist_name,playlist_id,playlist_genre,playlist_subgenre,"
        "danceability,energy,key,loudness,mode,speechiness,acousticness,instrumentalness,liveness,"
        "valence,tempo,duration_ms",
        f'{ONE},"EARFQUAKE, ""live""","Tyler, The Creator",77,5zi7,IGOR,2019-05-17,'
        f'"Rap, best of",37i9,rap,southern hip hop,{CELLS[ONE]},190066',
        f'{ONE},"EARFQUAKE, ""live""","Tyler, The Creator",77,5zi7,IGOR,2019-05-17,'
        f"R & B Mix,4zie,r&b,neo soul,{CELLS[ONE]},190066",
        f'{TWO},千本桜,黒うさP; 初音ミク,0,0rEq,"EXIT TUNES, vol. 1",2011,'
        f"Pop,6bAb,pop,dance pop,{CELLS[TWO]},244000",
        f"{THREE},NA,NA,0,0rEq,NA,2012-02,Pop,6bAb,pop,dance pop,{CELLS[TWO]},282707",
    ),
    spotify(
        **{
            ONE: song(ONE, "explicit", release_date="2019-05-17"),
            TWO: song(TWO, "explicit", release_date="2011"),
            # "NA" may be a title, an artist and an album; the id says who the track is.
            THREE: {
                "title": "NA",
                "artist": "NA",
                "album": "NA",
                "popularity": 0,
                "duration_ms": 282707,
                "release_date": "2012-02",
                **FEATURES[TWO],
            },
        }
    ),
    genres={
        (ONE, "Rap", "southern hip hop"),
        (ONE, "R&B", "neo soul"),
        (TWO, "Pop", "dance pop"),
        (THREE, "Pop", "dance pop"),
    },
    playlists={
        (ONE, "Rap, best of", None),
        (ONE, "R & B Mix", None),
        (TWO, "Pop", None),
        (THREE, "Pop", None),
    },
    n_read=4,
)

CASES["1.2M tracks_features.csv"] = Case(
    text(
        "id,name,album,album_id,artists,artist_ids,track_number,disc_number,explicit,danceability,"
        "energy,key,loudness,mode,speechiness,acousticness,instrumentalness,liveness,valence,tempo,"
        "duration_ms,time_signature,year,release_date",
        f'{ONE},"EARFQUAKE, ""live""",IGOR,5zi7,"[\'Tyler, The Creator\']",[\'4V8L\'],2,1,True,'
        f"{CELLS[ONE]},190066,4.0,2019,2019-05-17",
        f"{TWO},千本桜,\"EXIT TUNES, vol. 1\",0rEq,\"['黒うさP', '初音ミク']\",\"['a', 'b']\",1,1,"
        f"False,{CELLS[TWO]},244000,0.0,0,0000",
        f'{THREE},Really Love,Black Messiah,5Hfb,"[""D\'Angelo"", \'The Vanguard\']",[\'336v\'],'
        f"1,1,False,{CELLS[ONE]},344000,3.0,2014,2014-12-15",
    ),
    spotify(
        **{
            ONE: song(ONE, "popularity", time_signature=4, release_date="2019-05-17"),
            TWO: song(TWO, "popularity"),
            THREE: {
                "title": "Really Love",
                "artist": "D'Angelo; The Vanguard",
                "album": "Black Messiah",
                "duration_ms": 344000,
                "explicit": False,
                "time_signature": 3,
                "release_date": "2014-12-15",
                **FEATURES[ONE],
            },
        }
    ),
    n_read=3,
    said="release_date: 1 values not understood and left empty, e.g. '0000'",
)

APP = (
    "Track URI,Track Name,Artist URI(s),Artist Name(s),Album URI,Album Name,Album Artist URI(s),"
    "Album Artist Name(s),Album Release Date,Album Image URL,Disc Number,Track Number,"
    "Track Duration (ms),Track Preview URL,Explicit,Popularity,ISRC,Added By,Added At,"
    "Artist Genres,Danceability,Energy,Key,Loudness,Mode,Speechiness,Acousticness,"
    "Instrumentalness,Liveness,Valence,Tempo,Time Signature,Album Genres,Label,Copyrights"
)
APP_DE = (
    "Track-URI,Track-Name,Künstler-URI(s),Künstlername(n),Album-URI,Album-Name,"
    "Album-Künstler-URI(s),Album-Künstlername(n),Veröffentlichungsdatum des Albums,Album-Bild-URL,"
    "Disc-Nummer,Track-Nummer,Track-Dauer (ms),Track-Vorschau-URL,Explizit,Beliebtheit,ISRC,"
    "Hinzugefügt von,Hinzugefügt am,Künstler-Genres,Tanzbarkeit,Energie,Tonart,Lautstärke,Modus,"
    "Sprachanteil,Akustik,Instrumentalität,Lebendigkeit,Valenz,Tempo,Taktart,Album-Genres,Label,"
    "Urheberrechte"
)
APP_FR = (
    "URI du titre,Nom du titre,URI(s) de l'artiste,Nom(s) de l'artiste,URI de l'album,"
    "Nom de l'album,URI(s) de l'artiste de l'album,Nom(s) de l'artiste de l'album,"
    "Date de sortie de l'album,URL de l'image de l'album,Numéro de disque,Numéro du titre,"
    "Durée du titre (ms),URL de prévisualisation du titre,Explicite,Popularité,ISRC,Ajouté par,"
    "Ajouté le,Genres de l'artiste,Danseabilité,Énergie,Tonalité,Volume sonore,Mode,Parlabilité,"
    "Acoustique,Instrumental,Vivacité,Valence,Tempo,Mesure,Genres de l'album,Label,"
    "Droits d'auteur"
)
APP_JA = (
    "トラックURI,トラック名,アーティストURI,アーティスト名,アルバムURI,アルバム名,"
    "アルバムアーティストURI,アルバムアーティスト名,アルバム発売日,アルバム画像URL,ディスク番号,"
    "トラック番号,トラックの長さ（ミリ秒）,トラックプレビューURL,明示的な内容,人気度,ISRC,追加者,"
    "追加日時,アーティストジャンル,ダンサビリティ,エネルギー,キー,ラウドネス,モード,スピーチ性,"
    "アコースティック性,インストゥルメンタル性,ライブ感,感情値,テンポ,拍子,アルバムジャンル,"
    "レーベル,著作権"
)


def translated(language):
    """Return a header of exportify.app in a language, from the list; its own places unknown."""
    with (DATA_FOLDER / "column_names.csv").open(encoding="utf-8", newline="") as file:
        listed = list(csv.DictReader(file))

    def names(code):
        return {r["column"]: r["name"] for r in listed if r["where"] == f"exportify.app, {code}"}

    english, foreign = names("en"), names(language)
    assert english.keys() == foreign.keys()
    ours = {name: column for column, name in english.items()}
    return [
        foreign[ours[h]] if h in ours else h if h == "ISRC" else f"their {h}"
        for h in APP.split(",")
    ]


def quoted(*rows, delimiter=","):
    out = io.StringIO()
    writer = csv.writer(out, quoting=csv.QUOTE_ALL, delimiter=delimiter, lineterminator="\n")
    writer.writerows(rows)
    return out.getvalue().encode()


def exportify_app(header, one=ONE, two=TWO):
    """Every cell quoted, commas in names escaped, and three ways to write that nothing is known."""
    return quoted(
        header,
        [f"spotify:track:{one}", 'EARFQUAKE, "live"', "spotify:artist:4V8L"]
        + ["Tyler\\, The Creator", "spotify:album:5zi7", "IGOR", "spotify:artist:4V8L"]
        + ["Tyler\\, The Creator", "2019-05-17", "https://i.scdn.co/image/ab67", "1", "2"]
        + ["190066", "https://p.scdn.co/mp3-preview/1?cid=2", "true", "77", "USQX91901108"]
        + ["spotify:user:ann", "2020-01-02T03:04:05Z", "alternative r&b, Hip-Hop"]
        + [*CELLS[ONE].split(","), "4", "Rap", "Columbia", "(P) 2019 Columbia"],
        [f"spotify:track:{two}", "千本桜", "spotify:artist:1, spotify:artist:2"]
        + ["黒うさP, 初音ミク", "spotify:album:0rEq", "EXIT TUNES, vol. 1", "", "Various"]
        + ["2011", "undefined", "1", "1", "244000", "null", "false", "0", "", "", "", ""]
        + [*CELLS[TWO].split(","), "0", "", "EXIT TUNES", ""],
        ["spotify:local:Ann:Demos:Home+Take:61", "Home Take", "", "Ann", "", "undefined", "", ""]
        + ["", "", "0", "0", "61000", "", "false", "0", "undefined", "", "1970-01-01T00:00:00Z"]
        + ["", *["undefined"] * 12, "", "undefined", ""],
    )


APP_TRACKS = spotify(
    **{
        ONE: song(
            ONE,
            time_signature=4,
            release_date="2019-05-17",
            isrc="USQX91901108",
            cover_url="https://i.scdn.co/image/ab67",
            preview_url="https://p.scdn.co/mp3-preview/1",
        ),
        TWO: song(TWO, release_date="2011"),
    }
) | {
    row_track_id("Home Take", "Ann", ""): {
        "title": "Home Take",
        "artist": "Ann",
        "duration_ms": 61000,
        "popularity": 0,
        "explicit": False,
    }
}
APP_GENRES = {(ONE, "Alternative R&b", None), (ONE, "Hip Hop", None)}
for code, header in {"en": APP, "de": APP_DE, "fr": APP_FR, "ja": APP_JA}.items():
    CASES[f"exportify.app ({code})"] = Case(
        exportify_app(header.split(",")),
        APP_TRACKS,
        genres=APP_GENRES,
        n_read=3,
        name="liked_songs.csv",
        options=("--playlist-from", "file"),
        playlists={
            (ONE, "liked_songs", "2020-01-02T03:04:05Z"),
            (TWO, "liked_songs", None),
            ("Home Take", "liked_songs", "1970-01-01T00:00:00Z"),
        },
    )

NET = (
    "Track URI,Track Name,Album Name,Artist Name(s),Release Date,Duration (ms),Popularity,"
    "Explicit,Added By,Added At,Genres,Record Label,Danceability,Energy,Key,Loudness,Mode,"
    "Speechiness,Acousticness,Instrumentalness,Liveness,Valence,Tempo,Time Signature"
)
CASES["exportify.net, 2025"] = Case(
    text(
        NET,
        f'"spotify:track:{ONE}","EARFQUAKE, ""live""","IGOR","Tyler, The Creator",2019-05-17,'
        '190066,77,true,"ann",2020-01-02T03:04:05Z,"alternative r&b,hip hop","Columbia",'
        f"{CELLS[ONE]},4",
        f'"spotify:track:{TWO}","千本桜","EXIT TUNES, vol. 1","黒うさP;初音ミク",2011,244000,0,'
        f'false,"ann",,"","EXIT TUNES",{CELLS[TWO]},0',
        # No features: the row ends before them, or says "undefined".
        f'"spotify:track:{THREE}","Sigur, live","( )","10,000 Maniacs;Sigur Rós",2002,61000,5,'
        'false,"ann",2020-01-02T03:04:05Z,"post-rock","FatCat"',
        '"spotify:local:Ann:Demos:Home+Take:61","Home Take","","Ann",undefined,61000,0,false,"ann"'
        f',,"","",{",".join(["undefined"] * 12)}',
        encoding="utf-8-sig",
    ),
    spotify(
        **{
            ONE: song(ONE, time_signature=4, release_date="2019-05-17"),
            TWO: song(TWO, release_date="2011"),
            THREE: {
                "title": "Sigur, live",
                "artist": "10,000 Maniacs; Sigur Rós",
                "album": "( )",
                "release_date": "2002",
                "duration_ms": 61000,
                "popularity": 5,
                "explicit": False,
            },
        }
    )
    | {
        row_track_id("Home Take", "Ann", ""): {
            "title": "Home Take",
            "artist": "Ann",
            "duration_ms": 61000,
            "popularity": 0,
            "explicit": False,
        }
    },
    genres={*APP_GENRES - {(ONE, "Alternative R&b", None)}, (ONE, "Alternative R&b", None)}
    | {(THREE, "Post Rock", None)},
    n_read=4,
    said="1 lines with too many or too few cells were mended",
)

CASES["exportify.net, before July 2025"] = Case(
    text(
        "Spotify ID,Artist IDs,Track Name,Album Name,Artist Name(s),Release Date,Duration (ms),"
        "Popularity,Added By,Added At,Genres,Danceability,Energy,Key,Loudness,Mode,Speechiness,"
        "Acousticness,Instrumentalness,Liveness,Valence,Tempo,Time Signature",
        f'"{ONE}","4V8L","EARFQUAKE, ""live""","IGOR","Tyler, The Creator",2019-05-17,190066,77,'
        f'"ann",2020-01-02T03:04:05Z,"hip hop",{CELLS[ONE]},4',
        f'"{TWO}","1,2","千本桜","EXIT TUNES, vol. 1","黒うさP,初音ミク",2011,244000,0,"ann",,"",'
        f"{CELLS[TWO]},0",
    ),
    spotify(
        **{
            ONE: song(ONE, "explicit", time_signature=4, release_date="2019-05-17"),
            TWO: song(TWO, "explicit", release_date="2011"),
        }
    ),
    genres={(ONE, "Hip Hop", None)},
    n_read=2,
)

CASES["tabs inside header names"] = Case(
    text(
        '"Track ID\t","Track\tName","\tAlbum Name","Artist Name(s)\t","Duration\t(ms)",'
        '"Added By\t","Tempo\t"',
        f'"{ONE}","EARFQUAKE, ""live""","IGOR","Tyler, The Creator","190066","ann","79.635"',
    ),
    spotify(
        **{
            ONE: {
                "title": 'EARFQUAKE, "live"',
                "artist": "Tyler, The Creator",
                "album": "IGOR",
                "duration_ms": 190066,
                "tempo": 79.635,
            }
        }
    ),
    n_read=1,
)

CASES["Kaggle top10s.csv"] = Case(
    text(
        ",title,artist,top genre,year,bpm,nrgy,dnce,dB,live,val,dur,acous,spch,pop",
        '1,"Déjà Vu, part 2",Beyoncé,dance pop,2010,97,89,67,-4,8,80,217,19,4,83',
        "2,TiK ToK,Kesha,dance pop,2010,0,84,100,-3,29,71,200,0,1,80",
        encoding="cp1252",
    ),
    {
        row_track_id("Déjà Vu, part 2", "Beyoncé", ""): {
            "title": "Déjà Vu, part 2",
            "artist": "Beyoncé",
            "release_date": "2010",
            "tempo": 97,
            "energy": 0.89,
            "danceability": 0.67,
            "loudness": -4,
            "liveness": 0.08,
            "valence": 0.80,
            "duration_ms": 217000,
            "acousticness": 0.19,
            "speechiness": 0.04,
            "popularity": 83,
        },
        row_track_id("TiK ToK", "Kesha", ""): {
            "title": "TiK ToK",
            "artist": "Kesha",
            "release_date": "2010",
            "energy": 0.84,
            "danceability": 1.0,
            "loudness": -3,
            "liveness": 0.29,
            "valence": 0.71,
            "duration_ms": 200000,
            "acousticness": 0.0,
            "speechiness": 0.01,
            "popularity": 80,
        },
    },
    genres={("Déjà Vu, part 2", "Dance Pop", None), ("TiK ToK", "Dance Pop", None)},
    n_read=2,
)

CASES["Kaggle top50.csv"] = Case(
    text(
        '"","Track.Name","Artist.Name","Genre","Beats.Per.Minute","Energy","Danceability",'
        '"Loudness..dB..","Liveness","Valence.","Length.","Acousticness..","Speechiness.",'
        '"Popularity"',
        '"1","Señorita","Shawn Mendes","canadian pop",117,55,76,-6,8,75,191,4,3,79',
        end="\r\n",
        encoding="cp1252",
    ),
    {
        row_track_id("Señorita", "Shawn Mendes", ""): {
            "title": "Señorita",
            "artist": "Shawn Mendes",
            "tempo": 117,
            "energy": 0.55,
            "danceability": 0.76,
            "loudness": -6,
            "liveness": 0.08,
            "valence": 0.75,
            "duration_ms": 191000,
            "acousticness": 0.04,
            "speechiness": 0.03,
            "popularity": 79,
        }
    },
    genres={("Señorita", "Canadian Pop", None)},
    n_read=1,
)

CASES["Kaggle spotify-2023.csv"] = Case(
    text(
        "track_name,artist(s)_name,artist_count,released_year,released_month,released_day,"
        "in_spotify_playlists,in_spotify_charts,streams,in_apple_playlists,in_apple_charts,"
        "in_deezer_playlists,in_deezer_charts,in_shazam_charts,bpm,key,mode,danceability_%,"
        "valence_%,energy_%,acousticness_%,instrumentalness_%,liveness_%,speechiness_%",
        'EARFQUAKE,"Tyler, The Creator, Playboi Carti",2,2019,5,17,5539,0,"1,234",1,2,"1,021",3,'
        "4,80,C#,Minor,55,41,50,23,0,80,7",
        "Seven,Jung Kook,1,2023,7,14,553,147,141381703,43,263,45,10,826,"
        "125,,Major,80,89,83,31,1,8,4",
    ),
    {
        row_track_id("EARFQUAKE", "Tyler, The Creator; Playboi Carti", ""): {
            "title": "EARFQUAKE",
            "artist": "Tyler, The Creator; Playboi Carti",
            "release_date": "2019",
            "tempo": 80,
            "key": 1,
            "mode": 0,
            "danceability": 0.55,
            "valence": 0.41,
            "energy": 0.50,
            "acousticness": 0.23,
            "instrumentalness": 0.0,
            "liveness": 0.80,
            "speechiness": 0.07,
        },
        row_track_id("Seven", "Jung Kook", ""): {
            "title": "Seven",
            "artist": "Jung Kook",
            "release_date": "2023",
            "tempo": 125,
            "mode": 1,
            "danceability": 0.80,
            "valence": 0.89,
            "energy": 0.83,
            "acousticness": 0.31,
            "instrumentalness": 0.01,
            "liveness": 0.08,
            "speechiness": 0.04,
        },
    },
    n_read=2,
)

GTZAN = "filename,length,"
GTZAN += ",".join(
    f"{name}_mean,{name}_var"
    for name in "chroma_stft rms spectral_centroid spectral_bandwidth rolloff zero_crossing_rate "
    "harmony perceptr".split()
)
GTZAN += ",tempo," + ",".join(f"mfcc{n}_mean,mfcc{n}_var" for n in range(1, 21)) + ",label"
CASES["GTZAN features_30_sec.csv"] = Case(
    text(
        GTZAN,
        "blues.00000.wav,661794,0.35,0.0888,0.13,0.0028,1784.165,129774.0625,2002.449,85882.76,"
        "3805.8396,901505.4,0.083,0.00077,-4.5e-05,0.0082,7.8e-06,0.0057,123.046875,"
        + ",".join(f"{n}.5,{n * n}" for n in range(1, 21))
        + ",blues",
    ),
    {
        row_track_id("blues.00000.wav", "", ""): {
            "title": "blues.00000.wav",
            "duration_ms": 30013,
            "rms_mean": 0.13,
            "rms_std": 0.0028**0.5,
            "spectral_centroid_mean": 1784.165,
            "spectral_centroid_std": 360.2416722,
            "spectral_bandwidth_mean": 2002.449,
            "spectral_bandwidth_std": 85882.76**0.5,
            "spectral_rolloff_mean": 3805.8396,
            "spectral_rolloff_std": 901505.4**0.5,
            "zero_crossing_rate_mean": 0.083,
            "zero_crossing_rate_std": 0.00077**0.5,
            "librosa_tempo": 123.046875,
            **{f"mfcc_{n:02d}_mean": n + 0.5 for n in range(1, 21)},
            **{f"mfcc_{n:02d}_std": n for n in range(1, 21)},
        }
    },
    genres={("blues.00000.wav", "Blues", None)},
    n_read=1,
)

PLAIN = ("track_id", "title", "artist", "album", "duration_ms", "popularity", "explicit")
HEADER = (*PLAIN, "danceability energy key loudness mode speechiness acousticness")
HEADER = [*PLAIN, *HEADER[-1].split(), "instrumentalness", "liveness", "valence", "tempo"]


def plain_rows(one=ONE, two=TWO):
    return [
        [one, 'EARFQUAKE, "live"', "Tyler, The Creator", "IGOR", "190066", "77", "TRUE"]
        + CELLS[ONE].split(","),
        [two, "千本桜", "黒うさP;初音ミク", "EXIT TUNES, vol. 1", "244000", "0", "0"]
        + CELLS[TWO].split(","),
    ]


def written(rows, *, delimiter=",", end="\r\n", first=""):
    out = io.StringIO()
    csv.writer(out, delimiter=delimiter, lineterminator=end).writerows([HEADER, *rows])
    return first + out.getvalue()


def with_comma(rows):
    """Return the rows as a spreadsheet in much of Europe writes them."""
    return [[*row[:7], *(cell.replace(".", ",") for cell in row[7:])] for row in rows]


def grouped(rows, mark):
    return [[*row[:4], f"{row[4][:-3]}{mark}{row[4][-3:]}", *row[5:]] for row in rows]


# The same songs, written in every way: rows -> the bytes of the file.
WAYS = {
    "pipe": lambda rows: written(rows, delimiter="|").encode(),
    "tab": lambda rows: written(rows, delimiter="\t").encode(),
    "semicolon": lambda rows: written(rows, delimiter=";").encode(),
    "UTF-8 with a mark": lambda rows: written(rows).encode("utf-8-sig"),
    "UTF-16": lambda rows: written(rows, delimiter="\t").encode("utf-16"),
    "UTF-16 without a mark": lambda rows: written(rows).encode("utf-16-le"),
    "line ends CR": lambda rows: written(rows, end="\r").encode(),
    "line ends LF": lambda rows: written(rows, end="\n").encode(),
    "gzip": lambda rows: gzip.compress(written(rows).encode()),
    "sep=;": lambda rows: written(rows, delimiter=";", first="sep=;\r\n").encode(),
    "sep=tab": lambda rows: written(rows, delimiter="\t", first="sep=\t\r\n").encode("utf-16"),
    "decimal comma": lambda rows: written(with_comma(rows), delimiter=";").encode("utf-8-sig"),
    "decimal comma, tab": lambda rows: written(with_comma(rows), delimiter="\t").encode("utf-16"),
    "decimal comma, quoted": lambda rows: written(with_comma(rows)).encode(),
    "thousands": lambda rows: written(grouped(rows, ","), delimiter="|").encode(),
    "thousands, decimal comma": lambda rows: written(
        with_comma(grouped(rows, ".")), delimiter=";"
    ).encode(),
    "thousands, narrow spaces": lambda rows: written(grouped(rows, "\u202f")).encode(),
    "spaces around cells": lambda rows: written(
        [[f"  {cell} " for cell in row] for row in rows]
    ).encode(),
    "empty lines before and between": lambda rows: ("\n\n" + written(rows, end="\n\n")).encode(),
    "a delimiter at the end of every row": lambda rows: (
        written(rows, end=",\n").replace("tempo,", "tempo", 1).encode()
    ),
    "each record in one cell": lambda rows: quoted(
        *([line] for line in written(rows, end="\n").splitlines())
    ),
    "joined files": lambda rows: (
        written(rows[:1], end="\n") + written(rows[1:], end="\n")
    ).encode(),
}
LANGUAGES = "ar de el es fr it ja nl pt sv tr zh-Hans zh-Hant yue".split()


def parquet(frame, **options):
    out = io.BytesIO()
    frame.to_parquet(out, **options)
    return out.getvalue()


TYPED = pd.DataFrame(plain_rows(), columns=HEADER).replace({"explicit": {"TRUE": True, "0": False}})
for column in HEADER[7:] + ["popularity", "duration_ms"]:
    TYPED[column] = TYPED[column].astype("float64" if column in HEADER[7:] else "Int64")
TYPED["artist"] = [["Tyler, The Creator"], ["黒うさP", "初音ミク"]]
TYPED["key"] = TYPED["key"].astype("int8")
TYPED["explicit"] = TYPED["explicit"].astype(bool)
TYPED["release_date"] = pd.to_datetime(["2019-05-17", None])
CASES["Parquet, typed"] = Case(
    parquet(TYPED.assign(album=TYPED["album"].astype("category"), raw=[b"\xff", b"1"])),
    spotify(**{ONE: song(ONE, release_date="2019-05-17"), TWO: song(TWO)}),
    n_read=2,
    name="songs.parquet",
)

CASES["no features"] = Case(
    text("Song;Artist;Length", "Halo;Beyoncé;4:21", "Умри;МакSим;1:02:03"),
    {
        row_track_id("Halo", "Beyoncé", ""): {
            "title": "Halo",
            "artist": "Beyoncé",
            "duration_ms": 261000,
        },
        row_track_id("Умри", "МакSим", ""): {
            "title": "Умри",
            "artist": "МакSим",
            "duration_ms": 3723000,
        },
    },
    n_read=2,
    name="genre_rock.csv",
    options=("--genre-from", "file", "--playlist-from", "file"),
    genres={("Halo", "Rock", None), ("Умри", "Rock", None)},
    playlists={("Halo", "genre_rock", None), ("Умри", "genre_rock", None)},
    said="no audio features in this table, so its tracks cannot be clustered yet: export it with "
    "features, or import a public table that has the same tracks",
)

SUMMARY = []
A_FEATURE = {"energy", "tempo", "mfcc_01_mean"}
JOIN = "JOIN tracks AS t USING (track_id)"
# Spotify's id where a track has one, else its title.
WHO = "if(t.track_id LIKE 'spotify:%', t.track_id[9:], t.title)"


@pytest.fixture(scope="module", autouse=True)
def summary():
    """Print what every format gave, where output is shown (``pytest -s``)."""
    yield
    line = "{:<38}{:>6}{:>8}{:>8}{:>10}{:>9}"
    print("\n" + line.format("format", "rows", "tracks", "genres", "features", "rejects"))
    for row in SUMMARY:
        print(line.format(*row))


def numbered(track, n):
    return f"{track[:-3]}{n:03d}"


@pytest.fixture(scope="module")
def everywhere(tmp_path_factory):
    """Import a file for each way and each language, all by one command; id -> values."""
    folder = tmp_path_factory.mktemp("everywhere")
    for n, label in enumerate([*WAYS, *LANGUAGES]):
        ids = numbered(ONE, n), numbered(TWO, n)
        if label in WAYS:
            content = WAYS[label](plain_rows(*ids))
        else:
            content = exportify_app(translated(label), *ids)
        (folder / f"{n:03d}.csv").write_bytes(content)
    done = run_ingest("table", *sorted(folder.glob("*.csv")), "--store", folder / "a.duckdb")
    assert done.returncode == 0, done.stderr
    with open_store(folder / "a.duckdb") as con:
        return known_values(con), {row[0]: row[1:] for row in con.execute(PER_FILE).fetchall()}


PER_FILE = """
    SELECT i.source, any_value(i.n_read), count(DISTINCT ts.track_id), count(DISTINCT g.genre),
        count(DISTINCT s.track_id), any_value(i.n_rejected)
    FROM ingests AS i
    JOIN track_sources AS ts USING (source)
    LEFT JOIN track_genres AS g ON g.track_id = ts.track_id AND g.source = i.source
    LEFT JOIN spotify_features AS s ON s.track_id = ts.track_id AND s.source = i.source
    GROUP BY i.source
"""


@pytest.mark.parametrize("label", WAYS)
def test_the_same_songs_are_read_alike_however_they_are_written(label, everywhere):
    found, counts = everywhere
    n = [*WAYS].index(label)
    for track in (ONE, TWO):
        assert found[f"spotify:{numbered(track, n)}"] == pytest.approx(SONGS[track])
    assert counts[f"table:{n:03d}.csv"] == (2, 2, 0, 2, 0)
    SUMMARY.append((label, *counts[f"table:{n:03d}.csv"]))


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_header_of_exportify_app_is_known_in_its_language(language, everywhere):
    found, counts = everywhere
    n = len(WAYS) + LANGUAGES.index(language)
    for track in (ONE, TWO):
        known = APP_TRACKS[f"spotify:{track}"]
        assert found[f"spotify:{numbered(track, n)}"] == pytest.approx(known)
    assert counts[f"table:{n:03d}.csv"] == (3, 3, 2, 2, 0)
    SUMMARY.append((f"exportify.app ({language}, listed)", *counts[f"table:{n:03d}.csv"]))


@pytest.mark.parametrize("name", CASES)
def test_every_value_of_a_layout_is_stored_as_it_is(name, tmp_path, run, ask, stored):
    case = CASES[name]
    path = tmp_path / case.name
    path.write_bytes(case.content)
    done = run("table", path, *case.options)
    assert done.code == (3 if case.rejects else 0), done.err
    assert f"{case.n_read:,} read, {len(case.tracks):,} added" in done.out
    assert case.said in done.out
    found = stored()
    assert found.keys() == case.tracks.keys()
    for track_id, known in case.tracks.items():
        assert found[track_id] == pytest.approx(known), track_id
    genres = ask(f"SELECT {WHO}, genre, subgenre FROM track_genres {JOIN}")
    assert sorted(map(str, genres)) == sorted(map(str, case.genres))
    lists = ask(f"SELECT {WHO}, playlist, added_at FROM track_playlists {JOIN}")
    assert sorted(map(str, lists)) == sorted(map(str, case.playlists))
    assert ask("SELECT locator, reason FROM rejects ORDER BY ALL") == case.rejects
    n_genres = len({genre for _, genre, _ in genres})
    n_features = sum(bool(known.keys() & A_FEATURE) for known in found.values())
    SUMMARY.append((name, case.n_read, len(found), n_genres, n_features, len(case.rejects)))


@pytest.mark.parametrize("name", ["Kaggle dataset.csv", "exportify.net, 2025", "Parquet, typed"])
def test_the_same_file_again_changes_nothing(name, tmp_path, run, stored):
    case = CASES[name]
    path = tmp_path / case.name
    path.write_bytes(case.content)
    run("table", path)
    before = stored()
    done = run("table", path)
    assert "0 added, 0 updated" in done.out
    assert "(nothing changed)" in done.out
    assert stored() == before


def test_a_newer_export_updates_and_counts_what_changed(tmp_path, run, ask, stored):
    path = tmp_path / "liked.csv"
    path.write_bytes(written(plain_rows()).encode())
    run("table", path)
    rows = plain_rows()
    newer = [[*rows[0][:5], "80", *rows[0][6:]], rows[1], [THREE, "New", *rows[0][2:]]]
    path.write_bytes(written(newer).encode())
    done = run("table", path)
    assert "3 read, 1 added, 1 updated, 1 unchanged, 0 rejected" in done.out
    assert stored()[f"spotify:{ONE}"] == pytest.approx(song(ONE, popularity=80))


def test_one_track_in_several_files_has_the_genres_of_all(tmp_path, run, ask):
    for genre in ("rock", "deep-house"):
        (tmp_path / f"genre_{genre}.csv").write_bytes(written(plain_rows()).encode())
    files = sorted(tmp_path.glob("genre_*.csv"))
    assert run("table", *files, "--genre-from", "file").code == 0
    assert ask("SELECT DISTINCT genre, origin FROM track_genres ORDER BY 1") == [
        ("Deep House", "file"),
        ("Rock", "file"),
    ]
    assert ask("SELECT count(*) FROM track_genres") == [(4,)]


def test_a_person_can_say_what_a_column_is(tmp_path, run, stored):
    path = tmp_path / "songs.csv"
    path.write_text("Werk;Wer;Länge;tempo\nHalo;Ann;261;spread\n", encoding="utf-8")
    maps = ["Werk=title", "Wer=artist", "Länge=duration_s", "tempo="]
    assert run("table", path, *(word for m in maps for word in ("--map", m))).code == 0
    assert list(stored().values()) == [{"title": "Halo", "artist": "Ann", "duration_ms": 261000}]
