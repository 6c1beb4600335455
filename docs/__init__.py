"""Generator of what these pages quote: tables in `generated/`, and pictures in `images/`."""
