internal import CMaxMindDB
internal import Glibc
import TSEngine

/// One open .mmdb, read through libmaxminddb from a private copy in memory: whatever happens to the file afterwards, truncation
/// included, cannot reach us (a mapped file that shrinks kills its reader by SIGBUS). The only importer of CMaxMindDB.
@safe
struct MaxMindDatabase: ~Copyable {
  private let handle: UnsafeMutablePointer<MMDB_s>  // stable address: entries point back to it; closed once, in deinit
  let nodeCount: Int
  let isV6: Bool
  let databaseType: String
  let description: String
  let buildEpoch: Int  // Unix seconds

  /// What a record of the search tree says.
  enum Record: Equatable {
    case node(UInt32)
    case nothing
    case data(UInt32)  // offset in the data section
    case invalid
  }

  /// Larger files are refused before a byte is copied: the largest city files are a tenth of this.
  static let maxFileBytes = 1 << 30

  init(path: String) throws(CountryError) {
    let opened = UnsafeMutablePointer<MMDB_s>.allocate(capacity: 1)
    do throws(CountryError) {
      try unsafe Self.openCopy(of: path, into: opened)
    } catch {
      unsafe opened.deallocate()
      throw error
    }
    let metadata = unsafe opened.pointee.metadata
    let refused = unsafe Self.refusal(of: metadata, fileBytes: opened.pointee.file_size)
    if let refused {
      unsafe MMDB_close(opened)
      unsafe opened.deallocate()
      throw CountryError(path: path, got: refused, want: "a MaxMind DB file (.mmdb)")
    }
    nodeCount = unsafe Int(metadata.node_count)
    isV6 = unsafe metadata.ip_version == 6
    databaseType = unsafe metadata.database_type.map { unsafe Self.line($0) } ?? ""
    description = unsafe Self.english(metadata)
    buildEpoch = unsafe Int(clamping: metadata.build_epoch)
    unsafe handle = opened  // last: a throw after it would run deinit
  }

  deinit {
    unsafe MMDB_close(handle)
    unsafe handle.deallocate()
  }

  /// The two records of node `number` < `nodeCount`: next address bit 0, and 1.
  func children(of number: UInt32) -> (Record, Record) {
    var node = unsafe MMDB_search_node_s()
    guard unsafe MMDB_read_node(handle, number, &node) == MMDB_SUCCESS else { return (.invalid, .invalid) }
    return unsafe (
      Self.record(node.left_record_type, node.left_record, node.left_record_entry),
      Self.record(node.right_record_type, node.right_record, node.right_record_entry)
    )
  }

  private static func record(_ type: UInt8, _ value: UInt64, _ entry: MMDB_entry_s) -> Record {
    switch Int32(type) {
    case MMDB_RECORD_TYPE_SEARCH_NODE: .node(UInt32(truncatingIfNeeded: value))
    case MMDB_RECORD_TYPE_EMPTY: .nothing
    case MMDB_RECORD_TYPE_DATA: unsafe .data(entry.offset)
    default: .invalid
    }
  }

  /// The country of the record at `offset`: where the address is; else where it is registered; else the flat forms that
  /// DB-IP and IPinfo write. `.unknown` when it says nothing of the kind.
  func country(at offset: UInt32) -> Country {
    if let code = text(at: offset, "country", "iso_code") { return code }
    if let code = text(at: offset, "registered_country", "iso_code") { return code }
    return text(at: offset, "country_code", nil) ?? text(at: offset, "country", nil) ?? .unknown
  }

