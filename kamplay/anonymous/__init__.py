"""A copy of an engagement that can be shown to others: names, ids and persons replaced, amounts scaled by one
secret factor, dates moved, free text left out. Shares, ranks, tiers and probabilities stay.
"""
