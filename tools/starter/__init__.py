"""The bundle that ``callwright init`` starts with: flat files, put in their places by :mod:`tools.init`."""
