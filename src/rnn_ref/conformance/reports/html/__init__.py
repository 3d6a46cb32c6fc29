"""The report as one self-contained page of HTML: no script, and nothing is fetched from anywhere."""
