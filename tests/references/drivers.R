# Reference numbers for stats.drivers: linear and ordinal models under a design, LMG and Johnson shares.
# Run from the repository's root:   Rscript tests/references/drivers.R
# Made with R 4.2.2, survey 4.1-1 and MASS 7.3-58.2. The rows are those of tests/references/api.csv.
suppressMessages({library(survey); library(MASS)})
all <- read.csv("tests/references/api.csv")
say <- function(label, ...) cat(label, "|", sprintf("%.12g", c(...)), "\n")

clus <- subset(all, sample == "clus1")
dclus <- svydesign(id = ~dnum, weights = ~pw, fpc = ~fpc1, data = clus)
fit <- svyglm(api00 ~ api99 + enroll + api_stu, dclus)
say("clus1 svyglm", coef(fit), SE(fit), fit$df.residual)

strat <- subset(all, sample == "strat")
strat$level <- ordered(cut(strat$api00, c(0, 550, 650, 750, 1000), labels = 1:4))
strat$z99 <- strat$api99 / 100
strat$z_enroll <- strat$enroll / 1000
dstrat <- svydesign(id = ~1, strata = ~stype, weights = ~pw, fpc = ~fpc1, data = strat)
ordinal <- svyolr(level ~ z99 + z_enroll, dstrat, control = list(reltol = 1e-15))
say("strat svyolr", coef(ordinal), SE(ordinal))
plain <- polr(level ~ z99 + z_enroll, data = strat, Hess = TRUE, control = list(reltol = 1e-15))
say("strat polr", coef(plain), plain$zeta, plain$deviance)

# LMG by its definition: the mean gain of R-squared over all orders of entering, each model fitted by lm().
drivers <- c("api99", "enroll", "api_stu")
r2 <- function(set) if (length(set)) summary(lm(reformulate(set, "api00"), clus, weights = pw + snum %% 5))$r.squared else 0
orders <- list(c(1, 2, 3), c(1, 3, 2), c(2, 1, 3), c(2, 3, 1), c(3, 1, 2), c(3, 2, 1))
share <- sapply(1:3, function(j) mean(sapply(orders, function(o) {
  before <- o[seq_len(which(o == j) - 1)]
  r2(drivers[c(before, j)]) - r2(drivers[before])
})))
say("clus1 lmg", share, r2(drivers))

# Johnson (2000): relative weights from the weighted correlations of cov.wt().
r <- cov.wt(clus[c(drivers, "api00")], clus$pw + clus$snum %% 5, cor = TRUE)$cor
e <- eigen(r[1:3, 1:3])
lambda <- e$vectors %*% diag(sqrt(e$values)) %*% t(e$vectors)
say("clus1 johnson", lambda^2 %*% solve(lambda, r[1:3, 4])^2)
