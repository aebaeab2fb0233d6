"""One module per command; `kcore.cli.main` lists them."""
