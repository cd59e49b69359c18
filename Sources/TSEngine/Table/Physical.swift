/// The stored columns that carry dimensions. Counters are kept by these; everything else is derived when a bucket closes.
enum Physical: Int, CaseIterable {
  case path, entry, referrer, agent, host, campaign, country, status, verb

  /// Codes a column can hold; keys are twice as many (`code << 1 | bot`).
  var codes: Int {
    switch self {
    case .path, .entry: Limits.pathCodes
    case .referrer: Limits.referrerCodes
    case .agent: Limits.agentCodes
    case .host: Limits.hostCodes
    case .campaign: Limits.campaignCodes
    case .country, .verb: 256
    case .status: Limits.statusCodes
    }
  }
}

extension Dimension {
  /// The column this dimension is a function of.
  var physical: Physical {
    switch self {
    case .path, .asset: .path
    case .entry: .entry
    case .referrer, .source, .channel: .referrer
    case .campaign: .campaign
    case .host: .host
    case .country: .country
    case .browser, .browserVersion, .platform, .platformVersion, .device, .bot: .agent
    case .status: .status
    case .method, .httpProtocol: .verb
    }
  }

  /// Whether its codes are those of its column.
  var isStored: Bool {
    switch self {
    case .path, .entry, .campaign, .host, .country, .status: true
    default: false
    }
  }

  /// Codes this dimension itself can have at most.
  var codes: Int {
    switch self {
    case .path, .entry: Limits.pathCodes
    case .referrer: Limits.referrerCodes
    case .source, .browser, .browserVersion, .platform, .platformVersion, .bot: Limits.nameCodes
    case .channel: Channel.allCases.count
    case .campaign: Limits.campaignCodes
    case .host: Limits.hostCodes
    case .country: 256
    case .device: Device.allCases.count
    case .status: Limits.statusCodes
    case .method: Method.allCases.count
    case .httpProtocol: HTTPProtocol.allCases.count
    case .asset: 2
    }
  }

  /// Whether code 0 means `~other`, so that what is cut from a table can be added to it. Closed lists are never cut.
  var hasOther: Bool {
    switch self {
    case .country, .status, .device, .asset, .channel, .method, .httpProtocol: false
    default: true
    }
  }
}
