"""What the clock, the places and an account's history know.

Pure functions over packaged data: nothing here reads a clock, and the time-zone
rules come from the pinned ``tzdata`` package, never from the machine.
"""
