"""The command line: every command reads its options, calls the package and prints."""
