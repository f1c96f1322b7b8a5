import Testing

@testable import WatchParty

@Suite("Schedule")
struct ScheduleTests {
    @Test("all hear of a change before its moment, which is never far", arguments: [
        (nil, 200), (0, 200), (-5, 200), (.nan, 200), (40, 200), (150, 300), (900, 1800), (1500, 2000), (.infinity, 200), (1e300, 2000),
    ] as [(Double?, Int)])
    func lead(roundTrip: Double?, milliseconds: Int) {
        #expect(Schedule.lead(highestRoundTrip: roundTrip) == .milliseconds(milliseconds))
    }
}
