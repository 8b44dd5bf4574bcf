"""The command line: ``callwright``."""