  private func text(at offset: UInt32, _ key: StaticString, _ inner: StaticString?) -> Country? {
    var entry = unsafe MMDB_entry_s(mmdb: handle, offset: offset)
    var value = unsafe MMDB_entry_data_s()
    let second = unsafe inner.map { unsafe Self.characters($0) }
    let keys: InlineArray<3, UnsafePointer<CChar>?> = unsafe [Self.characters(key), second, nil]
    let status = unsafe keys.span.withUnsafeBufferPointer { unsafe MMDB_aget_value(&entry, &value, $0.baseAddress) }
    guard status == MMDB_SUCCESS, unsafe value.has_data, unsafe value.type == UInt32(MMDB_DATA_TYPE_UTF8_STRING),
      unsafe value.data_size == 2, let letters = unsafe value.utf8_string
    else { return nil }
    let pair = unsafe (UInt8(bitPattern: letters[0]), UInt8(bitPattern: letters[1]))
    return Country(code: String(decoding: [pair.0, pair.1], as: UTF8.self))
  }

  private static func characters(_ text: StaticString) -> UnsafePointer<CChar> {
    unsafe UnsafeRawPointer(text.utf8Start).assumingMemoryBound(to: CChar.self)  // literals end in NUL
  }

  private static func refusal(of metadata: MMDB_metadata_s, fileBytes: Int) -> String? {
    let (nodes, bits) = unsafe (Int(metadata.node_count), Int(metadata.record_size))
    if ![24, 28, 32].contains(bits) { return "records of \(bits) bits" }
    if unsafe metadata.ip_version != 4 && metadata.ip_version != 6 { return unsafe "IP version \(metadata.ip_version)" }
    if nodes == 0 || nodes * bits / 4 + 16 > fileBytes { return "\(nodes) nodes in \(fileBytes) bytes" }
    return nil
  }

  private static func english(_ metadata: MMDB_metadata_s) -> String {
    for at in unsafe 0..<min(metadata.description.count, 64) {
      guard let item = unsafe metadata.description.descriptions?[at], let language = unsafe item.pointee.language,
        let text = unsafe item.pointee.description, unsafe strcmp(language, "en") == 0
      else { continue }
      return unsafe line(text)
    }
    return ""
  }

  /// What a file says of itself goes into logs and pages: one line of it, not too long.
  private static func line(_ text: UnsafePointer<CChar>) -> String {
    let scalars = unsafe String(cString: text).unicodeScalars.prefix(240)
    return String(scalars.map { $0.value < 32 || $0.value == 127 ? " " : Character($0) })
  }

  // MARK: The private copy

  private static func openCopy(of path: String, into opened: UnsafeMutablePointer<MMDB_s>) throws(CountryError) {
    let file = unsafe open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
    guard file >= 0 else { throw CountryError(path: path, errno: errno) }
    defer { close(file) }
    let copy = unsafe ballcone_memfd_create("country", UInt32(BALLCONE_MFD_CLOEXEC))
    guard copy >= 0 else { throw CountryError(path: path, errno: errno) }
    defer { close(copy) }  // the mapping outlives it
    try self.copy(file, to: copy, path: path)
    let status = unsafe MMDB_open("/proc/self/fd/\(copy)", UInt32(MMDB_MODE_MMAP), opened)
    guard status == MMDB_SUCCESS else {
      throw CountryError(
        path: path, got: unsafe String(cString: MMDB_strerror(status)), want: "a MaxMind DB file (.mmdb)")
    }
  }

  private static func copy(_ from: CInt, to: CInt, path: String) throws(CountryError) {
    var status = stat()
    guard unsafe fstat(from, &status) == 0 else { throw CountryError(path: path, errno: errno) }
    guard status.st_mode & S_IFMT == S_IFREG, (1...Self.maxFileBytes).contains(Int(status.st_size)) else {
      let kind = status.st_mode & S_IFMT == S_IFREG ? "\(status.st_size) bytes" : "something else than a file"
      throw CountryError(path: path, got: kind, want: "a file of 1…\(Self.maxFileBytes) bytes")
    }
    var left = Int(status.st_size)
    while left > 0 {  // sendfile copies inside the kernel
      let sent = sendfile(to, from, nil, left)
      if sent < 0, errno == EINTR { continue }
      guard sent >= 0 else { throw CountryError(path: path, errno: errno) }
      if sent == 0 { break }  // it shrank meanwhile: the library will judge what there is
      left -= sent
    }
  }
}
