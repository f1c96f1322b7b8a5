import Testing

@testable import WatchParty

@Suite struct PartyGrantsTests {
    @Test func `a host may everything, whatever is left to others`() {
        let grants = PartyGrants(controller: [], viewer: [])
        #expect(grants.held(by: .host) == Set(PartyGrant.allCases))
        #expect(grants.held(by: .controller).isEmpty)
    }

    @Test func `without a word everybody plays, seeks, queues and talks, and nobody but the host shows out`() {
        let grants = PartyGrants()
        #expect(grants.held(by: .viewer) == [.play, .seek, .queue, .chat])
        #expect(!grants.held(by: .controller).contains(.kick))
    }
}
