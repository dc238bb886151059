# Writes exact p-values of two-sample permutation tests: coin's oneway_test and wilcox_test.
# Needs R 4 with coin and jsonlite; run in this folder: Rscript make_coin_oracles.R
suppressMessages(library(coin))
set.seed(1)

case <- function(a, b, name) {
  x <- data.frame(y = c(b, a), g = factor(rep(c("b", "a"), c(length(b), length(a))), levels = c("b", "a")))
  exact <- function(test, alternative)
    as.numeric(pvalue(test(y ~ g, data = x, distribution = "exact", alternative = alternative)))
  list(name = name, a = a, b = b,
       twoSided = exact(oneway_test, "two.sided"), greater = exact(oneway_test, "greater"),
       less = exact(oneway_test, "less"), ranksTwoSided = exact(wilcox_test, "two.sided"))
}

cases <- list()
# Efron's mouse data: survival after surgery in days, control and treatment.
cases[[1]] <- case(c(52, 104, 146, 10, 51, 30, 40, 27, 46), c(94, 197, 16, 38, 99, 141, 23), "mouse")
# Student's sleep, its groups taken as independent.
cases[[2]] <- case(sleep$extra[1:10], sleep$extra[11:20], "sleep")
# coin's asat: 1.9e9 labellings.
data(asat)
cases[[3]] <- case(asat$asat[asat$group == "Control"], asat$asat[asat$group == "Compound"], "asat")
for (n in 1:24) {
  na <- sample(2:9, 1); nb <- sample(2:9, 1)
  # Thirds of them on a coarse lattice with ties, decimals, and continuous.
  draw <- switch(1 + n %% 3, function(k) sample(0:6, k, TRUE), function(k) round(rnorm(k), 1), function(k) rnorm(k))
  cases[[length(cases) + 1]] <- case(draw(na), draw(nb) + ifelse(n %% 2, 0.5, 0), paste("random", n))
}
# Too many labellings to list, on a lattice.
for (n in 1:4) cases[[length(cases) + 1]] <- case(sample(0:40, 30, TRUE), sample(5:45, 25 + n, TRUE), paste("lattice", n))
writeLines(jsonlite::toJSON(cases, auto_unbox = TRUE, digits = NA), "pooled_labels.json")

# Paired: exact p of the swaps within pairs, of the differences themselves and of their signed ranks, zeros left out.
paired <- function(d, name) {
  n <- length(d)
  # coin's exact way with blocks asks for whole numbers, and p does not depend on the unit.
  x <- data.frame(y = c(round(100 * d), rep(0, n)), g = factor(rep(c("b", "a"), each = n), levels = c("b", "a")), pair = factor(rep(1:n, 2)))
  swaps <- function(alternative)
    as.numeric(pvalue(symmetry_test(y ~ g | pair, data = x, distribution = "exact", alternative = alternative)))
  ranks <- as.numeric(pvalue(wilcoxsign_test(
    d ~ rep(0, n), distribution = "exact", alternative = "two.sided", zero.method = "Wilcoxon")))
  list(name = name, x = d, twoSided = swaps("two.sided"), greater = swaps("greater"), less = swaps("less"), ranksTwoSided = ranks)
}
cases <- list(
  paired(c(49, -67, 8, 16, 6, 23, 28, 41, 14, 29, 56, 24, 75, 60, -48), "maize"),
  paired(sleep$extra[11:20] - sleep$extra[1:10], "sleep"))
for (n in 1:30) {
  size <- sample(4:18, 1)
  draw <- switch(1 + n %% 3, function(k) sample(-6:7, k, TRUE), function(k) round(rnorm(k, 0.3), 1), function(k) round(rnorm(k, 0.2), 2))
  d <- draw(size)
  if (sum(d != 0) > 2) cases[[length(cases) + 1]] <- paired(d, paste("random", n))
}
writeLines(jsonlite::toJSON(cases, auto_unbox = TRUE, digits = NA), "paired_swaps.json")
