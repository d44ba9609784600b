"""Does the workbench keep its promises over many seeds? `python -m bench.calibrate` writes it down."""
