"""The resources: each view reads its request, calls one thing and is done."""
