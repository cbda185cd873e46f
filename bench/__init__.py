"""Side-by-side measurements of the fan-out: `make bench`."""
