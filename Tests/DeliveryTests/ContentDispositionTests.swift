import Testing

@testable import Delivery

@Suite("File names for saving")
struct ContentDispositionTests {
    @Test(
        "are quoted, and given in UTF-8 when ASCII would lose something",
        arguments: [
            ("IMG_1.JPG", "attachment; filename=\"IMG_1.JPG\""),
            ("été 1.jpg", "attachment; filename=\"_t_ 1.jpg\"; filename*=UTF-8''%C3%A9t%C3%A9%201.jpg"),
            ("a\"b\\c.jpg", "attachment; filename=\"a_b_c.jpg\"; filename*=UTF-8''a%22b%5Cc.jpg"),
            ("a\r\nX: y.jpg", "attachment; filename=\"a__X: y.jpg\"; filename*=UTF-8''a%0D%0AX%3A%20y.jpg"),
        ])
    func names(filename: String, header: String) {
        #expect(ContentDisposition.text(filename, isAttachment: true) == header)
    }
}
