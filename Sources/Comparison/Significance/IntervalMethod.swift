/// How intervals of effects and metrics are made.
public enum IntervalMethod: String, Sendable, CaseIterable {
  /// What covers best at the number of units: influence values with Student's t below 64, percentiles from there on, both
  /// corrected for bias where the quantity is a divergence.
  case auto
  case percentile
  case basic
  /// Bias-corrected and accelerated, the acceleration from influence values.
  case bca
  /// The same with the jackknife's acceleration.
  case bcaJackknife = "bca-jackknife"
  /// Percentiles of samples with a Poisson weight a unit.
  case poisson
  /// Percentiles of samples whose rows and columns are drawn independently; the weights are read again. Conservative.
  case pigeonhole
  /// Percentiles averaged over small subsets of the units.
  case littleBootstraps = "little-bootstraps"
  /// Influence values with Student's t.
  case influence
}
