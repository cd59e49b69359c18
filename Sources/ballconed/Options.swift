/// A wrong command line: exit code 2.
struct UsageError: Error, Equatable {
  let message: String
}

/// What was asked for: a command, its options (checked against their bounds) and its operands.
struct Options: Sendable {
  let command: Command
  private var given: [Option.Name: [String]] = [:]
  private(set) var operands: [String] = []
  let environment: [String: String]

  /// - Parameters:
  ///   - arguments: without the program's own name.
  ///   - environment: only names of the table and `STATE_DIRECTORY` are looked at.
  init(_ arguments: [String], environment: [String: String] = [:]) throws(UsageError) {
    var rest = arguments[...]
    if let first = rest.first, let named = Command(rawValue: first) {
      command = named
      rest = rest.dropFirst()
    } else {
      command = .serve
    }
    self.environment = environment
    try read(&rest)
    for option in Option.all where option.commands.contains(command) && given[option.name] == nil {
      // What is erased is said each time.
      if command == .forget, option.name != .data { continue }
      guard let name = option.environment, let text = environment[name], !text.isEmpty else { continue }
      try take(option, text, as: name, fromEnvironment: true)
    }
  }

  private mutating func read(_ rest: inout ArraySlice<String>) throws(UsageError) {
    while let argument = rest.popFirst() {
      if argument == "--" {
        operands += rest
        break
      }
      guard argument.hasPrefix("-"), argument != "-" else {
        operands.append(argument)
        continue
      }
      let parts = argument.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
      let flag = String(parts[0])
      guard let option = find(flag) else {
        throw UsageError(
          message: "cannot understand the command line: got \(flag), want an option of ballconed \(command) --help")
      }
      if case .flag = option.value {
        guard parts.count == 1 else { throw UsageError(message: "cannot use \(flag): got a value, want none") }
        given[option.name] = ["true"]
      } else if parts.count == 2 {
        try take(option, String(parts[1]), as: flag)
      } else if let value = rest.popFirst() {
        try take(option, value, as: flag)
      } else {
        throw UsageError(message: "cannot use \(flag): got nothing behind it, want \(option.placeholder)")
      }
    }
    if !command.takesOperands, let first = operands.first, !isOn(.help), !isOn(.version) {
      throw UsageError(
        message: "cannot understand the command line: got \(first), want an option or one of \(Self.commandNames)")
    }
  }

  static var commandNames: String { Command.allCases.map(\.rawValue).joined(separator: " ") }

  private func find(_ flag: String) -> Option? {
    Option.all.first { option in
      option.commands.contains(command) && (flag == "--" + option.flag || (option.short.map { flag == "-" + $0 } ?? false))
    }
  }

  private mutating func take(_ option: Option, _ text: String, as name: String, fromEnvironment: Bool = false)
    throws(UsageError)
  {
    func refuse() -> UsageError {
      UsageError(message: "cannot use \(name): got \(Log.quoted(text)), want \(option.bounds ?? option.placeholder)")
    }
    var valid = true
    switch option.value {
    case .flag:
      guard let on = ["1": true, "true": true, "yes": true, "0": false, "false": false, "no": false][text] else {
        throw UsageError(message: "cannot use \(name): got \(Log.quoted(text)), want true or false")
      }
      if on { given[option.name] = ["true"] }
      return
    case .list:
      let values = values(of: option, text, fromEnvironment)
      if values.isEmpty { throw refuse() }
      given[option.name, default: []] += values
      return
    case .text: valid = !text.isEmpty
    case .host: valid = Self.address(text) != nil
    case .number(let range): valid = Int(text).map(range.contains) ?? false
    case .numberOr(let word, let range): valid = text == word || (Int(text).map(range.contains) ?? false)
    case .seconds(let range): valid = Unit.seconds(text).map(range.contains) ?? false
    case .bytes(let range): valid = Unit.bytes(text).map(range.contains) ?? false
    case .choice(let words): valid = words.contains(text)
    }
    guard valid else { throw refuse() }
    given[option.name] = [text]  // said twice: the last one wins
  }

  /// What one mention of a list brings: names have no commas, so they may always be separated by them.
  private func values(of option: Option, _ text: String, _ fromEnvironment: Bool) -> [String] {
    switch option.name {
    case .publicHost, .services: text.split(separator: ",").map(String.init)
    case .listen: fromEnvironment ? Listening.list(text) : [text]
    default: fromEnvironment ? text.split(separator: ",").map(String.init) : [text]
    }
  }

  // MARK: Values, valid by construction

  func isOn(_ name: Option.Name) -> Bool { given[name] != nil }
  func isGiven(_ name: Option.Name) -> Bool { given[name] != nil }
  /// As written; the default when not given; nil when there is neither.
  func text(_ name: Option.Name) -> String? { given[name]?.last ?? Option.named(name).initial }
  func list(_ name: Option.Name) -> [String] { given[name] ?? [] }
  func number(_ name: Option.Name) -> Int { required(name, Int.init) }
  func seconds(_ name: Option.Name) -> Int { required(name, Unit.seconds) }
  func bytes(_ name: Option.Name) -> Int { required(name, Unit.bytes) }
  /// The number, or nil for the word that may stand instead.
  func numberOrWord(_ name: Option.Name) -> Int? { text(name).flatMap { Int($0) } }
  /// A numeric address; `localhost` is 127.0.0.1.
  func host(_ name: Option.Name) -> String { required(name, Self.address) }

  private func required<T>(_ name: Option.Name, _ read: (String) -> T?) -> T {
    guard let value = text(name).flatMap(read) else { fatalError("BUG: option \(name) has no usable default") }
    return value
  }

  /// The directory of snapshots; `:memory:` as it is.
  var dataDirectory: String {
    if let chosen = given[.data]?.last { return chosen }
    // systemd separates several by colons; the first is ours.
    if let state = environment["STATE_DIRECTORY"]?.split(separator: ":").first { return String(state) }
    return "ballcone-data"
  }
  /// Where systemd puts what `LoadCredential=` names.
  var credentials: String? { environment["CREDENTIALS_DIRECTORY"] }
  var keepsNothing: Bool { dataDirectory == ":memory:" }

  private static func address(_ text: String) -> String? {
    if text == "localhost" { return "127.0.0.1" }
    return SocketAddress(host: text, port: 0) == nil ? nil : text
  }
}
