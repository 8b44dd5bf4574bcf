"""Text and pictures of a bundle: graph, diff, schemas, help while typing. Everything reads the compiled bundle."""
