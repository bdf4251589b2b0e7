"""Assay: compare small and large models on your own documents."""

__version__ = "0.1.0"
