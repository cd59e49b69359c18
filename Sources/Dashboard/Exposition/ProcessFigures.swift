internal import Glibc

/// What the kernel says of this process; nothing where `/proc` does not give it.
struct ProcessFigures {
  var cpuSeconds = 0.0
  var openDescriptors: Int?
  var maxDescriptors = 0.0
  var virtualBytes: Int?, residentBytes: Int?

  static func now() -> ProcessFigures {
    var figures = ProcessFigures()
    var time = timespec()
    unsafe clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time)
    figures.cpuSeconds = (Double(time.tv_sec) + Double(time.tv_nsec) / 1e9).sixDigits
    var limit = rlimit()
    unsafe getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit)
    figures.maxDescriptors = limit.rlim_cur == .max ? .infinity : Double(limit.rlim_cur)
    let pages = statm()
    if pages.count > 1 {
      figures.virtualBytes = pages[0] * Int(sysconf(CInt(_SC_PAGESIZE)))
      figures.residentBytes = pages[1] * Int(sysconf(CInt(_SC_PAGESIZE)))
    }
    figures.openDescriptors = countDescriptors()
    return figures
  }

  /// `/proc/self/statm`: pages of address space, resident pages, …
  private static func statm() -> [Int] {
    let file = unsafe open("/proc/self/statm", O_RDONLY | O_CLOEXEC)
    guard file >= 0 else { return [] }
    defer { close(file) }
    let bytes = unsafe [UInt8](unsafeUninitializedCapacity: 256) { room, count in
      count = unsafe max(0, read(file, room.baseAddress, room.count))
    }
    return String(decoding: bytes, as: UTF8.self).split(separator: " ").compactMap { Int($0) }
  }

  private static func countDescriptors() -> Int? {
    guard let folder = unsafe opendir("/proc/self/fd") else { return nil }
    defer { unsafe closedir(folder) }
    var count = 0
    while let entry = unsafe readdir(folder) {
      if unsafe entry.pointee.d_name.0 != CChar(UInt8(ascii: ".")) { count += 1 }
    }
    return count - 1  // not the one this walk holds
  }
}
