/// Something computed of bytes in their order. A copy goes on by itself.
protocol RunningDigest: Sendable {
    mutating func update(_ bytes: UnsafeRawBufferPointer)
}
