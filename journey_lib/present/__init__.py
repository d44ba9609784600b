"""Results, their words, their figures and their masking; nothing here reads a file or runs a notebook."""
