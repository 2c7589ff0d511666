"""The report: its argument, as a page, as slides and in print."""
