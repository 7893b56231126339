"""Command line: `python -m matcher rank | explain | evaluate`. Files in, files or a table out; no server needed."""

from matcher.cli import main

if __name__ == "__main__":
    main(prog_name="python -m matcher")
