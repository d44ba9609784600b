"""Turns notebooks into published reports: the only room that knows papermill and nbconvert."""
