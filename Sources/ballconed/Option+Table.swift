internal import Syslog

extension Option {
  private static let port = Value.number(0...65_535)
  private static let storing: Set<Command> = [.serve, .import, .migrate, .report]
  private static let senders: Set<Command> = [.nginx, .haproxy, .caddy, .apache, .rsyslog]
  private static let reading: Set<Command> = [.serve, .import, .migrate, .test]

  /// What `ballconed export` writes.
  static let exportFormat = "ballcone-export"

  /// Every option there is, in the order of `--help`.
  static let all: [Option] = [
    Option(.syslogHost, short: "sh", .host, initial: "127.0.0.1", "address to receive syslog datagrams on", [.serve]),
    Option(.syslogPort, short: "sp", port, initial: "65140", "its UDP port; 0 takes any free one", [.serve]),
    Option(
      .listen, .list("ADDRESS"),
      "receive here too: udp:HOST:PORT, tcp:HOST:PORT or unix:PATH, behind it ,allow=CIDR or ,uid=NUMBER; may be repeated",
      [.serve]),
    Option(
      .allow, .list("CIDR"),
      "who may send, or any; without it this machine, and private networks where an address is not loopback; may be repeated",
      [.serve]),
    Option(.services, .list("NAME"), "count these sites only; may be repeated", [.serve]),
    Option(.webHost, short: "wh", .host, initial: "127.0.0.1", "address of dashboard, API and /metrics", [.serve, .health]),
    Option(.webPort, short: "wp", port, initial: "8080", "its TCP port; 0 takes any free one", [.serve, .health]),
    Option(.basePath, .text("/PATH"), "where a reverse proxy mounts the dashboard", [.serve, .health]),
    Option(
      .publicHost, .list("NAME"),
      "name by which browsers reach the dashboard, besides addresses and localhost; may be repeated",
      [.serve]),
    Option(.passwordFile, .text("FILE"), "ask for HTTP Basic credentials: lines of user:password in this file", [.serve]),
    Option(.insecure, .flag, "allow a web address other than loopback without a password", [.serve]),
    Option(
      .data, short: "d", .text("DIR"), initial: "$STATE_DIRECTORY or ./ballcone-data",
      "where snapshots live; :memory: keeps nothing",
      [.serve, .import, .export, .migrate, .forget, .report, .check]),
    Option(.period, short: "p", .seconds(1...3_600), initial: "5", "time between two writes to disk", [.serve]),
    Option(
      .memory, .bytes(16 << 20...1 << 40), initial: "64MiB", "memory of the whole process; old detail rows give way", storing),
    Option(.keepMinutes, .seconds(3_600...604_800), initial: "48h", "how long minutes are kept", storing),
    Option(.keepHours, .seconds(86_400...31_622_400), initial: "35d", "how long hours are kept", storing),
    Option(
      .keepDays, .numberOr("all", 1...36_500), initial: "all", "how many days are kept; older events are rejected as late",
      storing),
    Option(.topLimit, short: "t", .number(1...1_000), initial: "5", "paths that pages list where JavaScript is off", [.serve]),
    Option(.days, .number(1...3_650), initial: "30", "days in Ballcone's JSON and in the overview", [.serve]),
    Option(
      .geoip, .text("FILE"), "country or city database, .mmdb; found in the usual places when not given", reading),
    Option(
      .visitor, .choice(["ip", "ip+ua"]), initial: "ip", "what makes a visitor: the address, or the address and the browser",
      reading),
    Option(
      .exclude, .list("WHAT"),
      "leave out path=/health, path=/admin/**, address=CIDR, agent=TEXT or host=NAME; counted as excluded; may be repeated",
      reading),
    Option(
      .query, .text("drop|keep|NAMES"), initial: "drop", "what of an address's query belongs to its page: NAMES are a,b,c",
      reading),
    Option(
      .pathRule, .list("RULE"), "count many paths as one page: '/users/* → /users/:id', or with ->; may be repeated", reading),
    Option(.foldIDs, .flag, "count paths that differ in a number or a UUID between slashes as one page", reading),
    Option(
      .trustedProxy, .list("CIDR"), "whose X-Forwarded-For tells the client's address; may be repeated", reading),
    Option(
      .service, .text("NAME"), "the site; it wins over what lines say",
      senders.union([.import, .export, .migrate, .forget, .test, .report])),
    Option(
      .importFormat, .choice(RecordFormat.allCases.map(\.rawValue) + [exportFormat]), initial: "auto",
      "what the lines are", [.import, .test]),
    Option(.to, .text("URL"), "send the log to a running daemon, http://127.0.0.1:8080", [.import]),
    Option(.again, .flag, "count what is already in once more", [.import, .migrate]),
    Option(.before, .text("TIME"), "erase whole days before this: 2026-10-02, RFC 3339 or Unix seconds", [.forget]),
    Option(.path, .list("PATH"), "erase the name of this path; its requests stay in totals; may be repeated", [.forget]),
    Option(.fromURL, .text("URL"), "ask a running daemon, http://127.0.0.1:8080", [.report]),
    Option(.reportFrom, .text("TIME"), initial: "-28d", "start: RFC 3339, Unix seconds or -24h, -7d, -4w", [.report]),
    Option(.reportTo, .text("TIME"), initial: "now", "end, not included", [.report]),
    Option(.reportFormat, .choice(["text", "json", "csv"]), initial: "text", "how to print it", [.report]),
    Option(.address, .text("HOST:PORT"), initial: "127.0.0.1:65140", "where the daemon receives", senders),
    Option(.version, short: "v", .flag, "print the version", Set(Command.allCases)),
    Option(.help, short: "h", .flag, "print this", Set(Command.allCases)),
  ]

  static func named(_ name: Name) -> Option {
    guard let option = all.first(where: { $0.name == name }) else { fatalError("BUG: option \(name) is not in the table") }
    return option
  }
}
