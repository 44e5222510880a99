"""The data edge: the only readers and writers of files and databases."""
