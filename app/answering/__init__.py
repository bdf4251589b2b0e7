"""Asking: find passages, build the prompt, run the lanes, check what came back."""
