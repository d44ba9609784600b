# Reference numbers for strata with a single sampling unit, from R's package `survey`.
# Run from the repository's root:   Rscript tests/references/lonely.R
# Made with R 4.2.2 and survey 4.1-1. The 14 rows are typed here and in tests/stats/test_linearisation.py.
suppressMessages(library(survey))
rows <- data.frame(
  stratum = c("a", "a", "a", "a", "b", "b", "b", "b", "c", "c", "d", "d", "d", "d"),
  psu = c(1, 1, 2, 2, 3, 3, 4, 5, 6, 6, 7, 7, 8, 8),
  w = c(1, 2, 1.5, 1, 2, 1, 3, 1, 2.5, 1, 1, 1, 2, 2),
  y = c(3, 5, 4, 7, 1, 2, 6, 4, 9, 8, 5, 6, 7, 3),
  d = c(1, 0, 1, 1, 1, 1, 0, 1, 1, 0, 0, 0, 0, 0),
  m = c("u", "v", "u", "v", "u", "u", "v", "v", "u", "v", "u", "v", "v", "u"))
design <- svydesign(id = ~psu, strata = ~stratum, weights = ~w, data = rows)
capped <- svydesign(id = ~psu, strata = ~stratum, weights = ~w, fpc = ~N,
                    data = transform(rows, N = c(a = 10, b = 12, c = 1, d = 8)[stratum]))
say <- function(label, stat) cat(label, "|", sprintf("%.15g", c(coef(stat), SE(stat))), "\n")
for (rule in c("adjust", "remove", "average")) {
  options(survey.lonely.psu = rule)
  say(paste(rule, "mean"), svymean(~y, design))
  say(paste(rule, "total"), svytotal(~y, design))
  say(paste(rule, "domain mean"), svymean(~y, subset(design, d == 1)))
  cal <- calibrate(design, ~m, c(`(Intercept)` = 25, mv = 12), calfun = "raking", epsilon = 1e-13)
  say(paste(rule, "raked mean"), svymean(~y, cal))
  say(paste(rule, "raked domain mean"), svymean(~y, subset(cal, d == 1)))
}
options(survey.lonely.psu = "fail")
say("certainty mean", svymean(~y, capped))
