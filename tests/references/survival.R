# Reference numbers for tests/stats/test_survival_reference.py from R's package `survival`.
# Run from the repository's root:   Rscript tests/references/survival.R
# Made with R 4.2.2 and survival 3.5-3. Data sets `veteran`, `lung`, `bladder` and `mgus2` come with the package.
# `Rscript tests/references/survival.R csv` writes tests/references/survival.csv: the columns the tests need.
suppressMessages(library(survival))

mine <- data.frame( # ties, exits of two causes at one time, a censoring at an exit, a zero, late entries
  time = c(0, 1, 2, 2, 2, 3, 4, 4, 5, 6, 6, 7, 8, 9, 9, 10),
  cause = c(1, 1, 1, 2, 0, 2, 1, 1, 0, 2, 1, 0, 1, 2, 1, 0),
  entry = c(0, 0, 0, 0, 1, 0, 1, 2, 0, 3, 0, 4, 5, 0, 6, 7),
  group = c("a", "b", "a", "a", "b", "b", "a", "b", "a", "b", "b", "a", "a", "b", "b", "a"),
  id = c(1, 2, 3, 3, 4, 4, 5, 5, 6, 7, 7, 8, 9, 9, 10, 10))

if (identical(commandArgs(TRUE), "csv")) {
  v <- data.frame(set = "veteran", id = seq_len(nrow(veteran)), entry = 0, time = veteran$time,
                  cause = veteran$status, group = as.character(veteran$trt), strata = as.character(veteran$celltype),
                  x = veteran$karno)
  b <- subset(bladder, enum < 5)
  b <- data.frame(set = "bladder", id = b$id, entry = 0, time = b$stop, cause = b$event,
                  group = as.character(b$rx), strata = as.character(b$enum), x = b$number)
  m <- mgus2[1:400, ]
  m <- data.frame(set = "mgus2", id = m$id, entry = 0, time = ifelse(m$pstat == 0, m$futime, m$ptime),
                  cause = ifelse(m$pstat == 0, 2 * m$death, 1), group = as.character(m$sex), strata = "", x = m$age)
  write.csv(rbind(v, b, m), "tests/references/survival.csv", row.names = FALSE, quote = FALSE)
  quit()
}

say <- function(label, ...) cat(label, "|", sprintf("%.15g", c(...)), "\n")
curve <- function(label, fit, at) {
  s <- summary(fit, times = at)
  say(paste(label, "survival"), s$surv); say(paste(label, "error"), s$std.err)
  say(paste(label, "low"), s$lower); say(paste(label, "high"), s$upper); say(paste(label, "at risk"), s$n.risk)
}
median_of <- function(label, fit) {
  q <- quantile(fit, c(.25, .5, .75)); say(label, q$quantile, q$lower, q$upper)
}
mean_of <- function(label, fit, tau) {
  t <- summary(fit, rmean = tau)$table
  if (is.null(dim(t))) say(label, t["rmean"], t["se(rmean)"]) else say(label, t[, "rmean"], t[, "se(rmean)"])
}
chi <- function(label, f) say(label, f$chisq)

s <- survfit(Surv(time, cause > 0) ~ 1, mine, conf.type = "log-log")
curve("mine", s, c(0, 2, 4, 6, 9)); median_of("mine quantiles", s); mean_of("mine mean", s, 8)
chi("mine logrank", survdiff(Surv(time, cause > 0) ~ group, mine))
s <- survfit(Surv(time, cause > 0) ~ 1, mine, cluster = id, conf.type = "log-log")
say("mine clustered error", summary(s, times = c(0, 2, 4, 6, 9))$std.err)
s <- survfit(Surv(time, factor(cause)) ~ 1, mine)
s <- summary(s, times = c(0, 2, 4, 6, 9))
say("mine first", s$pstate[, 2]); say("mine second", s$pstate[, 3])
say("mine first error", s$std.err[, 2]); say("mine second error", s$std.err[, 3])
f <- survfit(Surv(time, factor(cause)) ~ 1, mine, influence = TRUE)  # with cluster = id R still says the plain errors
at <- findInterval(c(0, 2, 4, 6, 9), f$time)
say("mine first clustered", sqrt(colSums(rowsum(f$influence.pstate[, at + 1, 2], mine$id)^2)))
late <- subset(mine, time > 0)
s <- survfit(Surv(entry, time, cause > 0) ~ 1, late, conf.type = "log-log")
curve("late", s, c(2, 4, 6, 9)); median_of("late quantiles", s); mean_of("late mean", s, 8)
f <- coxph(Surv(entry, time, cause == 1) ~ group, late, ties = "exact", init = 0, iter.max = 0)
say("late score", f$score)
s <- summary(survfit(Surv(entry, time, factor(cause)) ~ 1, late, id = seq_len(15)), times = c(2, 4, 6, 9))
say("late first", s$pstate[, 2]); say("late second", s$pstate[, 3])

s <- survfit(Surv(time, status) ~ 1, veteran, conf.type = "log-log")
curve("veteran", s, c(10, 50, 100, 300)); median_of("veteran quantiles", s); mean_of("veteran mean", s, 200)
s <- survfit(Surv(time, status) ~ trt, veteran, conf.type = "log-log")
median_of("veteran by arm", s); mean_of("veteran mean by arm", s, 200)
chi("veteran logrank", survdiff(Surv(time, status) ~ trt, veteran))
chi("veteran cells", survdiff(Surv(time, status) ~ celltype, veteran))
chi("veteran stratified", survdiff(Surv(time, status) ~ trt + strata(celltype), veteran))
f <- coxph(Surv(time, status) ~ I(trt == 2) + karno, veteran)
say("veteran cox", coef(f), sqrt(diag(vcov(f))), f$loglik[2])

b <- subset(bladder, enum < 5)
f <- coxph(Surv(stop, event) ~ I(rx == 2) + number, b, cluster = id)
say("bladder cox", coef(f), sqrt(diag(vcov(f))), sqrt(diag(f$naive.var)))
s <- summary(survfit(Surv(stop, event) ~ 1, b, cluster = id), times = c(5, 10, 20, 30))
say("bladder clustered error", s$std.err)
f <- coxph(Surv(entry, time, cause == 1) ~ group, late, cluster = id)
say("late cox", coef(f), sqrt(diag(vcov(f))), sqrt(f$naive.var))

m <- mgus2[1:400, ]
m$time <- with(m, ifelse(pstat == 0, futime, ptime))
m$cause <- with(m, factor(ifelse(pstat == 0, 2 * death, 1)))
s <- summary(survfit(Surv(time, cause) ~ 1, m), times = c(24, 60, 120, 240))
say("mgus2 first", s$pstate[, 2]); say("mgus2 second", s$pstate[, 3])
say("mgus2 first error", s$std.err[, 2]); say("mgus2 second error", s$std.err[, 3])
