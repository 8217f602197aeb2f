"""The published metadata of the Free Music Archive: its files, rows, genres and features."""
