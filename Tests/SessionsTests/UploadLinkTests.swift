import Accounts
import Core
import Testing

@testable import Sessions

@Suite("Links for those who only send, and all links at once")
struct UploadLinkTests {
    @Test("who comes by a link for uploads sends, sees nothing, not even how much there is, and staff sees what they are called", arguments: TestDriver.installed)
    func uploads(driver: TestDriver) async throws {
        try await Gallery.with(driver, photos: 1) { gallery in
            let house = gallery.house
            let link = try await house.links().create(LinkInput(name: "Uncles", rights: ["upload"]), in: gallery.session, at: "")
            let token = try #require(link.url?.split(separator: "/").last.map(String.init))
            let entry = try await house.links().enter(token, name: "Bo", password: nil, address: "192.0.2.1")
            #expect(entry.session.photoCount == 0 && entry.session.coverPhotoId == nil)
            let guest = Principal.guest(try #require(house.accounts.grantChecker.check(entry.token)))
            let resource = try await house.door.resource(guest, gallery.session)
            #expect(Policy.allows(guest, .continueUpload, resource) == .allow)
            for action in [Action.listPhotos, .readPhoto, .followSession, .readMessages, .readSelections, .choosePhotos, .markPhoto, .reportPhoto] {
                #expect(Policy.allows(guest, action, resource) != .allow, "\(action)")
            }
            guard case .guest(let grant) = guest else { return }
            var upload = house.upload(into: gallery.session, sha256: String(repeating: "e", count: 64))
            (upload.uploaderID, upload.grantID) = (nil, grant.grantID)
            _ = try await house.database.write { [upload] tx in try house.intake.completed(upload, in: tx) }
            let view = try await house.photos.view(PhotoID(upload.id), for: gallery.owner, rights: .owner)
            #expect(view.uploaderName == "Bo" && view.uploaderId == nil)
            #expect(try await gallery.news(.desk(gallery.session), "photo_status_updated").last?["uploaderName"] == .string("Bo"))
            upload = house.upload(into: gallery.session, sha256: String(repeating: "d", count: 64))
            upload.uploaderID = gallery.owner.userID
            _ = try await house.database.write { [upload] tx in try house.intake.completed(upload, in: tx) }
            #expect(try await house.photos.view(PhotoID(upload.id), for: gallery.owner, rights: .owner).uploaderName == "ada")
            let seen = try await house.photos.view(gallery.photos[0], for: try await gallery.guest(), rights: .view)
            #expect(seen.uploaderName == nil)
        }
    }

    @Test("all links are taken back at once with those who came by them, and nobody else leaves", arguments: TestDriver.installed)
    func all(driver: TestDriver) async throws {
        try await Gallery.with(driver) { gallery in
            let links = gallery.house.links()
            _ = try await links.create(LinkInput(name: "Others"), in: gallery.session, at: "")
            let other = try await gallery.house.sessions.create(title: "Two", owner: try await gallery.house.photographer("eve").userID!)
            _ = try await links.create(LinkInput(name: "Theirs"), in: other.id, at: "")
            let byCode = try await gallery.house.sessions.enter(gallery.session, code: "one-1", name: nil, address: "a").0
            guard case .guest(let byLink) = try await gallery.guest() else { return }
            try await links.removeAll(in: gallery.session)
            let checker = gallery.house.accounts.grantChecker
            #expect(checker.isRevoked(byLink.grantID) && checker.check(byCode.token) != nil)
            #expect(try await links.list(of: gallery.session, after: nil, limit: 5, at: "").items.isEmpty)
            #expect(try await links.list(of: other.id, after: nil, limit: 5, at: "").items.count == 1)
            #expect(await gallery.code { try await gallery.guest() } == "not_found")
            try await links.removeAll(in: gallery.session)
        }
    }
}
