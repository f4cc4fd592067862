"""Faults, made by chance and again and again: kills, a store that fails, two builds at once, a full disk."""
