/// What a robot is for, as far as its name tells.
package enum BotKind: UInt8, Sendable {
  case none  // no robot
  case other
  case search  // a search engine's crawler
  case aiTraining, aiSearch, aiUser  // collects for training; for an assistant's index; fetches for a person who asks right now
  case dataset  // collects for whoever buys
  case feed, monitor
  case tool  // a program or library: curl, okhttp, a headless browser
  case scanner  // looks for holes

  /// From the last column of an R or N row.
  init(rule extra: Substring, isAI: Bool) {
    self =
      switch extra {
      case "training": .aiTraining
      case "search": isAI ? .aiSearch : .search
      case "engine": .search
      case "user": .aiUser
      case "dataset": .dataset
      case "feed": .feed
      case "monitor": .monitor
      case "tool": .tool
      case "scanner": .scanner
      default: .other
      }
  }
}
