"""The sample workspace: an invented company's documents, questions and examples."""
