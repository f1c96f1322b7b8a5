import Core
import Foundation
import TestSupport
import Testing

/// What a person does with a page, and sees of it.
extension Browser {
    /// A screen.
    struct Screen: Sendable, CustomTestStringConvertible {
        var name: String
        var width: Int
        var height: Int
        var isTouch = false

        static let narrow = Screen(name: "320", width: 320, height: 640, isTouch: true)
        static let phone = Screen(name: "phone", width: 390, height: 844, isTouch: true)
        static let tablet = Screen(name: "tablet", width: 820, height: 1180, isTouch: true)
        static let desktop = Screen(name: "desktop", width: 1440, height: 900)

        var testDescription: String { name }
    }

    func show(on screen: Screen) async throws {
        let (width, height) = (JSONValue.integer(Int64(screen.width)), JSONValue.integer(Int64(screen.height)))
        _ = try await command(
            "Emulation.setDeviceMetricsOverride",
            [
                "width": width, "height": height, "screenWidth": width, "screenHeight": height, "deviceScaleFactor": 1,
                "mobile": .bool(screen.isTouch),
            ])
        _ = try await command("Emulation.setTouchEmulationEnabled", ["enabled": .bool(screen.isTouch)])
    }

    /// What the system behind the page wants: `prefers-color-scheme`, `prefers-reduced-motion`.
    func prefer(_ features: [String: String]) async throws {
        let list = features.map { JSONValue.object(["name": .string($0.key), "value": .string($0.value)]) }
        _ = try await command("Emulation.setEmulatedMedia", ["features": .array(list)])
    }

    func go(to url: String) async throws {
        _ = try await command("Page.navigate", ["url": .string(url)])
        try await waitUntilLoaded()
    }

    func reload() async throws {
        try await value("window.isOld = true")
        async let reloading = command("Page.reload")
        // It may ask whether to leave what is not done, and answers nothing else until that is said.
        let leaving = Task {
            while !Task.isCancelled {
                _ = try? await command("Page.handleJavaScriptDialog", ["accept": true])
                try await Task.sleep(for: .milliseconds(100))
            }
        }
        defer { leaving.cancel() }
        try await eventually("the page to be new", every: .milliseconds(200)) {
            (try? await value("window.isOld === undefined")) == true ? () : nil
        }
        _ = try await reloading
        try await waitUntilLoaded()
    }

    func waitUntilLoaded() async throws {
        try await waitUntil("the page to be loaded", "document.readyState === 'complete' && location.protocol !== 'about:'")
    }

    /// Waits until an expression is true.
    func waitUntil(_ what: String, _ expression: String, within limit: Duration = .seconds(30)) async throws {
        try await eventually(what, within: limit, every: .milliseconds(100)) {
            // A page that is being exchanged for another one answers nothing.
            (try? await value("Boolean(\(expression))")) == true ? () : nil
        }
    }

    /// Clicks in the middle of the first element that fits, once there is one that can be seen.
    func click(_ selector: String) async throws {
        let place = try await eventually("\(selector) to be there", within: .seconds(30), every: .milliseconds(100)) {
            let found = try await value(
                """
                (() => {
                  const node = document.querySelector(\(try JSON.text(JSONValue.string(selector))));
                  node?.scrollIntoView({ block: "nearest", behavior: "instant" });
                  const box = node?.getBoundingClientRect();
                  return box?.width > 0 ? [box.x + box.width / 2, box.y + box.height / 2] : [];
                })()
                """
            ).elements.compactMap(\.doubleValue)
            return found.count == 2 ? found : nil
        }
        for kind in ["mouseMoved", "mousePressed", "mouseReleased"] {
            _ = try await command(
                "Input.dispatchMouseEvent",
                [
                    "type": .string(kind), "x": .number(place[0]), "y": .number(place[1]),
                    "button": kind == "mouseMoved" ? "none" : "left", "clickCount": 1,
                ])
        }
    }

    /// Presses a key by its name, as in `KeyboardEvent.key`.
    func press(_ keys: String...) async throws {
        for key in keys {
            let text = key == "Enter" ? "\r" : key.count == 1 ? key : ""
            let codes = ["Enter": 13, "Tab": 9, "Escape": 27, "ArrowLeft": 37, "ArrowUp": 38, "ArrowRight": 39, "ArrowDown": 40]
            let code = codes[key] ?? Int(key.uppercased().unicodeScalars.first?.value ?? 0)
            for kind in ["keyDown", "keyUp"] {
                _ = try await command(
                    "Input.dispatchKeyEvent",
                    [
                        "type": .string(kind), "key": .string(key), "windowsVirtualKeyCode": .integer(Int64(code)),
                        "text": .string(kind == "keyDown" ? text : ""),
                    ])
            }
        }
    }

    func type(_ text: String) async throws { _ = try await command("Input.insertText", ["text": .string(text)]) }

    /// Chooses files in a field for them.
    func choose(_ files: [String], in selector: String) async throws {
        let root = try await command("DOM.getDocument")["root"]?.integer("nodeId") ?? 0
        let node = try await command("DOM.querySelector", ["nodeId": .integer(Int64(root)), "selector": .string(selector)])
        _ = try await command("DOM.setFileInputFiles", ["files": .array(files.map { .string($0) }), "nodeId": node["nodeId"] ?? .null])
    }

    /// Everything that the page has complained of: errors nobody caught, and what went against its policy.
    var complaints: [String] {
        messages.compactMap { message in
            switch message["method"] {
            case "Runtime.exceptionThrown": message["params"]?["exceptionDetails"].map { "\($0)" }
            case "Log.entryAdded" where message["params"]?["entry"]?["source"] == "security": message["params"]?["entry"].map { "\($0)" }
            default: nil
            }
        }
    }

    /// What is being moved or loaded is where it belongs; what goes on for ever is not waited for.
    private static let stillness = """
        (async () => {
          const frame = () => new Promise((done) => requestAnimationFrame(done));
          for (let count = 0; count < 3; count += 1) await frame();
          const isFinite = (one) => one.effect?.getComputedTiming().endTime !== Infinity;
          await Promise.allSettled(document.getAnimations().filter(isFinite).map(({ finished }) => finished));
          const isSeen = (one) => one.checkVisibility() && one.getBoundingClientRect().top < innerHeight;
          await Promise.allSettled([...document.images].filter(isSeen).map((one) => one.decode()));
          await frame();
        })()
        """

    /// Keeps a picture of what is seen with the other output of the tests.
    func keep(as name: String) async throws {
        try await value(Self.stillness)
        let shot = try await command("Page.captureScreenshot", ["format": "jpeg", "quality": 85])
        guard let data = shot["data"]?.stringValue.flatMap({ Data(base64Encoded: $0) }) else { return }
        let folder = Place.repository.appendingPathComponent(".build/screenshots")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        try data.write(to: folder.appendingPathComponent("\(name).jpg"))
    }
}
