/// Every maximum of the engine, with its arithmetic. What grows with the world outside ends here.
package enum Limits {
  package static let services = 256  // then `~other`
  package static let pathCodes = 65_536, pathBytes = 4 << 20
  package static let referrerCodes = 65_535, referrerBytes = 2 << 20
  package static let hostCodes = 16_384, hostBytes = 1 << 20
  package static let campaignCodes = 16_384, campaignBytes = 1 << 20
  /// Bytes a code of a dictionary takes at most while it is in use: string and slots 80, cells of two spans and two columns
  /// 128, their slots and words 64, visitors 48. All codes of all services may take half of the pool.
  package static let bytesPerCode = 320
  package static let nameCodes = 60_000, nameBytes = 1 << 20  // browsers, platforms, versions, bots, sources
  package static let agentCodes = 16_384
  package static let statusCodes = 600  // 0 for none, 100…599

  package static let batchRows = 8_192
  package static let foldRows = 1_024  // a fold's columns stay in the second-level cache, and a call does not take long
  package static let openBatches = 4  // hours a service may receive at once

  package static let hourValues = 256, dayValues = 1_024, dayVisitorValues = 64
  package static let valuePrecision = 10, bucketPrecision = 14
  package static let valueSketchBytes = 16 << 20  // addresses of one open day; of the pool a quarter, for all services

  package static let futureSeconds = 300
  /// What the process needs beside the pool: code, threads, HTTP, query scratch. `--memory` is for all of it.
  package static let processBytes = 35 << 18  // 8.75 MiB
  package static let smallestMemory = 16 << 20
  /// Free pages that eviction keeps, so that a fold never has to be refused.
  package static let reservePages = 256

  /// Holds once, at start.
  static func check() {
    precondition(pathCodes <= 1 << 17 && referrerCodes < 1 << 16 && hostCodes <= 1 << 16 && agentCodes <= 1 << 16)
    precondition(hourValues <= dayValues && dayVisitorValues <= dayValues)
    precondition(foldRows <= batchRows && batchRows < 1 << 16)
    precondition(valuePrecision <= bucketPrecision && bucketPrecision <= 14)
    precondition(smallestMemory > processBytes)
  }
}
