# Reference numbers for stats.tables from R's package `survey`.
# Run from the repository's root:   Rscript tests/references/tables.R
# Made with R 4.2.2 and survey 4.1-1. The rows are those of tests/references/api.csv.
suppressMessages(library(survey))
all <- read.csv("tests/references/api.csv")
say <- function(label, ...) cat(label, "|", sprintf("%.12g", c(...)), "\n")
cut4 <- function(x) cut(x, c(0, 550, 650, 750, 1000), labels = 0:3)

strat <- subset(all, sample == "strat"); strat$level <- cut4(strat$api00)
clus <- subset(all, sample == "clus1"); clus$level <- cut4(clus$api00)
dstrat <- svydesign(id = ~1, strata = ~stype, weights = ~pw, fpc = ~fpc1, data = strat)
dclus <- svydesign(id = ~dnum, weights = ~pw, fpc = ~fpc1, data = clus)
for (name in c("dstrat", "dclus")) {
  d <- get(name)
  t <- svychisq(~sch_wide + stype, d)
  say(paste(name, "sch_wide stype F"), t$statistic, t$parameter, t$p.value)
  t <- svychisq(~level + stype, d)
  say(paste(name, "level stype F"), t$statistic, t$parameter, t$p.value)
  b <- svyby(~level, ~stype, d, svymean)
  say(paste(name, "level by stype"), t(as.matrix(b[, 2:5])))
  say(paste(name, "errors"), t(as.matrix(b[, 6:9])))
}
holes <- transform(strat, level = replace(level, 1:20, NA))
t <- svychisq(~level + stype, svydesign(id = ~1, strata = ~stype, weights = ~pw, fpc = ~fpc1, data = holes))
say("with missing", t$statistic, t$parameter, t$p.value)
raked <- rake(svydesign(id = ~1, weights = ~pw, data = strat), list(~stype), list(data.frame(stype = c("E", "H", "M"), Freq = c(4400, 760, 1034))))
fit <- svyglm(I(level == 3) ~ 0 + stype, dclus)
say("difference H-E", coef(svycontrast(fit, c(-1, 1, 0))), SE(svycontrast(fit, c(-1, 1, 0))))
