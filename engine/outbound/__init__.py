"""Placing calls: the gate before the dial, the line, the worker, and rehearsals of whole campaigns."""
