import Decoding

/// The decoder child: `lumiere-decode [--read PATH ...] --folder PATH ...`, driven over its standard input and output.
@main
struct LumiereDecode {
    static func main() { DecoderChild.run() }
}
