// swift-tools-version: 6.2
import PackageDescription

// Arrows point down only: Lumiere -> features -> WebServer, Sockets, Storage -> Core.
// `--explicit-target-dependency-import-check error` (see the Makefile) holds every target to the list below.

let swiftSettings: [SwiftSetting] = [
    .swiftLanguageMode(.v6),
    .enableUpcomingFeature("ExistentialAny"),
    .enableUpcomingFeature("MemberImportVisibility"),
]

// MARK: External products

let logging = Target.Dependency.product(name: "Logging", package: "swift-log")
let metrics = Target.Dependency.product(name: "Metrics", package: "swift-metrics")
let coreMetrics = Target.Dependency.product(name: "CoreMetrics", package: "swift-metrics")
let nioCore = Target.Dependency.product(name: "NIOCore", package: "swift-nio")
let nioPosix = Target.Dependency.product(name: "NIOPosix", package: "swift-nio")
let nioFoundation = Target.Dependency.product(name: "NIOFoundationCompat", package: "swift-nio")
let nioSSL = Target.Dependency.product(name: "NIOSSL", package: "swift-nio-ssl")
let nioHTTP1 = Target.Dependency.product(name: "NIOHTTP1", package: "swift-nio")
let nioWebSocket = Target.Dependency.product(name: "NIOWebSocket", package: "swift-nio")
let nioEmbedded = Target.Dependency.product(name: "NIOEmbedded", package: "swift-nio")
let nioConcurrency = Target.Dependency.product(name: "NIOConcurrencyHelpers", package: "swift-nio")
let nioTLS = Target.Dependency.product(name: "NIOTLS", package: "swift-nio")
let nioHTTP2 = Target.Dependency.product(name: "NIOHTTP2", package: "swift-nio-http2")
let nioHTTPTypes = Target.Dependency.product(name: "NIOHTTPTypes", package: "swift-nio-extras")
let nioHTTPTypesHTTP1 = Target.Dependency.product(name: "NIOHTTPTypesHTTP1", package: "swift-nio-extras")
let httpTypes = Target.Dependency.product(name: "HTTPTypes", package: "swift-http-types")
let hummingbird = Target.Dependency.product(name: "Hummingbird", package: "hummingbird")
let hummingbirdCore = Target.Dependency.product(name: "HummingbirdCore", package: "hummingbird")
let lifecycle = Target.Dependency.product(name: "ServiceLifecycle", package: "swift-service-lifecycle")
let unixSignals = Target.Dependency.product(name: "UnixSignals", package: "swift-service-lifecycle")
let crypto = Target.Dependency.product(name: "Crypto", package: "swift-crypto")
let cryptoExtras = Target.Dependency.product(name: "CryptoExtras", package: "swift-crypto")
let jwtKit = Target.Dependency.product(name: "JWTKit", package: "jwt-kit")
let grdb = Target.Dependency.product(name: "GRDB", package: "GRDB.swift")
let arguments = Target.Dependency.product(name: "ArgumentParser", package: "swift-argument-parser")
let configuration = Target.Dependency.product(name: "Configuration", package: "swift-configuration")
let subprocess = Target.Dependency.product(name: "Subprocess", package: "swift-subprocess")
let systemPackage = Target.Dependency.product(name: "SystemPackage", package: "swift-system")
let asyncHTTPClient = Target.Dependency.product(name: "AsyncHTTPClient", package: "async-http-client")

// MARK: Targets

func module(_ name: String, in folder: String? = nil, _ dependencies: [Target.Dependency]) -> Target {
    .target(
        name: name, dependencies: dependencies,
        path: folder.map { "Sources/\($0)/\(name)" } ?? "Sources/\(name)", swiftSettings: swiftSettings)
}

func tests(_ name: String, _ dependencies: [Target.Dependency]) -> Target {
    .testTarget(name: name, dependencies: dependencies, swiftSettings: swiftSettings)
}

