"""The bundle that comes with the program: in a wheel its files stand here, in a checkout at the top."""
