import Core
import Crypto
import Foundation

/// Encrypts by the signing keys (AES-256-GCM, NIST SP 800-38D): the current one seals, all of them open.
struct KeyedSeal: SecretKeeper {
    let keys: SigningKeys

    func seal(_ secret: Secret, for use: String) throws -> [UInt8] {
        let box = try AES.GCM.seal(
            Data(secret.reveal.utf8), using: keys.all[0].secrets, authenticating: Data(use.utf8))
        return Array(box.nonce) + Array(box.ciphertext) + Array(box.tag)
    }

    func open(_ sealed: [UInt8], for use: String) -> Secret? {
        guard let box = try? AES.GCM.SealedBox(combined: sealed) else { return nil }
        let opened = keys.all.lazy.compactMap { try? AES.GCM.open(box, using: $0.secrets, authenticating: Data(use.utf8)) }
        return opened.first.map { Secret(String(decoding: $0, as: UTF8.self)) }
    }
}
