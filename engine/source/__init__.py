"""YAML text to located documents, with every finding gathered."""
