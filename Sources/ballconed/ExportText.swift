internal import Dashboard
internal import Syslog
internal import TSEngine

/// What `ballconed export` writes: a line of JSON for each part of a store.
///
/// ```
/// {"ballcone_export":1,"snapshot_version":1,"visitor_key":"5f…","services":["blog"]}
/// {"kind":"imports","logs":["blog 4d2 9f… -"]}                       logs that are in already, known by hashes
/// {"kind":"names","sources":[…],"agents":[[…]],"data":"…"}           what codes stand for
/// {"kind":"service","service":"blog","first":"…Z","last":"…Z","path":[…],"referrer":[…],…,"open":[…],"data":"…"}
/// {"kind":"hour","service":"blog","time":"…Z","people":{"requests":…},"bots":{…},
///  "tables":{"path":[["/",people,bots,bytes],…],…},"data":"…"}       minutes have no tables
/// {"kind":"rows","service":"blog","time":"…Z","columns":["minute","path",…],"values":[[…],…],"data":"…"}
/// ```
/// `data` is the part as a snapshot has it (base64), which alone can be counted on with: sketches are no numbers. All else
/// says the same in words. An import writes the lines anew and refuses those whose words do not follow from their data.
/// The visitor key is in none of them; `visitor_key` tells keys apart and says nothing of the key.
struct ExportText {
  private let services: [String]
  init(services: [String]) { self.services = services }

  static func header(keyID: UInt64, services: [String]) -> [UInt8] {
    var json = JSONWriter()
    json.beginObject()
    json.member("ballcone_export", 1)
    json.member("snapshot_version", SnapshotFormat.version)
    json.member("visitor_key", identifier(keyID))
    json.key("services")
    strings(services, &json)
    json.endObject()
    return json.bytes
  }

  static func imports(_ logs: [String]) -> [UInt8] {
    var json = JSONWriter()
    json.beginObject()
    json.member("kind", "imports")
    json.key("logs")
    strings(logs, &json)
    json.endObject()
    return json.bytes
  }

  /// Sixteen hexadecimal digits.
  static func identifier(_ keyID: UInt64) -> String {
    let digits = String(keyID, radix: 16)
    return String(repeating: "0", count: 16 - digits.count) + digits
  }

  func line(_ part: StorePart) -> [UInt8] {
    var json = JSONWriter(capacity: part.bytes.count * 3)
    json.beginObject()
    json.member("kind", part.kind.rawValue)
    if part.service >= 0 { json.member("service", services[part.service]) }
    switch part.words {
    case .names(let names): Self.write(names, &json)
    case .service(let service): Self.write(service, &json)
    case .bucket(let bucket): Self.write(bucket, &json)
    case .rows(let rows): Self.write(rows, &json)
    }
    json.member("data", Base64.encode(part.bytes))
    json.endObject()
    return json.bytes
  }

  // MARK: Words

  private static func strings(_ texts: [String], _ json: inout JSONWriter) {
    json.beginArray()
    for text in texts { json.string(text) }
    json.endArray()
  }

  private static func write(_ names: StorePart.Names, _ json: inout JSONWriter) {
    json.key("sources")
    strings(names.sources, &json)
    json.key("agents")
    json.beginArray()
    for agent in names.agents {
      strings(
        [
          agent.browser, agent.browserVersion, agent.platform, agent.platformVersion, agent.device.name,
          agent.isBot ? "bot" : "person", agent.bot,
        ], &json)
    }
    json.endArray()
  }

  private static func write(_ service: StorePart.Service, _ json: inout JSONWriter) {
    if service.last > 0 {
      json.member("first", time: service.first)
      json.member("last", time: service.last)
    }
    for (dimension, labels) in service.dictionaries {
      json.key(dimension.name)
      strings(labels, &json)
    }
    json.key("open")
    json.beginArray()
    for bucket in service.open {
      json.beginObject()
      json.member("kind", bucket.kind.rawValue)
      write(bucket, &json)
      json.endObject()
    }
    json.endArray()
  }

  private static func write(_ bucket: StorePart.Bucket, _ json: inout JSONWriter) {
    json.member("time", Timestamp.text(bucket.second))
    write("people", bucket.people, &json)
    write("bots", bucket.bots, &json)
    guard bucket.kind != .minute else { return }
    json.key("tables")
    json.beginObject()
    for (dimension, values) in bucket.tables {
      json.key(dimension.name)
      json.beginArray()
      for value in values {
        json.beginArray()
        json.string(value.label)
        for number in [value.people, value.bots, value.bytes] { json.integer(number) }
        json.endArray()
      }
      json.endArray()
    }
    json.endObject()
  }

  private static func write(_ name: String, _ counts: StorePart.Counts, _ json: inout JSONWriter) {
    json.key(name)
    json.beginObject()
    json.member("requests", counts.requests)
    if counts.requests > 0 {
      json.member("visitors", counts.visitors)
      json.member("pageviews", counts.pageviews)
      json.member("errors", counts.errors)
      json.member("bytes", counts.bytes)
      json.key("status")
      json.beginObject()
      for (status, requests) in counts.statuses { json.member(status == 0 ? "000" : String(status), requests) }
      json.endObject()
      json.member("timed", counts.timed)
      json.member("microseconds", counts.microseconds)
      json.key("durations")
      json.beginArray()
      for (upper, requests) in counts.durations {
        json.beginArray()
        json.number(upper)
        json.integer(requests)
        json.endArray()
      }
      json.endArray()
    }
    json.endObject()
  }

  private static func write(_ rows: StorePart.Rows, _ json: inout JSONWriter) {
    json.member("time", Timestamp.text(rows.second))
    json.key("columns")
    strings(StorePart.Rows.columns, &json)
    json.key("values")
    json.beginArray()
    for row in rows.values {
      json.beginArray()
      for number in row { json.integer(number) }
      json.endArray()
    }
    json.endArray()
  }
}
