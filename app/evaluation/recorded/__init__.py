"""Answers of models that were asked elsewhere: read from a file, matched, scored and put into experiments."""
