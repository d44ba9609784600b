# Reference numbers for tests/stats/clusters: R 4.2, mclust 6.0.0, fpc 2.2-10, cluster 2.1.4.
# Run: Rscript tests/references/clusters.R
suppressMessages({library(mclust); library(fpc); library(cluster)})
x <- scale(iris[, 1:4])

# normal mixtures: log-likelihood and BIC of free, equal, diagonal and round clouds (mclust's BIC has the other sign)
for (form in c("VVV", "EEE", "VVI", "VII")) for (k in 1:4) {
  fit <- Mclust(x, G = k, modelNames = form, verbose = FALSE)
  cat("mclust", form, k, sprintf("%.3f", fit$loglik), sprintf("%.3f", -fit$bic), "\n")
}
cat("mclust ari VVV 3", sprintf("%.4f", adjustedRandIndex(Mclust(x, 3, "VVV", verbose = FALSE)$classification, iris$Species)), "\n")

# k-means
set.seed(1)
km <- kmeans(x, 3, nstart = 100, iter.max = 100)
cat("kmeans 3", sprintf("%.4f", km$tot.withinss), sort(km$size), "\n")
cat("silhouette", sprintf("%.6f", mean(silhouette(km$cluster, dist(x))[, 3])), "\n")

# stability: 500 resamples, duplicates removed
set.seed(1)
for (k in 2:4) {
  found <- clusterboot(x, B = 500, bootmethod = "boot", clustermethod = kmeansCBI, krange = k, runs = 20, count = FALSE, seed = 1)
  size <- table(found$partition)
  o <- order(-as.vector(size))
  cat("clusterboot", k, "sizes", as.vector(size)[o], "mean", sprintf("%.3f", found$bootmean[o]), "dissolved", found$bootbrd[o], "recovered", found$bootrecover[o], "\n")
}

# prediction strength, 100 divisions
set.seed(1)
ps <- prediction.strength(x, 2, 5, M = 100, clustermethod = kmeansCBI, classification = "centroid")
cat("strength", sprintf("%.3f", ps$mean.pred), "\n")

# gap statistic
set.seed(1)
gap <- clusGap(x, kmeans, K.max = 6, B = 200, nstart = 20, verbose = FALSE, spaceH0 = "scaledPCA", d.power = 2)
cat("gap", sprintf("%.3f", gap$Tab[, "gap"]), "\n")
cat("gap SE", sprintf("%.4f", gap$Tab[, "SE.sim"]), "\n")
cat("gap Tibs2001SEmax", maxSE(gap$Tab[, "gap"], gap$Tab[, "SE.sim"], "Tibs2001SEmax"), "\n")

# Gower: numbers, an ordered factor, an asymmetric binary, missing values
d <- data.frame(a = c(1, 3, NA, 10), b = factor(c("x", "y", "x", "x")), c = ordered(c(1, 2, 2, 3)), e = c(0, 1, 0, 1))
print(as.matrix(daisy(d, metric = "gower", type = list(asymm = "e"))), digits = 7)

# profiles: Welch, Kruskal, chi-square, adjusted residuals
w <- oneway.test(Sepal.Width ~ Species, iris)
cat("welch", sprintf("%.6f", w$statistic), sprintf("%.6e", w$p.value), "\n")
cat("kruskal", sprintf("%.6f", kruskal.test(Sepal.Width ~ Species, iris)$statistic), "\n")
h <- margin.table(HairEyeColor, c(1, 2))
ch <- chisq.test(h)
cat("chisq", sprintf("%.6f", ch$statistic), "\n"); print(ch$stdres, digits = 6)

# migration: Bowker
m <- matrix(c(20, 5, 2, 9, 30, 4, 1, 8, 25), 3, byrow = TRUE)
b <- mcnemar.test(m); cat("bowker", sprintf("%.6f", b$statistic), b$parameter, sprintf("%.6f", b$p.value), "\n")
cat("ari", sprintf("%.6f", adjustedRandIndex(rep(c(1,1,1,2,2,2,3,3,3), t(m)), rep(rep(1:3, 3), t(m)))), "\n")
