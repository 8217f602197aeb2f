"""The library behind the Music Clustering Explorer: store, analysis and ui."""
