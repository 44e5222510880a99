"""The web edge: pages, maps and the API."""
