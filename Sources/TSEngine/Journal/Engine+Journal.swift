extension Engine {
  /// Notes every row from now on; whoever calls this takes them away (`Store`).
  func beginJournal() { withState { $0.beginJournal(journalBell) } }

  /// Called when a block is full, or nothing more can be noted: by the ingesting thread, outside of all locks. It must not
  /// block.
  package func whenJournalWaits(_ body: @escaping @Sendable () -> Void) { journalBell.answer(body) }

  /// Makes what has been noted so far ready to be taken.
  func closeJournal() { withState { $0.closeJournal() } }
  /// The oldest rows that are ready to be written; give the block back.
  func takeJournal() -> JournalBuffer.Block? { withState { $0.journal?.take() } }
  func giveBack(_ block: JournalBuffer.Block) { withState { $0.journal?.giveBack(block) } }

  /// Rows were left out since the last base.
  var isJournalBroken: Bool { withState { $0.journal?.isBroken ?? false } }
  /// Notes nothing more before the next base.
  func stopJournal() { withState { $0.stopJournal() } }
}
