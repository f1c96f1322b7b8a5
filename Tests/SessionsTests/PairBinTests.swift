import Core
import Testing

@testable import Sessions

@Suite struct `Files of a photo that is in the bin` {
    private typealias Shoot = PairIntakeTests.Shoot

    @Test(arguments: TestDriver.installed)
    func `stay out of it: one that comes later is a photo of its own`(driver: TestDriver) async throws {
        try await TestHouse.with(driver) { house in
            let shoot = try await Shoot(house)
            let (jpeg, raw) = (shoot.file("IMG_1.JPG"), shoot.file("IMG_1.CR3"))
            try await shoot.send(jpeg)
            try await shoot.perform(.delete, on: PhotoID(jpeg.id))
            #expect(try await shoot.send(raw) == .created(PhotoID(raw.id)))
            #expect(try await shoot.roles() == [["primary IMG_1.CR3"]])
            #expect(try await Set(shoot.queued()) == [jpeg.id.description, raw.id.description])
        }
    }

    @Test(arguments: TestDriver.installed, ["IMG_1.JPG", "IMG_1.CR3"])
    func `bring it back when staff sends them again`(driver: TestDriver, again: String) async throws {
        try await TestHouse.with(driver) { house in
            let shoot = try await Shoot(house)
            let files = ["IMG_1.JPG", "IMG_1.CR3"].map { shoot.file($0) }
            for file in files { try await shoot.send(file) }
            let id = PhotoID(files[0].id)
            let sent = try #require(files.first { $0.declaration.filename == again })
            func known() async throws -> PhotoID? {
                try await house.database.write { tx in
                    try house.intake.known(sha256: sent.sha256, size: sent.size, in: shoot.session, transaction: tx)
                }
            }
            #expect(try await known() == id)
            try await shoot.perform(.delete, on: id)
            #expect(try await known() == nil, "its bytes have to come")
            #expect(try await shoot.send(shoot.file("OTHER", sha256: sent.sha256)) == .duplicate(of: id))
            #expect(try await shoot.roles() == [["primary IMG_1.JPG", "raw IMG_1.CR3"]])
        }
    }
}

extension PairIntakeTests.Shoot {
    /// Does something to a photo as the owner does.
    func perform(_ operation: PhotoOperation, on photo: PhotoID) async throws {
        _ = try await house.desk.perform(operation, on: photo, by: PhotoDesk.Editor(principal: owner, rights: .owner))
    }
}
