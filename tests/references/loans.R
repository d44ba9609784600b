# Reference numbers for tests/measures/test_time_in_stage_truth.py from R's package `survival`.
# Run from the repository's root, with the file of the BPI Challenge 2012 (DOI 10.4121/uuid:3926db30-f712-4394-
# aebc-75976070e91f, as CSV; 262,200 events of 13,087 loan applications):
#   Rscript tests/references/loans.R ../shared/data/events_loan_application/bpic2012_events.csv.gz
# Made with R 4.2.2 and survival 3.5-3. Prints: label | numbers. Times are days.
suppressMessages(library(survival))
log <- read.csv(gzfile(commandArgs(TRUE)[1]), na.strings = character(0), colClasses = "character")
offset <- as.numeric(substr(log$timestamp, nchar(log$timestamp) - 4, nchar(log$timestamp) - 3))
clock <- as.POSIXct(substr(log$timestamp, 1, 19), format = "%Y-%m-%dT%H:%M:%OS", tz = "UTC")
part <- sub("^.{19}(\\.[0-9]+)?.*$", "\\1", log$timestamp)
log$time <- as.numeric(clock) + ifelse(part == "", 0, as.numeric(part)) - 3600 * offset
stages <- c("A_SUBMITTED", "A_PREACCEPTED", "A_ACCEPTED", "O_SENT", "O_SENT_BACK", "A_ACTIVATED")
end <- max(log$time)
cases <- sort(unique(log$case_id))
first <- sapply(stages, function(s) {
  own <- log[log$activity == s, ]
  tapply(own$time, factor(own$case_id, levels = cases), min)
})
amount <- tapply(as.numeric(log$amount_requested), factor(log$case_id, levels = cases), function(v) v[1])
say <- function(label, ...) cat(label, "|", sprintf("%.12g", c(...)), "\n")
for (k in 1:5) {
  later <- first[, (k + 1):6, drop = FALSE]
  before <- suppressWarnings(apply(later, 1, min, na.rm = TRUE))
  here <- !is.na(first[, k]) & first[, k] <= before
  out <- pmin(before, end)[here]
  cause <- ifelse(is.infinite(before), 0, ifelse(!is.na(first[, k + 1]) & first[, k + 1] == before, 1, 2))[here]
  days <- floor(out - first[here, k] + 1e-7) / 86400
  s <- summary(survfit(Surv(days, factor(cause, levels = 0:2)) ~ 1), times = c(1, 7, 30, 90))
  say(paste(stages[k], "spells"), length(days))
  say(paste(stages[k], "moved on"), s$pstate[, 2])
  say(paste(stages[k], "errors"), s$std.err[, 2])
  km <- survfit(Surv(days, cause > 0) ~ 1, conf.type = "log-log")
  say(paste(stages[k], "quartiles of leaving"), quantile(km, c(.25, .5, .75))$quantile)
  say(paste(stages[k], "mean 30"), summary(km, rmean = 30)$table[c("rmean", "se(rmean)")])
}
