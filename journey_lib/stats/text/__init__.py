"""Texts in numbers: sentences and their language, runs of characters, tone, words and themes."""
