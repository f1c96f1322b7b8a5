import Core
import Foundation

/// The addresses of galleries and parties as QR codes, for whoever has the address already: nobody is asked whether there is such a thing.
struct PageCodes {
    /// Bytes of a code or token that are drawn: those that open something have fewer.
    private static let longest = 100
    /// The same address always has the same picture.
    private static let cacheControl = "public, max-age=86400"

    var routes: [Route] { [route("/gallery/{code}", "code"), route("/s/{token}", "token"), route("/party/{code}", "code")] }

    private func route(_ page: String, _ name: String) -> Route {
        Route(
            .get, "\(page)/qr", .readPublic, "The address of the page as a QR code.", tag: "Web client", query: QRPicture.query,
            output: .bytes(.ok, contentType: "image/*"), errors: ["bad_query": 400, "not_found": 404], noun: "page"
        ) { call in
            let picture = try QRPicture(call)
            let key = call.parameters[name] ?? ""
            let written = key.addingPercentEncoding(withAllowedCharacters: .alphanumerics.union(.init(charactersIn: "-._~"))) ?? ""
            let address = call.baseURL + page.replacingOccurrences(of: "{\(name)}", with: written)
            guard key.utf8.count <= Self.longest, let reply = picture.reply(of: address, cacheControl: Self.cacheControl) else {
                throw Problem.notFound("page")
            }
            return reply
        }
    }
}
