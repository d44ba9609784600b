"""What the published reports of a study say, for measures that bring it together."""
