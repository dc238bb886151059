// swift-tools-version: 6.1
import PackageDescription

// Measurements, apart so that users need not build them. `make bench` and `make calibration` in the folder above run them.
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
      ]),
    .target(name: "CReading"),
    .executableTarget(
      name: "KernelSpeed",
      dependencies: ["CReading", .product(name: "EquipoiseKernels", package: "Equipoise")]),
  ],
  swiftLanguageModes: [.v6]
)
