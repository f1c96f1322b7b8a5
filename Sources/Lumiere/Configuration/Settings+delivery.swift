import Delivery
import WebServer

extension Settings {
    /// Reads how media is sent, once it is known where it lies and who stands in front.
    mutating func readDelivery(_ source: inout SettingsSource) {
        delivery.redirects = storage.redirects
        delivery.clientRate = (source.number("delivery.client.kibibytes", in: 0...(1 << 30)) ?? 0) << 10
        guard let prefix = source.text("delivery.accel"), prefix != "off" else { return }
        delivery.offload = .init(prefix: prefix, root: objectsFolder)
        if prefix.wholeMatch(of: /\/[A-Za-z0-9_][A-Za-z0-9_-]{0,63}\//) == nil {
            source.add(["delivery.accel must be off or the path of an internal location of nginx, such as /_objects/."])
        }
        if server.trustedProxies == .none {
            source.add(["delivery.accel needs server.trusted.proxies: files are left to nobody else."])
        }
    }
}
