# Numbers of tests/stats/test_shrinkage.py and tests/stats/test_simultaneous.py.
# R 4.2.2, metafor, multcomp and mvtnorm as printed below.
library(metafor)
for (p in c("metafor", "multcomp", "mvtnorm")) cat(p, as.character(packageVersion(p)), "\n")
options(digits = 12)
y <- c(0.42, 0.55, 0.51, 0.60, 0.47, 0.535)
s <- c(0.03, 0.01, 0.02, 0.06, 0.04, 0.015)
for (method in c("PM", "DL")) {
  fit <- rma(yi = y, sei = s, method = method, control = list(tol = 1e-14, maxiter = 10000))
  cat(method, "tau2", fit$tau2, "centre", coef(fit), "se", fit$se, "\n")
  print(blup(fit)$pred)
  print(blup(fit)$se)
}
# One interval of six that hold together, and the exact equicoordinate point of independent estimates.
cat("sidak", qnorm((1 + 0.95^(1 / 6)) / 2), "t", qt((1 + 0.95^(1 / 6)) / 2, df = 20), "\n")
set.seed(1)
print(mvtnorm::qmvnorm(0.95, tail = "both.tails", corr = diag(6))$quantile)
# Contrasts of each of six groups with the mean of the others, equal sizes: correlation -1/5.
corr <- matrix(-1 / 5, 6, 6); diag(corr) <- 1
print(mvtnorm::qmvnorm(0.95, tail = "both.tails", corr = corr)$quantile)
