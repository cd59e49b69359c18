// What a query asks of `Series`; the engine has folded and holds its lock meanwhile.
//
//   blocks, rowBlobs, rowsFrom (0 while no row was ever dropped), batches
//   minutesFrom, hoursFrom, daysFrom: the Unix minute, hour, day from which that ring is complete: no such bucket at or
//     after it means no events (0 while nothing was ever dropped and nothing came late to the coarser rings only)
//   firstSecond, lastSecond
//
//   addTally(_ piece: Piece, people: Bool, bots: Bool, into: TallyAccumulator, wanting: TallyParts)
//   addTable(_ piece: Piece, _ dimension: Dimension, people: Bool, bots: Bool, into: TableAccumulator)
//     pieces closed, open or both; a piece without events adds nothing. Tables: hours and days only.
//   addVisitors(day: Int, _ dimension: Dimension, people: Bool, bots: Bool, into: ValueSlots)
//     one pass over the day's table (closed, open or both): for each value with requests of the audience,
//     `into.registers(code:)` gives registers of p = 10 to merge into, or nil when that value is not asked for; a value
//     asked for that has requests but no sketch goes to `into.missed(code:requests:)`.
//
// By code, as they are: paths, referrers (extra), hosts, campaigns, pathIsStatic, referrerHost, labels, codes(of:),
// label(_:_:), code(of:column:), Dimension.physical.
