import Core
import Crypto
import CryptoExtras
import Foundation

/// A password as it is stored: scrypt (RFC 7914) with r = 8 and p = 1, in the PHC text form
/// `$scrypt$ln=17,r=8,p=1$<salt>$<key>`, so that the cost can be raised without losing older hashes.
public struct PasswordHash: Sendable, Equatable {
    /// N = 2^17: 128 MiB.
    public static let standardCost = 17
    /// Bounds what a stored text may make us spend: 2^20 takes 1 GiB.
    static let costs = 10...20
    private static let saltBytes = 16
    private static let keyBytes = 32

    /// The binary logarithm of N.
    let cost: Int
    let salt: [UInt8]
    let key: [UInt8]

    /// Hashes a password with a fresh salt. Blocks for as long as that takes.
    /// - Throws: when the memory cannot be had.
    init(of password: String, cost: Int) throws {
        let salt = Self.randomSalt()
        self.init(cost: cost, salt: salt, key: try Self.derive(password, salt, cost))
    }

    private init(cost: Int, salt: [UInt8], key: [UInt8]) {
        self.cost = cost
        self.salt = salt
        self.key = key
    }

    /// A hash that no password has, for accounts that do not exist: refusing takes as long as for those that do.
    static func impossible(cost: Int) -> PasswordHash {
        // The empty key equals no derived one.
        PasswordHash(cost: cost, salt: randomSalt(), key: [])
    }

    /// Parses the stored form; `nil` for anything this type did not write.
    init?(_ text: String) {
        let parts = text.split(separator: "$", omittingEmptySubsequences: false).map(String.init)
        guard parts.count == 5, parts[0].isEmpty, parts[1] == "scrypt", let cost = Self.cost(parts[2]),
            let salt = Data(base64URLEncoded: parts[3]), salt.count == Self.saltBytes,
            let key = Data(base64URLEncoded: parts[4]), key.count == Self.keyBytes
        else { return nil }
        self.init(cost: cost, salt: Array(salt), key: Array(key))
    }

    var text: String {
        "$scrypt$ln=\(cost),r=8,p=1$\(Data(salt).base64URLEncodedString())$\(Data(key).base64URLEncodedString())"
    }

    /// Whether it is the hash of that password, in a time that does not tell how much of it fits. Blocks.
    func matches(_ password: String) throws -> Bool {
        ConstantTime.equal(try Self.derive(password, salt, cost), key)
    }

    private static func derive(_ password: String, _ salt: [UInt8], _ cost: Int) throws -> [UInt8] {
        let key = try KDF.Scrypt.deriveKey(
            from: Array(AccountRules.composed(password).utf8), salt: salt, outputByteCount: keyBytes, rounds: 1 << cost,
            blockSize: 8, parallelism: 1)
        return key.withUnsafeBytes(Array.init)
    }

    private static func cost(_ parameters: String) -> Int? {
        guard parameters.hasPrefix("ln="), parameters.hasSuffix(",r=8,p=1"),
            let cost = Int(parameters.dropFirst(3).dropLast(8)), costs.contains(cost)
        else { return nil }
        return cost
    }

    private static func randomSalt() -> [UInt8] {
        var random = SystemRandomNumberGenerator()
        return (0..<saltBytes).map { _ in UInt8.random(in: 0...255, using: &random) }
    }
}
