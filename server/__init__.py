"""The REST API: views over the shells of the engine, and the process that serves them."""
