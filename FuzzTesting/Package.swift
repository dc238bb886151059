// swift-tools-version: 6.1
import PackageDescription

// Fuzz targets, one per reader, apart so that users need not build them. `make fuzz` in the folder above says how.
let targets = [
  "TensorBundle", "TensorSlices", "SavedModel", "FrozenGraph", "Safetensors", "NumPy", "KerasArchive", "KerasHDF5",
]

let package = Package(
  name: "FuzzTesting",
  platforms: [.macOS(.v15)],
  dependencies: [.package(name: "Equipoise", path: "..")],
  targets: [
    .target(name: "CLibFuzzer"),
    // How inputs become files: what the tests write models with, by a link to it.
    .target(name: "ModelWriters", dependencies: [.product(name: "EquipoiseCheckpoints", package: "Equipoise")]),
    .target(name: "FuzzSupport", dependencies: ["CLibFuzzer", "ModelWriters"]),
  ]
    + targets.map { name in
      .executableTarget(
        name: "Fuzz\(name)", dependencies: ["FuzzSupport"],
        swiftSettings: [.unsafeFlags(["-parse-as-library"])],
        linkerSettings: [.unsafeFlags(["-sanitize=fuzzer", "-use-ld=lld"])])
    },
  swiftLanguageModes: [.v6]
)
