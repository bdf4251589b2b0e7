"""Everything that is kept: the SQLite database, the uploaded files, the index, backups."""
