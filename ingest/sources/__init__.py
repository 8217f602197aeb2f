"""One file a source; each turns what it reads into batches for the store."""
