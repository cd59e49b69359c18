/// A service without its closed parts.
///
/// ```
///  paths ‖ referrers ‖ hosts ‖ campaigns ‖ referrer hosts     LabelDictionary
///  host of each referrer from code 2 on                       varints
///  rowsFrom ‖ minutesFrom ‖ hoursFrom ‖ daysFrom ‖ first ‖ last     8 bytes each
///  minutes ‖ hours ‖ days                                     n ‖ (gap, bytes)…
///  blocks                                                     n ‖ (hour gap, rows, bytes)…
///  open minute ‖ open hour ‖ open day ‖ open batches
/// ```
extension Series {
  func encode(into out: inout ByteWriter) {
    paths.encode(into: &out, from: 0)
    referrers.encode(into: &out, from: 0)
    hosts.encode(into: &out, from: 0)
    campaigns.encode(into: &out, from: 0)
    // Not made again from the referrers: a crowded dictionary may have turned some away.
    referrerHosts.encode(into: &out, from: 0)
    for code in 2..<max(2, referrers.count) {
      out.varint(referrers.isFree(UInt32(code)) ? 0 : UInt64(referrerHost[code]))
    }
    for number in [rowsFrom, minutesFrom, hoursFrom, daysFrom, firstSecond, lastSecond] { out.fixed(Int64(number)) }
    Self.encode(minutes, into: &out)
    Self.encode(hours, into: &out)
    Self.encode(days, into: &out)
    out.varint(UInt64(blocks.count))
    var previous = 0
    for block in blocks {
      out.varint(UInt64(block.hour - previous))
      out.varint(UInt64(block.count))
      out.varint(UInt64(block.blob.count))
      previous = block.hour
    }
    encodeMinute(into: &out)
    encode(hour, into: &out)
    encode(day, into: &out)
    encodeVisitors(into: &out)
    encodeBatches(into: &out)
  }

  private static func encode(_ index: borrowing BucketIndex, into out: inout ByteWriter) {
    out.varint(UInt64(index.count))
    var previous = 0
    for position in 0..<index.count {
      let (number, blob) = index.at(position)
      out.varint(UInt64(number - previous))
      out.varint(UInt64(blob.count))
      previous = number
    }
  }

  private func encodeMinute(into out: inout ByteWriter) {
    out.fixed(Int64(minute.number))
    guard minute.number >= 0 else { return }
    minute.tally.encode(into: &out)
    for visitors in minute.visitors { visitors.encode(into: &out) }
  }

  /// Counters stay by column and uncut: what is open is restored exactly.
  private func encode(_ span: OpenSpan, into out: inout ByteWriter) {
    out.fixed(Int64(span.number))
    guard span.number >= 0 else { return }
    span.tally.encode(into: &out)
    for audience in 0..<2 {
      let at = out.count
      out.fixed(UInt32(0))
      span.visitors[audience].freeze(into: &out)
      out.setFixed(UInt32(out.count - at - 4), at: at)
    }
    for counter in span.counters { counter.encode(into: &out) }
  }

  private func encodeVisitors(into out: inout ByteWriter) {
    guard day.number >= 0 else { return }
    for words in day.words {
      var n = 0, previous = -1
      words.column.forEach { _, _ in n += 1 }
      out.varint(UInt64(n))
      words.column.forEach { key, word in
        out.varint(UInt64(key - previous - 1))
        previous = key
        let at = out.count
        out.fixed(UInt16(0))
        unsafe out.write(limit: ValueSketches.maxFrozenBytes) { unsafe day.sketches.freeze(word, into: $0) }
        out.setFixed(UInt16(out.count - at - 2), at: at)
      }
    }
  }

  private func encodeBatches(into out: inout ByteWriter) {
    let open = batches.filter { $0.count > 0 }
    out.varint(UInt64(open.count))
    for batch in open {
      out.fixed(Int64(batch.hour))
      out.varint(UInt64(batch.count))
      for index in 0..<batch.count {
        let row = batch[index]
        out.byte(row.minute)
        out.fixed(row.token)
        out.varint(UInt64(row.path))
        out.varint(UInt64(row.agent))
        out.varint(UInt64(row.referrer))
        out.varint(UInt64(row.host))
        out.varint(UInt64(row.campaign))
        out.byte(row.country)
        out.fixed(row.status)
        out.byte(row.verb)
        out.varint(UInt64(row.bytes))
        out.fixed(row.duration)
      }
    }
  }
}

extension Labels {
  func encode(into out: inout ByteWriter) {
    names.encode(into: &out, from: 0)
    out.varint(UInt64(agents.count))
    for code in 2..<agents.count {
      let row = agents.rows[code]
      for name in [row.browser, row.browserVersion, row.platform, row.platformVersion, row.bot] { out.fixed(name) }
      out.byte(row.device)
      out.byte(row.isBot)
    }
  }
}
