"""The style and the script that a page carries inside it."""
