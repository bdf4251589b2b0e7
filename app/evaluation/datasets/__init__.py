"""Datasets: reading them from tables, writing them, and finding their gold text in the documents."""
