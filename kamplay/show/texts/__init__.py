"""The words of presets, faults and bands, in both languages."""
