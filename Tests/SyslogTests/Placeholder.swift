import Testing

@testable import Syslog
