# Writes the reference answers for bootstrap intervals: R's boot on fixed replicates, so that nothing is random.
# Needs R 4 with boot and jsonlite; run in this folder: Rscript make_boot_oracles.R
library(boot)

cases <- list()
for (shape in c(0.8, 2, 9)) {
  for (a in c(-0.08, 0, 0.11)) {
    for (t0 in c(0.7, 1.05)) {
      # 999 quantiles of a gamma distribution stand for the replicates.
      t <- qgamma((1:999) / 1000, shape) / shape
      z0 <- qnorm(mean(t < t0))
      limits <- function(conf) {
        z <- qnorm((1 + c(-conf, conf)) / 2)
        adjusted <- pnorm(z0 + (z0 + z) / (1 - a * (z0 + z)))
        boot:::norm.inter(t, adjusted)[, 2]
      }
      basic <- boot:::basic.ci(t0, t, 0.95)[4:5]
      percent <- boot:::perc.ci(t, 0.95)[4:5]
      cases[[length(cases) + 1]] <- list(
        shape = shape, acceleration = a, estimate = t0, z0 = z0, basic = basic, percentile = percent,
        bca = limits(0.95), sd = sd(t))
    }
  }
}
writeLines(jsonlite::toJSON(cases, auto_unbox = TRUE, digits = NA), "bootstrap_intervals.json")

# Accelerations of the law school's correlation: jackknife and infinitesimal jackknife.
lawSchool <- data.frame(
  LSAT = c(576, 635, 558, 578, 666, 580, 555, 661, 651, 605, 653, 575, 545, 572, 594),
  GPA = c(3.39, 3.30, 2.81, 3.03, 3.44, 3.07, 3.00, 3.43, 3.36, 3.13, 3.12, 2.74, 2.76, 2.88, 2.96))
correlation <- function(d, w) corr(d, w)
jack <- empinf(data = lawSchool, statistic = function(d, i) cor(d[i, 1], d[i, 2]), type = "jack", stype = "i")
infl <- empinf(data = lawSchool, statistic = correlation, type = "inf", stype = "w")
acceleration <- function(l) sum(l^3) / (6 * sum(l^2)^1.5)
writeLines(jsonlite::toJSON(list(list(
  jackknife = jack, influence = infl, jackknifeAcceleration = acceleration(jack),
  influenceAcceleration = acceleration(infl), standardError = sqrt(sum(infl^2)) / nrow(lawSchool))),
  auto_unbox = TRUE, digits = NA), "law_school.json")
