import Testing

@testable import Broker

@Suite struct `Lease machine` {
    private let start = ContinuousClock.now

    @Test("a lease nobody has, or that was given back, may be taken at once")
    func free() {
        var machine = LeaseMachine(expiry: .seconds(2))
        #expect(machine.looked(nil, at: start) == true)
        #expect(machine.looked(LeaseRow(holder: "", term: 3, beat: 7), at: start) == true)
    }

    @Test("a holder that shows signs of life keeps it, however long")
    func alive() {
        var machine = LeaseMachine(expiry: .seconds(2))
        for second in 0..<60 {
            let row = LeaseRow(holder: "a", term: 1, beat: Int64(second))
            #expect(machine.looked(row, at: start + .seconds(second)) == false)
        }
    }

    @Test("without a sign of life it may be taken after the expiry, counted from our first look")
    func dead() {
        var machine = LeaseMachine(expiry: .seconds(2))
        let row = LeaseRow(holder: "a", term: 1, beat: 9)
        #expect(machine.looked(row, at: start) == false)
        #expect(machine.looked(row, at: start + .milliseconds(1999)) == false)
        #expect(machine.looked(row, at: start + .seconds(2)) == true)
    }

    @Test("time in which the database did not answer counts for nobody")
    func unanswered() {
        var machine = LeaseMachine(expiry: .seconds(2))
        let row = LeaseRow(holder: "a", term: 1, beat: 9)
        #expect(machine.looked(row, at: start) == false)
        machine.lookFailed()
        #expect(machine.looked(row, at: start + .seconds(10)) == false)
        #expect(machine.looked(row, at: start + .seconds(12)) == true)
    }
}
