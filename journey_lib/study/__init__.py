"""Studies and their data: from study.toml and raw files to one `Study` and one `Data`."""
