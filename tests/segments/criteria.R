# Makes the figures of R that test_criteria.py compares with: Rscript criteria.R. Takes some minutes.
library(cluster)
library(fpc)
frac <- function(p) { x <- 1:150 * sqrt(p); x - floor(x) }
kind <- 0:149 %% 3
lumps <- cbind(frac(2) + frac(3) + frac(5) + 0.9 * kind, frac(7) + frac(11) + frac(13) + 1.4 * (kind == 1))
sheared <- cbind(frac(2), frac(2) + frac(3), frac(5))
sets <- list(iris = as.matrix(iris[, 1:4]), lumps = lumps, sheared = sheared)
best <- function(x, k) kmeans(x, k, nstart = 100, iter.max = 100)
show <- function(...) cat(..., "\n")
set.seed(0)
for (name in names(sets)) {
  x <- unname(sets[[name]])
  widths <- sapply(2:5, function(k) summary(silhouette(kmeans(x, k, nstart = 500)$cluster, dist(x)))$avg.width)
  show(name, "silhouette", sprintf("%.6f", widths))
  for (space in c("scaledPCA", "original")) {
    tab <- clusGap(x, best, K.max = 6, B = 500, d.power = 2, spaceH0 = space, verbose = FALSE)$Tab
    show(name, space, "logW", sprintf("%.6f", tab[, "logW"]))
    show(name, space, "gap", sprintf("%.4f", tab[, "gap"]))
    show(name, space, "SE", sprintf("%.4f", tab[, "SE.sim"]))
    show(name, space, "Tibs2001SEmax", maxSE(tab[, "gap"], tab[, "SE.sim"], "Tibs2001SEmax"))
  }
  for (k in 2:4) {
    boot <- clusterboot(x, B = 200, clustermethod = kmeansCBI, krange = k, runs = 20, count = FALSE)
    boot <- boot$bootresult[order(tapply(x[, 1], boot$partition, mean)), ] # by the clusters' mean first coordinate
    show(name, "clusterboot", k, "mean", sprintf("%.4f", rowMeans(boot)), "sd", sprintf("%.4f", apply(boot, 1, sd)))
    kept <- prediction.strength(x, Gmin = k, Gmax = k, M = 50, clustermethod = kmeansCBI, runs = 20)$predcorr[[k]]
    show(name, "prediction.strength", k, "mean", sprintf("%.4f", mean(kept)), "sd", sprintf("%.4f", sd(kept)))
  }
}
