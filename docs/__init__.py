"""What the documents are made by; each page that is generated says by what."""
