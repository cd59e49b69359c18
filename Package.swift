// swift-tools-version: 6.2
import PackageDescription

/// What every target of ours is compiled with.
let strict: [SwiftSetting] = [
  .strictMemorySafety(),  // every unsafe step is marked where it stands
  .treatAllWarnings(as: .error),
  .enableUpcomingFeature("InternalImportsByDefault"),  // a C library never leaks through an import
  .enableUpcomingFeature("ExistentialAny"),
  .enableUpcomingFeature("MemberImportVisibility"),
  .enableExperimentalFeature("Lifetimes"),  // properties that return Span
  // Class storage on the data path is guarded by the engine's lock already: 405 → 326 ns a line.
  .unsafeFlags(["-enforce-exclusivity=unchecked"], .when(configuration: .release)),
]

/// A C library of Debian, reached through a module map beside its only importer.
func library(_ name: String, _ path: String, _ pkgConfig: String, _ package: String) -> Target {
  .systemLibrary(name: name, path: path, pkgConfig: pkgConfig, providers: [.apt([package])])
}

let package = Package(
  name: "ballconed",
  products: [.executable(name: "ballconed", targets: ["ballconed"])],
  targets: [
    library("CLZ4", "Sources/TSEngine/CLZ4", "liblz4", "liblz4-dev"),
    .systemLibrary(name: "CChecksum", path: "Sources/TSEngine/CChecksum"),
    .systemLibrary(name: "CPrefetch", path: "Sources/TSEngine/CPrefetch"),
    .target(
      name: "TSEngine", dependencies: ["CLZ4", "CChecksum", "CPrefetch"],
      exclude: ["CLZ4", "CChecksum", "CPrefetch"], swiftSettings: strict),

    library("CMaxMindDB", "Sources/Syslog/CMaxMindDB", "libmaxminddb", "libmaxminddb-dev"),
    library("CZlib", "Sources/Syslog/CZlib", "zlib", "zlib1g-dev"),
    library("CZstd", "Sources/Syslog/CZstd", "libzstd", "libzstd-dev"),
    library("CLZ4Frame", "Sources/Syslog/CLZ4Frame", "liblz4", "liblz4-dev"),
    .systemLibrary(name: "CSocket", path: "Sources/Syslog/CSocket"),
    .systemLibrary(name: "CScan", path: "Sources/Syslog/CScan"),
    .target(
      name: "Syslog", dependencies: ["TSEngine", "CMaxMindDB", "CZlib", "CZstd", "CLZ4Frame", "CSocket", "CScan"],
      exclude: ["CMaxMindDB", "CZlib", "CZstd", "CLZ4Frame", "CSocket", "CScan", "Enrich/geoip", "Enrich/corpora"],
      swiftSettings: strict),

    library("CMicroHTTPD", "Sources/Dashboard/CMicroHTTPD", "libmicrohttpd", "libmicrohttpd-dev"),
    library("CSQLite", "Sources/Dashboard/CSQLite", "sqlite3", "libsqlite3-dev"),
    library("CDeflate", "Sources/Dashboard/CDeflate", "zlib", "zlib1g-dev"),
    // Debian's static libmicrohttpd wants GnuTLS by name; TLS is the proxy's work, so these are stubs.
    .target(name: "CNoTLS", path: "Sources/Dashboard/CNoTLS"),
    // The browser's side, compiled in by C23's #embed.
    .target(name: "CAssets", path: "Sources/Dashboard/CAssets"),
    .target(
      name: "Dashboard", dependencies: ["TSEngine", "CMicroHTTPD", "CSQLite", "CDeflate", "CNoTLS", "CAssets"],
      exclude: ["CMicroHTTPD", "CSQLite", "CDeflate", "CNoTLS", "CAssets", "Web"], swiftSettings: strict),

    .systemLibrary(name: "CMalloc", path: "Sources/ballconed/CMalloc"),
    .executableTarget(
      name: "ballconed", dependencies: ["TSEngine", "Syslog", "Dashboard", "CMalloc"], exclude: ["CMalloc"],
      swiftSettings: strict),

    .testTarget(name: "TSEngineTests", dependencies: ["TSEngine"], swiftSettings: strict),
    .testTarget(
      name: "SyslogTests", dependencies: ["Syslog", "TSEngine"], resources: [.copy("Fixtures")], swiftSettings: strict),
    .testTarget(name: "DashboardTests", dependencies: ["Dashboard", "TSEngine"], swiftSettings: strict),
    .testTarget(
      name: "EndToEnd", dependencies: ["ballconed", "TSEngine", "Syslog", "Dashboard"],
      path: "Tests/EndToEnd", exclude: ["Browser", "Fixtures"], swiftSettings: strict),
    // Stands before malloc, so that benchmarks can count what the data path allocates: nothing.
    .target(name: "CAllocations", path: "Benchmarks/CAllocations"),
    // A sender, and a receiver that only counts, to compare with.
    .target(name: "CLoopback", path: "Benchmarks/CLoopback"),
    .executableTarget(
      name: "Benchmarks", dependencies: ["TSEngine", "Syslog", "Dashboard", "CAllocations", "CLoopback"], path: "Benchmarks",
      exclude: ["CAllocations", "CLoopback", "peers.py"], swiftSettings: strict),
  ],
  swiftLanguageModes: [.v6]
)

// Coverage-guided fuzzing with the toolchain's libFuzzer, which brings its own main: only for `make fuzz`.
if Context.environment["BALLCONED_FUZZ"] != nil {
  package.targets.append(
    .executableTarget(
      name: "Fuzz", dependencies: ["TSEngine", "Syslog"], path: "Tests/Fuzz", exclude: ["seeds.py"],
      swiftSettings: strict + [.unsafeFlags(["-parse-as-library"])]))
}
