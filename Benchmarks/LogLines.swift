import CLoopback

/// Lines of our compact form, 400 bytes each, as nginx sends them for a busy site: 2,000 paths, 200 agents and 97 referrers,
/// few of each most often. The sender writes number, time and client into each.
enum LogLines {
  static let size = 400
  private static let head = "<190>Nov 24 03:59:02 nginx: {\"v\":1,\"n\":\""
  private static let beforeTime = "00000000\",\"t\":\"", beforeClient = "1795500000.083\",\"s\":\"example.org\",\"a\":\"81.2."

  static var places: ballcone_places {
    let number = head.utf8.count, time = number + beforeTime.utf8.count
    return ballcone_places(number: UInt32(number), time: UInt32(time), address: UInt32(time + beforeClient.utf8.count))
  }

  /// `count` lines, one behind the other, each filled up by its query.
  static func compact(_ count: Int) -> [UInt8] {
    var all: [UInt8] = [], random = Xorshift()
    for _ in 0..<count {
      let chrome = 100 + random.skewed(200)
      let referrer = random.next() & 1 == 0 ? "" : "https://referrer-\(random.skewed(97)).example/some/page"
      let status = [200, 200, 200, 200, 200, 200, 304, 404][Int(random.next() & 7)]
      let before =
        head + beforeTime + beforeClient + "100.100\",\"m\":\"GET\",\"u\":\"/articles/page-\(random.skewed(2_000))?q="
      let after =
        "\",\"c\":\"\(status)\",\"b\":\"\(random.skewed(60_000))\",\"d\":\"0.\(100 + random.skewed(900))\",\"ud\":\"0.004\","
        + "\"r\":\"\(referrer)\",\"ua\":\"Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) "
        + "Chrome/\(chrome).0.0.0 Safari/537.36\",\"p\":\"HTTP/1.1\"}"
      let line = before + String(repeating: "x", count: max(0, size - before.utf8.count - after.utf8.count)) + after
      precondition(line.utf8.count == size, "a line of \(line.utf8.count) bytes")
      all += Array(line.utf8)
    }
    return all
  }
}
