import Foundation

/// An authority of a test's own and a certificate from it for a server on this machine, made by openssl.
public struct TestCertificates: Sendable {
    /// PEM files.
    public let authority: String
    public let certificate: String
    public let key: String

    /// - Parameter folder: where the files go.
    public init(in folder: TemporaryFolder) async throws {
        authority = folder.file("authority.pem")
        certificate = folder.file("server.pem")
        key = folder.file("server.key")
        let (authorityKey, request) = (folder.file("authority.key"), folder.file("server.csr"))
        let openssl = try Tool("openssl")
        let newKey = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes"]
        _ = try await openssl.output(
            ["req", "-x509"] + newKey + ["-keyout", authorityKey, "-out", authority, "-days", "2", "-subj", "/CN=Test authority"])
        _ = try await openssl.output(["req"] + newKey + ["-keyout", key, "-out", request, "-subj", "/CN=localhost"])
        let names = folder.file("names")
        try Data("subjectAltName=DNS:localhost,IP:127.0.0.1".utf8).write(to: URL(fileURLWithPath: names))
        _ = try await openssl.output([
            "x509", "-req", "-in", request, "-CA", authority, "-CAkey", authorityKey, "-CAcreateserial", "-days", "2",
            "-extfile", names, "-out", certificate,
        ])
    }
}
