"""Experiments: in which order is asked, the tasks, and the one who sees them through."""
