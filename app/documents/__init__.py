"""Reading documents, cutting them into passages, and keeping them in collections."""
