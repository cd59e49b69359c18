internal import Syslog

extension IngestOptions {
  /// What the options say of messages; wrong ones are a usage error.
  init(_ options: Options, countries: CountryLookup?) throws(UsageError) {
    self.init()
    self.countries = countries
    visitorIncludesAgent = options.text(.visitor) == "ip+ua"
    rules = try IngestRules(options)
  }
}

extension IngestRules {
  init(_ options: Options) throws(UsageError) {
    self.init()
    exclusions = try Self.each(
      options, .exclude, "path=PATTERN, address=CIDR, agent=TEXT or host=NAME"
    ) { Exclusion($0) }
    pathRules = try Self.each(options, .pathRule, "'/users/* → /users/:id'") { PathRule($0) }
    trustedProxies = try Self.each(options, .trustedProxy, "an address, ADDRESS/BITS or any") { AddressRange($0) }
    foldsIdentifiers = options.isOn(.foldIDs)
    if let text = options.text(.query) {
      guard let policy = QueryPolicy(text) else { throw Self.wrong(.query, text, "drop, keep or names: a,b,c") }
      query = policy
    }
    for name in options.list(.services) where !declare(service: name) {
      throw Self.wrong(.services, name, "names of [a-z0-9._-]{1,64}")
    }
  }

  static func each<T>(
    _ options: Options, _ name: Option.Name, _ want: String, _ read: (String) -> T?
  ) throws(UsageError) -> [T] {
    var values: [T] = []
    for text in options.list(name) {
      guard let value = read(text) else { throw wrong(name, text, want) }
      values.append(value)
    }
    return values
  }

  private static func wrong(_ name: Option.Name, _ text: String, _ want: String) -> UsageError {
    UsageError(message: "cannot use --\(Option.named(name).flag): got \(Log.quoted(text)), want \(want)")
  }
}
