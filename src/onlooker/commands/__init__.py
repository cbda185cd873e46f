"""Commands: one file per group; each parses its options, calls one part of the product, and prints.

What is printed to standard output is the answer, and data with `--json`; everything else goes to standard error. A
command never asks questions unless a person sits at the terminal.
"""
