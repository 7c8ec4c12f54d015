"""`python -m services.cli`, the same as `stemma`."""

from services.cli.main import main

main()