let package = Package(
    name: "lumiere",
    platforms: [.macOS(.v15)],
    products: [
        .executable(name: "lumiere", targets: ["Lumiere"]),
        .executable(name: "lumiere-decode", targets: ["LumiereDecode"]),
        .executable(name: "conformance-server", targets: ["conformance-server"]),
    ],
    dependencies: [
        .package(url: "https://github.com/hummingbird-project/hummingbird.git", from: "2.28.1"),
        .package(url: "https://github.com/apple/swift-nio.git", from: "2.101.2"),
        .package(url: "https://github.com/apple/swift-nio-extras.git", from: "1.35.2"),
        .package(url: "https://github.com/apple/swift-nio-ssl.git", from: "2.37.6"),
        .package(url: "https://github.com/apple/swift-nio-http2.git", from: "1.46.0"),
        .package(url: "https://github.com/apple/swift-http-types.git", from: "1.8.0"),
        .package(url: "https://github.com/apple/swift-log.git", from: "1.16.2"),
        .package(url: "https://github.com/apple/swift-metrics.git", from: "2.13.0"),
        .package(url: "https://github.com/apple/swift-crypto.git", from: "4.5.2"),
        .package(url: "https://github.com/apple/swift-system.git", from: "1.8.1"),
        .package(url: "https://github.com/apple/swift-argument-parser.git", from: "1.8.2"),
        .package(url: "https://github.com/apple/swift-configuration.git", from: "1.4.0", traits: ["JSON"]),
        .package(url: "https://github.com/swift-server/swift-service-lifecycle.git", from: "2.13.0"),
        .package(url: "https://github.com/swift-server/async-http-client.git", from: "1.37.0"),
        .package(url: "https://github.com/swiftlang/swift-subprocess.git", from: "1.0.2"),
        .package(url: "https://github.com/groue/GRDB.swift.git", from: "7.10.0"),
        .package(url: "https://github.com/vapor/jwt-kit.git", from: "5.7.1"),
    ],
    targets: [
        // The composition root and the two executables.
        .executableTarget(
            name: "Lumiere",
            dependencies: [
                "Core", "Database", "ObjectStore", "Broker", "WebServer", "Sockets", "CZlib",
                "Accounts", "Sessions", "Ingest", "Processing", "Delivery", "Realtime", "Webhooks", "Community", "WatchParty", "Tether",
                arguments, configuration, crypto, lifecycle, unixSignals, logging, metrics, coreMetrics, hummingbird,
                nioCore, nioPosix, nioHTTP1, asyncHTTPClient, systemPackage,
            ],
            swiftSettings: swiftSettings),
        .executableTarget(name: "LumiereDecode", dependencies: ["Decoding", "Core"], swiftSettings: swiftSettings),

        // Serves the protocol layers of Sockets to the suites that check them.
        .executableTarget(
            name: "conformance-server", dependencies: ["Sockets", nioCore, nioHTTP1, nioPosix], path: "Sources/ConformanceServer",
            swiftSettings: swiftSettings),

        // Measures the storage drivers; no product of its own, see Benchmarks.
        .executableTarget(
            name: "StorageBenchmark",
            dependencies: [
                "Core", "Database", "ObjectStore", "Broker", "Accounts", "Sessions", "Ingest", "Processing", "TestSupport",
                arguments, crypto, logging, nioCore,
            ],
            path: "Benchmarks/Storage", swiftSettings: swiftSettings),

        // Measures how events reach many; see Benchmarks.
        .executableTarget(
            name: "RealtimeBenchmark",
            dependencies: ["Core", "Realtime", "Sockets", "CPolling", arguments, nioCore, nioPosix, nioHTTP1],
            path: "Benchmarks/Realtime", swiftSettings: swiftSettings),

        // Features.
        module("Accounts", ["Core", "WebServer", httpTypes, crypto, cryptoExtras, jwtKit, logging, nioCore, nioPosix]),
        module("Sessions", ["Core", "WebServer", "Checksums", crypto, httpTypes, logging, nioCore]),
        module(
            "Ingest",
            [
                "Core", "WebServer", "ObjectStore", "Checksums", "CFiles", crypto, logging, metrics, nioCore, nioPosix,
                nioConcurrency, httpTypes, hummingbirdCore, lifecycle,
            ]),
        module("Processing", ["Core", "WebServer", "Checksums", httpTypes, subprocess, crypto, systemPackage, logging, metrics, lifecycle]),
        module(
            "Delivery",
            [
                "Core", "WebServer", "ObjectStore", "Checksums", "CFiles", crypto, logging, metrics, coreMetrics, nioCore, nioPosix,
                nioConcurrency, httpTypes, hummingbird,
            ]),
        module(
            "Realtime",
            [
                "Core", "WebServer", "Sockets", httpTypes, hummingbirdCore, logging, metrics, nioCore, nioHTTP1, nioHTTPTypes, nioConcurrency,
            ]),

        module(
            "Webhooks",
            [
                "Core", "WebServer", crypto, httpTypes, lifecycle, logging, metrics, nioCore, nioHTTP1, nioPosix, nioSSL,
            ]),
        module("Community", ["Core", "WebServer", crypto, httpTypes]),
        module("WatchParty", ["Core", "WebServer", httpTypes, logging, nioCore]),
        module("Tether", ["Core", "Database", "CFiles", asyncHTTPClient, nioCore, nioPosix, nioHTTP1, crypto]),

        // Services.
        module(
            "WebServer",
            [
                "Core", "CZlib", hummingbird, hummingbirdCore, httpTypes, nioCore, nioPosix, nioHTTP1, nioHTTPTypes,
                nioHTTPTypesHTTP1, nioConcurrency, nioHTTP2, nioSSL, nioTLS, logging, metrics, coreMetrics, lifecycle, unixSignals,
            ]),
        module("Sockets", ["CZlib", nioCore, nioHTTP1, crypto]),
        module("Database", in: "Storage", ["Core", "CPostgres", "CFiles", grdb, logging, crypto]),
        module(
            "ObjectStore", in: "Storage",
            ["Core", nioPosix, nioCore, nioSSL, asyncHTTPClient, nioHTTP1, nioFoundation, crypto]),
        module(
            "Broker", in: "Storage",
            ["Core", "CHiredis", logging, metrics, nioConcurrency, nioCore, nioPosix, nioSSL, lifecycle]),
        module("Checksums", in: "Storage", ["CDeflate"]),
        module("Core", []),

        // What runs inside a decoder child.
        module("Decoding", ["Core", "CVips", "CExif", "CAVFormat", "CLibRaw", "CConfinement"]),

        // C libraries.
        .systemLibrary(name: "CDeflate", path: "Sources/CLibraries/CDeflate", pkgConfig: "libdeflate"),
        .systemLibrary(name: "CZlib", path: "Sources/CLibraries/CZlib", pkgConfig: "zlib"),
        .systemLibrary(name: "CFiles", path: "Sources/CLibraries/CFiles"),
        .systemLibrary(name: "CPolling", path: "Sources/CLibraries/CPolling"),
        .systemLibrary(name: "CLibVips", path: "Sources/CLibraries/CLibVips", pkgConfig: "vips"),
        .systemLibrary(name: "CExif", path: "Sources/CLibraries/CExif", pkgConfig: "libexif"),
        .systemLibrary(name: "CLibRaw", path: "Sources/CLibraries/CLibRaw", pkgConfig: "libraw_r"),
        .systemLibrary(name: "CPostgres", path: "Sources/CLibraries/CPostgres", pkgConfig: "libpq"),
        .systemLibrary(name: "CHiredis", path: "Sources/CLibraries/CHiredis"),
        .systemLibrary(name: "CLibAV", path: "Sources/CLibraries/CLibAV", pkgConfig: "libavformat"),
        .target(name: "CVips", dependencies: ["CLibVips"], path: "Sources/CLibraries/CVips"),
        .target(
            name: "CAVFormat", dependencies: ["CLibAV"], path: "Sources/CLibraries/CAVFormat",
            linkerSettings: ["avcodec", "avutil", "swscale", "swresample"].map { .linkedLibrary($0) }),
        .target(name: "CConfinement", path: "Sources/CLibraries/CConfinement"),

        // Tests.
        .target(name: "TestSupport", dependencies: ["Core"], path: "Tests/TestSupport", swiftSettings: swiftSettings),
        tests("CoreTests", ["Core", "TestSupport"]),
        tests("ChecksumsTests", ["Checksums", "TestSupport"]),
        tests("DatabaseTests", ["Database", "CPostgres", "Core", "TestSupport", logging]),
        tests("ObjectStoreTests", ["ObjectStore", "Core", "TestSupport", asyncHTTPClient, nioCore, nioPosix, nioHTTP1, nioSSL, crypto]),
        tests("BrokerTests", ["Broker", "Database", "Core", "TestSupport", nioCore, nioPosix, nioEmbedded, nioConcurrency, logging]),
        tests("SocketsTests", ["Sockets", nioCore, nioPosix, nioHTTP1, nioWebSocket, nioEmbedded]),
        tests("ConformanceTests", ["conformance-server", "TestSupport", nioCore, nioPosix]),
        tests(
            "WebServerTests",
            [
                "WebServer", "Core", "TestSupport", hummingbird, hummingbirdCore, httpTypes, nioCore, nioPosix, nioHTTP1, nioEmbedded,
                nioHTTP2, nioSSL, logging, lifecycle,
            ]),
        tests("AccountsTests", ["TestSupport", "Accounts", "Database", "WebServer", "Core", crypto]),
        tests(
            "SessionsTests",
            [
                "TestSupport", "Sessions", "Ingest", "Accounts", "Processing", "Broker", "Database", "ObjectStore", "WebServer",
                "Core", logging,
            ]),
        tests(
            "IngestTests",
            [
                "TestSupport", "Ingest", "Database", "ObjectStore", "WebServer", "Core", crypto, hummingbird, nioCore, nioPosix,
                nioConcurrency, httpTypes, logging,
            ]),
        tests(
            "ProcessingTests", ["Processing", "Database", "ObjectStore", "WebServer", "Core", "TestSupport", hummingbird, nioPosix, logging, lifecycle]),
        tests(
            "DeliveryTests",
            [
                "Delivery", "Checksums", "ObjectStore", "WebServer", "Core", "TestSupport", asyncHTTPClient, crypto, httpTypes, hummingbird,
                logging, nioCore, nioHTTP1, nioPosix, nioConcurrency,
            ]),
        tests(
            "RealtimeTests",
            [
                "Realtime", "Sockets", "WebServer", "Core", "TestSupport", hummingbird, logging, nioCore, nioPosix, nioEmbedded, nioHTTP1,
                nioHTTPTypes, nioConcurrency,
            ]),
        tests(
            "WebhooksTests",
            [
                "Webhooks", "Database", "WebServer", "Core", "TestSupport", asyncHTTPClient, crypto, hummingbird, logging,
                nioCore, nioHTTP1, nioPosix,
            ]),
        tests("WatchPartyTests", ["WatchParty", "Database", "Broker", "WebServer", "Core", "TestSupport"]),
        tests("CommunityTests", ["Community", "Database", "Broker", "WebServer", "Core", "TestSupport", logging]),
        tests("DecodingTests", ["Decoding", "Core", "TestSupport", "CAVFormat"]),
        tests("TetherTests", ["Tether", "Core", "Database", "TestSupport"]),
        tests(
            "LumiereTests",
            [
                "Lumiere", "TestSupport", "Accounts", "Database", "Delivery", "Processing", "Sessions", arguments, configuration, "Core", "Ingest",
                "ObjectStore", "WebServer",
            ]),
        tests(
            "EndToEndTests",
            [
                "Core", "TestSupport", "Database", "Broker", asyncHTTPClient, nioCore, nioConcurrency, nioHTTP1, nioPosix, nioWebSocket,
                crypto,
            ]),
    ]
)
