"""Asking services on the network: features and previews of tracks, politely and resumably."""
