/// Programs that send what they serve, and the lines that make them do so.
package enum Sender: String, CaseIterable, Sendable {
  case nginx, haproxy, caddy, apache, rsyslog

  package var title: String {
    switch self {
    case .nginx: "nginx"
    case .haproxy: "HAProxy"
    case .caddy: "Caddy"
    case .apache: "Apache"
    case .rsyslog: "rsyslog"
    }
  }

  /// How the program itself checks and takes what was pasted.
  package var check: String {
    switch self {
    case .nginx: "nginx -t && systemctl reload nginx"
    case .haproxy: "haproxy -c -f /etc/haproxy/haproxy.cfg && systemctl reload haproxy"
    case .caddy: "caddy validate --config /etc/caddy/Caddyfile && systemctl reload caddy"
    case .apache: "apachectl configtest && systemctl reload apache2"
    case .rsyslog: "rsyslogd -N1 && systemctl restart rsyslog"
    }
  }
}

/// The lines to paste for any sender: the page `/nginx` and the commands `ballconed nginx`, `haproxy` … print the same.
package struct SenderConfiguration: Sendable {
  package let sender: Sender
  private let nginx: NginxConfiguration  // service and address, checked: nothing else may reach a configuration file

  /// - Throws: `NginxConfiguration.Invalid` as that does, and where a program cannot send to such an address.
  package init(_ sender: Sender, service: String? = nil, address: String) throws(NginxConfiguration.Invalid) {
    self.sender = sender
    nginx = try NginxConfiguration(service: service, address: address)
    if sender == .rsyslog, nginx.address.hasPrefix("unix:") {
      throw NginxConfiguration.Invalid(
        description: "cannot use the address: got “\(nginx.address)”, want HOST:PORT: rsyslog relays over a network")
    }
  }

  private var service: String? { nginx.service }
  private var host: String {
    let host = nginx.address[..<(nginx.address.lastIndex(of: ":") ?? nginx.address.endIndex)]
    return host.hasPrefix("[") ? String(host.dropFirst().dropLast()) : String(host)
  }
  private var port: String { String(nginx.address[nginx.address.index(after: nginx.address.lastIndex(of: ":")!)...]) }
  private var path: String? { nginx.address.hasPrefix("unix:") ? String(nginx.address.dropFirst(5)) : nil }

  /// Ends with a line feed.
  package var text: String {
    switch sender {
    case .nginx: nginx.text
    case .haproxy: haproxy
    case .caddy: caddy
    case .apache: apache
    case .rsyslog: rsyslog
    }
  }

  /// A frontend's name is its site: the Host header is whatever a client sends.
  private var haproxy: String {
    """
    # In the frontend or in defaults; "%f" makes each frontend a site of its own:
    log \(path ?? nginx.address) len 8192 format rfc3164 local7 info
    http-request capture req.hdr(user-agent) len 256
    http-request capture req.hdr(referer) len 512
    http-request capture req.hdr(host) len 128
    log-format '{"v":1,"t":"%Ts.%ms","s":"\(service ?? "%f")","h":"%[capture.req.hdr(2),json(utf8s)]","a":"%ci",\
    "m":"%[capture.req.method,json(utf8s)]","u":"%[capture.req.uri,json(utf8s)]","c":"%ST","b":"%B","generation_time_ms":"%Ta",\
    "r":"%[capture.req.hdr(1),json(utf8s)]","ua":"%[capture.req.hdr(0),json(utf8s)]","p":"%HV"}'

    """
  }

  /// Headers that are not counted only make lines long; a name of one's own takes the host's place.
  private var caddy: String {
    let output = path.map { "unixgram/" + $0 } ?? "udp/" + nginx.address
    let name = service.map { "\n\t\t\trequest>host replace \($0)" } ?? ""
    return """
      # In the block of the site:
      log {
      \toutput net \(output)
      \tformat filter {
      \t\twrap json
      \t\tfields {
      \t\t\trequest>headers>Cookie delete
      \t\t\trequest>headers>Authorization delete
      \t\t\trequest>tls delete
      \t\t\tresp_headers delete\(name)
      \t\t}
      \t}
      }

      """
  }

  /// `%r` keeps the request line as it came; Apache escapes what would end a string, as `\\"` and `\\xHH`.
  private var apache: String {
    let target = path.map { "-u \($0)" } ?? "-n \(host) -P \(port) -d"
    return """
      # In the server's configuration or in one <VirtualHost>:
      LogFormat "{\\"v\\":1,\\"t\\":\\"%{msec}t\\",\\"s\\":\\"\(service ?? "%v")\\",\\"a\\":\\"%a\\",\\"request\\":\\"%r\\",\\"c\\":\\"%>s\\",\\"b\\":\\"%B\\",\
      \\"generation_time_us\\":\\"%D\\",\\"r\\":\\"%{Referer}i\\",\\"ua\\":\\"%{User-Agent}i\\"}" ballcone\(service.map { "_" + $0 } ?? "")
      CustomLog "|/usr/bin/logger \(target) --rfc3164 -t ballcone --size 32768" ballcone\(service.map { "_" + $0 } ?? "")

      """
  }

  private var rsyslog: String {
    """
    # At the top of /etc/rsyslog.conf, so that long lines stay whole:
    global(maxMessageSize="64k")

    # In /etc/rsyslog.d/30-ballconed.conf: what is tagged \(service ?? "ballcone") goes to ballconed and nowhere else.
    if $programname == '\(service ?? "ballcone")' then {
      action(type="omfwd" target="\(host)" port="\(port)" protocol="udp" template="RSYSLOG_ForwardFormat")
      # Over a network, with ballconed --listen tcp:HOST:PORT --allow CIDR, nothing is lost while it restarts:
      # action(type="omfwd" target="\(host)" port="\(port)" protocol="tcp" tcp_framing="octet-counted"
      #   template="RSYSLOG_SyslogProtocol23Format" queue.type="linkedList" action.resumeRetryCount="-1")
      stop
    }

    """
  }
}
