"""The profile card: all that is known and planned of one customer, taken from the steps' results."""
