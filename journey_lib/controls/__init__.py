"""Widgets for JupyterLab; no statistics live here."""
