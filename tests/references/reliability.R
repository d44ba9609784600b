# Reference numbers for stats.reliability.
# Run from the repository's root:   Rscript tests/references/reliability.R
# Made with R 4.2.2, psych 2.2.9 and lavaan 0.6-14. The rows are made by the line below, without chance.
suppressMessages({library(psych); library(lavaan)})
say <- function(label, ...) cat(label, "|", sprintf("%.12g", c(...)), "\n")
i <- 0:199
common <- sin(i * 1.7) * 1.6
answers <- sapply(1:5, function(j) pmin(5, pmax(1, round(3 + common * (1 - 0.12 * j) + 1.1 * cos(i * (2 + j) + j)))))
answers[, 4] <- 6 - answers[, 4]  # keyed the other way round
d <- as.data.frame(answers); names(d) <- paste0("q", 1:5)
turned <- transform(d, q4 = 6 - q4)
a <- psych::alpha(turned)
say("alpha", a$total$raw_alpha, a$total$std.alpha, unlist(psych::alpha.ci(a$total$raw_alpha, 200, n.var = 5, digits = 12)[c("lower.ci", "upper.ci")]))
say("item rest", a$item.stats$r.drop)
say("alpha without", a$alpha.drop$raw_alpha)
fit <- cfa("f =~ q1 + q2 + q3 + q4 + q5", turned, std.lv = TRUE)
l <- inspect(fit, "est")$lambda; u <- diag(inspect(fit, "est")$theta)
say("omega", sum(l)^2 / (sum(l)^2 + sum(u)))
say("loadings", inspect(fit, "std")$lambda)
p <- polychoric(turned)$rho
say("polychoric", p[lower.tri(p)])
say("ordinal alpha", psych::alpha(p)$total$raw_alpha)
holes <- turned; holes[1:20, 1] <- NA; holes[11:40, 3] <- NA
say("pairwise", psych::alpha(holes, use = "pairwise")$total$raw_alpha)
say("covariance", cov.wt(turned, 1 + i %% 3, method = "ML")$cov[lower.tri(diag(5), TRUE)])
