"""`python -m smpbench`: the command line."""

from smpbench.cli.main import main

main()
