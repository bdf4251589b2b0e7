"""Model servers behind small Protocols: Ollama, OpenAI-compatible ones, and the embedded one."""
