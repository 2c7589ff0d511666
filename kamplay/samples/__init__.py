"""Invented clients with a known answer: for the demo, for teaching, and for testing that the method finds
what was planted.
"""
