// swift-tools-version: 6.1
import PackageDescription

let package = Package(
  name: "Equipoise",
  platforms: [.macOS(.v15)],
  products: [
    .executable(name: "equipoise", targets: ["equipoise"]),
    .library(name: "EquipoiseKernels", targets: ["CKernels"]),
    .library(name: "EquipoiseStatistics", targets: ["Statistics"]),
    .library(name: "EquipoiseCheckpoints", targets: ["Checkpoints"]),
    .library(name: "EquipoiseComparison", targets: ["Comparison", "Results", "HDF5Store", "Reports"]),
  ],
  dependencies: [
    .package(url: "https://github.com/apple/swift-argument-parser", from: "1.5.0"),
    .package(url: "https://github.com/apple/swift-crypto", from: "4.0.0"),
    .package(url: "https://github.com/hummingbird-project/swift-mustache", from: "2.1.0"),
  ],
  targets: [
    // System libraries: a module map and a shim of macros as functions, nothing else.
    .systemLibrary(name: "CGSL", pkgConfig: "gsl", providers: [.apt(["libgsl-dev"]), .brew(["gsl"])]),
    .systemLibrary(name: "CHDF5", pkgConfig: "hdf5", providers: [.apt(["libhdf5-dev"]), .brew(["hdf5"])]),
    // Comes with HDF5, which needs it.
    .systemLibrary(name: "CZlib", pkgConfig: "zlib", providers: [.apt(["zlib1g-dev"]), .brew(["zlib"])]),
    .target(name: "CKernels"),
    .target(name: "CFileMapping"),

    // Imports point one way: a target depends only on those above it.
    .target(name: "Threads"),
    .target(name: "Tensors", dependencies: ["CKernels", "CFileMapping"]),
    .target(name: "HDF5", dependencies: ["CHDF5", "Threads"]),
    .target(
      name: "Checkpoints",
      dependencies: ["CZlib", "Threads", "Tensors", "HDF5", .product(name: "Crypto", package: "swift-crypto")],
      exclude: ["README.md"]),
    .target(name: "Statistics", dependencies: ["CGSL", "CKernels", "Threads"], exclude: ["README.md"]),
    .target(name: "Results", dependencies: ["Tensors"]),
    .target(
      name: "Comparison", dependencies: ["CKernels", "Threads", "Tensors", "Checkpoints", "Statistics", "Results"]),
    // Loads TensorFlow's C library while it runs: nothing of it is needed to build.
    .target(name: "TensorFlowRuntime", dependencies: ["Tensors"]),
    .target(
      name: "Behavior",
      dependencies: [
        "CKernels", "Threads", "Tensors", "HDF5", "Checkpoints", "Statistics", "Results", "Comparison",
        "TensorFlowRuntime",
      ]),
    .target(
      name: "HDF5Store", dependencies: ["CZlib", "Threads", "Tensors", "HDF5", "Checkpoints", "Results", "Comparison"]),
    .target(
      name: "Reports", dependencies: ["Results", .product(name: "Mustache", package: "swift-mustache")],
      // In the program itself: an installed one has no folder of resources beside it.
      resources: [.embedInCode("Page/Assets")]),
    .executableTarget(
      name: "equipoise",
      dependencies: [
        "Threads", "Tensors", "Checkpoints", "Statistics", "Results", "Comparison", "Behavior", "TensorFlowRuntime",
        "HDF5Store", "Reports",
        .product(name: "ArgumentParser", package: "swift-argument-parser"),
      ]),

    // A target names every module that it imports: what changes only in one that is not named is not built again.
    .testTarget(
      name: "BehaviorTests", dependencies: ["Behavior", "HDF5", "Results", "Tensors"],
      exclude: ["Oracles", "TensorFlow"]),
    .testTarget(name: "ThreadsTests", dependencies: ["Threads"]),
    .testTarget(name: "TensorsTests", dependencies: ["Tensors"]),
    .testTarget(name: "HDF5Tests", dependencies: ["HDF5"]),
    .testTarget(
      name: "CheckpointsTests", dependencies: ["Checkpoints", "CHDF5", "CZlib", "HDF5", "Tensors"], exclude: ["Oracles"]
    ),
    .testTarget(name: "StatisticsTests", dependencies: ["Statistics", "CKernels"], exclude: ["Oracles"]),
    .testTarget(
      name: "ComparisonTests",
      dependencies: ["CKernels", "Checkpoints", "Comparison", "Results", "Statistics", "Tensors"], exclude: ["Oracles"]),
    .testTarget(
      name: "HDF5StoreTests",
      dependencies: ["Behavior", "Checkpoints", "Comparison", "HDF5", "HDF5Store", "Results", "Tensors"],
      exclude: ["Interop"]),
    .testTarget(name: "ReportsTests", dependencies: ["Reports", "Results"], exclude: ["Page"]),
    .testTarget(
      name: "CommandLineTests", dependencies: ["equipoise", "Comparison", "Reports", "Results"],
      exclude: ["Golden", "Regressions", "instruction_sets.py"]),
  ],
  swiftLanguageModes: [.v6]
)
