"""The columns every result speaks in: one list for table, masking and ledger; imports nothing."""

KEYS = (
    "metric",
    "question",
    "option",
    "stage",
    "touchpoint",
    "segment",
    "group",
    "wave",
    "comparison",
    "weighting",
)
NUMBERS = ("estimate", "std_error", "ci_low", "ci_high", "ci_level", "p_value", "n", "n_effective")
UNITS = ("share", "share_points", "points", "score", "count", "days", "seconds", "currency")
VOCABULARY = (*KEYS, *NUMBERS, "unit", "note")
MASKED, WITHHELD = "masked", "withheld"  # notes of a small cell; of one that would give a small one away
HIDDEN = (MASKED, WITHHELD)
