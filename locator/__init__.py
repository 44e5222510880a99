"""The pure core: exact answers as row numbers and metres; no files, network, clock or database."""
