"""One module per question; each counts customers, events or answers into a `Result`."""
