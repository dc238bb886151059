# Writes vegan.json: permutational analysis of variance and dispersion, as R's vegan has them.
#
# Run in this folder: Rscript make_run_oracles.R. Made with R 4.2.2 and vegan 2.6-4 (Debian 12's r-cran-vegan).
suppressMessages(library(vegan))

number <- function(x) formatC(as.vector(x), digits = 17, format = "g", width = 1)
list_of <- function(x) paste0("[", paste(number(x), collapse = ", "), "]")

# d: distances; groups: labels. adonis2 gives F and R2; betadisper the distances to the centroids of the groups.
case <- function(name, d, groups, dispersion) {
  d <- as.dist(d)
  fit <- adonis2(d ~ g, data = data.frame(g = groups), permutations = 0)
  distances <- if (dispersion) {
    split(betadisper(d, groups, type = "centroid")$distances, groups)
  } else {
    list()
  }
  spreads <- vapply(distances, function(x) sqrt(sum(x^2) / (length(x) - 1)), 0)
  paste0(
    '{"name": "', name, '", "groups": ', list_of(as.integer(groups) - 1), ', "squared": ', list_of(as.matrix(d)^2),
    ', "f": ', number(fit$F[1]), ', "r2": ', number(fit$R2[1]), ', "total": ', number(fit$SumOfSqs[3]),
    ', "spreads": ', list_of(spreads), "}")
}

data(dune)
data(dune.env)
cases <- case("dune~Management", vegdist(dune), dune.env$Management, FALSE)
set.seed(20240607)
for (k in 1:12) {
  sizes <- c(sample(2:7, 1), sample(2:7, 1))
  x <- matrix(rnorm(sum(sizes) * (k %% 4 + 1)), sum(sizes))
  groups <- factor(rep(c("a", "b"), sizes))
  x[groups == "b", ] <- x[groups == "b", ] * k / 4 + k %% 3
  cases <- c(cases, case(paste("euclidean", k), dist(x), groups, TRUE))
}
writeLines(c("[", paste(cases, collapse = ",\n"), "]"), "vegan.json")
