"""The drawings: one style, labels that keep apart, and their SVG."""
