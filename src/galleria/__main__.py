"""`python -m galleria` is the `galleria` command."""

from galleria.cli.app import main

main()
