"""Measuring answers: scores, statistics and what they say."""
