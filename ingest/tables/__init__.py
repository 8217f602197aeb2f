"""Reading tables of tracks, whatever their dialect, names and units."""
