"""Drawing only: domain types in, Streamlit elements out. Knows no SQL, no HTTP and no use case."""
