"""Notebooks run, and work side by side."""
