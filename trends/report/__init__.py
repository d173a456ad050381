"""The report of a run: its published tables as pages and charts for people."""
