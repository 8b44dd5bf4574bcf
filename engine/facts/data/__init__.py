"""Packaged tables; ``README.md`` says where each is from, and under which licence."""
