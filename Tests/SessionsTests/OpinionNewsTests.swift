import Core
import Testing

@testable import Sessions

@Suite("What is told of lists and reports when photos come and go")
struct OpinionNewsTests {
    /// A gallery with a list for all that has its first two photos, one of which was reported twice, and a list with the third.
    private struct Proof {
        let gallery: Gallery
        let list: SelectionID
        let editor: PhotoDesk.Editor
        var desk: PhotoDesk { gallery.house.desk }

        init(_ gallery: Gallery) async throws {
            let (lists, staff) = (gallery.house.selections, try gallery.staff)
            self.gallery = gallery
            editor = .init(principal: gallery.owner, rights: .owner)
            list = try await lists.create(SelectionInput(name: "Album"), in: gallery.session, by: staff).id
            let other = try await lists.create(SelectionInput(name: "Other"), in: gallery.session, by: staff).id
            for (photo, list) in [(0, list), (1, list), (2, other)] {
                _ = try await lists.choose(gallery.photos[photo], ChoiceInput(), on: list, by: staff)
            }
            for _ in 0..<2 {
                try await gallery.house.reports.report(gallery.photos[0], ReportInput(reason: .private), by: try await gallery.chooser())
            }
        }

        /// What the desk hears of lists while something is done: of each that is told of, how many photos are on it.
        func heard(_ topic: Topic, during work: () async throws -> Void) async throws -> [[JSONValue?]] {
            let before = try await gallery.news(topic, "selection_updated").count
            try await work()
            let news = try await gallery.news(topic, "selection_updated").dropFirst(before)
            #expect(news.allSatisfy { $0["id"] == .string(list.description) })
            return news.map { [$0["count"], $0["hiddenCount"]] }
        }

        func batch(_ action: PhotoBatch.Action, _ photos: [PhotoID], to target: SessionID? = nil) async throws {
            let into = target.map { #","targetSessionId":"\#($0)""# } ?? ""
            let ids = photos.map { "\"\($0)\"" }.joined(separator: ",")
            let text = #"{"sessionId":"\#(gallery.session)","photoIds":[\#(ids)],"action":"\#(action.rawValue)"\#(into)}"#
            #expect(try await desk.perform(try JSON.decode(from: text), by: editor.principal).failed == 0)
        }

        func closed() async throws -> [JSONValue] { try await gallery.news(.desk(gallery.session), "report_resolved") }
    }

    @Test("each list is told of once when some of its photos are taken from sight, and when they come back", arguments: TestDriver.installed)
    func sight(driver: TestDriver) async throws {
        try await Gallery.with(driver) { gallery in
            let proof = try await Proof(gallery)
            let both = Array(gallery.photos.prefix(2))
            for (action, back) in [(.hide, .publish), (.reject, .approve), (.delete, .restore)] as [(PhotoBatch.Action, PhotoBatch.Action)] {
                #expect(try await proof.heard(.desk(gallery.session)) { try await proof.batch(action, both) } == [[.integer(0), .integer(2)]])
                #expect(try await proof.heard(.desk(gallery.session)) { try await proof.batch(back, both) } == [[.integer(2), .integer(0)]])
            }
            #expect(try await proof.heard(.session(gallery.session)) { try await proof.batch(.hide, both) } == [[.integer(0), nil]])
            // Nothing comes of it for guests.
            #expect(try await proof.heard(.desk(gallery.session)) { try await proof.batch(.delete, both) } == [])
            #expect(try await proof.closed().isEmpty)
        }
    }

    @Test("lists and the desk hear of photos that are destroyed, moved, or too long in the bin", arguments: TestDriver.installed, ["destroy", "move", "bin"])
    func leaving(driver: TestDriver, way: String) async throws {
        try await Gallery.with(driver) { gallery in
            let proof = try await Proof(gallery)
            let other = try await gallery.house.sessions.create(title: "Two", owner: try #require(gallery.owner.userID)).id
            if way == "bin" { try await proof.batch(.delete, [gallery.photos[0]]) }
            let heard = try await proof.heard(.desk(gallery.session)) {
                switch way {
                case "destroy": try await proof.batch(.destroy, [gallery.photos[0]])
                case "move": try await proof.batch(.move, [gallery.photos[0]], to: other)
                default:
                    gallery.house.clock.advance(by: PhotoDesk.binLifetime + .seconds(1))
                    try await proof.desk.emptyBins()
                }
            }
            #expect(heard == [[.integer(1), .integer(0)]])
            let closed = try await proof.closed()
            #expect(closed.count == 1 && closed[0]["photoId"] == .string(gallery.photos[0].description))
            #expect(closed.allSatisfy { $0["count"] == .integer(0) && $0["id"] == nil && $0["resolution"] == nil })
            for data in closed { try ReportNews.schema.validate(data) }
            #expect(try await gallery.house.reports.list(of: gallery.session, after: nil, limit: 5).items.isEmpty)
            #expect(try await gallery.house.reports.list(of: other, after: nil, limit: 5).items.isEmpty)
        }
    }
}
