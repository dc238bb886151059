// swift-tools-version: 6.1
import PackageDescription

// Measurements, apart so that users need not build them. `make calibration` in the folder above runs them.
let package = Package(
  name: "Benchmarks",
  platforms: [.macOS(.v15)],
  dependencies: [.package(name: "Equipoise", path: "..")],
  targets: [
    .executableTarget(
      name: "Calibration",
      dependencies: [
        .product(name: "EquipoiseStatistics", package: "Equipoise"),
        .product(name: "EquipoiseCheckpoints", package: "Equipoise"),
        .product(name: "EquipoiseComparison", package: "Equipoise"),
      ])
  ],
  swiftLanguageModes: [.v6]
)
