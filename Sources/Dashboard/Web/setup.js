// The empty state of everything: the exact lines to paste, what the socket has seen so far, and nothing else.
import { linesOf, local, status } from './api.js';
import { $, copyButton, h, logo, roving, swap } from './dom.js';
import { long, time } from './format.js';

const KINDS = {
  nginx: ['In the http block of nginx.conf, then: nginx -t && systemctl reload nginx', linesOf('nginx')],
  HAProxy: ['In the frontend, then: haproxy -c -f /etc/haproxy/haproxy.cfg && systemctl reload haproxy', linesOf('haproxy')],
  Caddy: ['In the block of the site in the Caddyfile, then: systemctl reload caddy', linesOf('caddy')],
  Apache: ['In the virtual host, then: apachectl configtest && systemctl reload apache2', linesOf('apache')],
  'A log file': ['Plain, gzip, zstd or lz4. Reading the same file twice counts nothing twice.',
    service => `ballconed import --service ${service} --to ${location.origin}${local('')} /var/log/nginx/access.log*`],
};
const NAME = /^[a-z0-9._-]{1,64}$/;
/** What to look at, by the reason a line was refused. */
const HELP = {
  empty: 'the datagram was empty', truncated: 'the line was cut on its way: bound its long fields as the nginx lines above do',
  header: 'a syslog header came without a line behind it', format: 'want JSON or a combined line. Is the log_format named on the access_log line?',
  service: 'want a service of a-z, 0-9, dot, dash, underscore', address: 'want the address of the visitor', time: 'want a time, such as $msec',
  late: 'the line is older than what is kept', future: 'the line is from the future. Are both clocks right?',
  sender: 'its sender may not send here: see --allow', undeclared: 'its site is none of --services',
  connection: 'there are 64 TCP connections already',
};

/** Draws the card into `main`, keeps it up to date, and returns when `came()` says that something has arrived. */
export async function setup(main, { came }) {
  let kind = 'nginx', run = 0;
  let typed;
  const later = () => { clearTimeout(typed); typed = setTimeout(draw, 250); };   // half an address is not asked about
  const field = (name, props) => h('input', { id: name, spellcheck: 'false', autocapitalize: 'off', oninput: later, ...props });
  const service = field('service', { value: 'example', pattern: '[a-z0-9._\\-]{1,64}' });
  const address = field('address', { value: document.documentElement.dataset.address ?? '127.0.0.1:65140' });
  const lines = h('pre', { id: 'lines', tabindex: 0 }), where = h('small', {});
  const kinds = roving(h('div', { class: 'tabs', role: 'tablist', 'aria-label': 'Where the log comes from' }), '[role=tab]');
  const values = () => [NAME.test(service.value.trim().toLowerCase()) ? service.value.trim().toLowerCase() : 'example', address.value.trim() || address.defaultValue];
  const step = (n, text) => h('h2', {}, h('span', {}, n), text);
  const listening = h('div', { class: 'listening flex', role: 'status' });

  async function draw() {
    const mine = ++run, [place, make] = KINDS[kind];
    where.textContent = place;
    swap(kinds, Object.keys(KINDS).map(name => h('button', { role: 'tab', type: 'button', 'data-key': name,
      'aria-selected': String(name === kind), tabindex: name === kind ? 0 : -1, onclick: () => { kind = name; draw(); } }, name)));
    const text = await Promise.resolve(make(...values())).catch(error => error.message);
    if (mine === run) lines.textContent = text;
  }
  const code = text => h('code', {}, text);
  let calm = 0;
  function said({ rejected, last_reject: reject }) {
    const [name, at] = values();
    if (rejected && reject) return [h('b', {}, `Last error, ${time(reject.at)} UTC: `), `cannot read a line${reject.where ? ` at ${reject.where}` : ''}: `, (HELP[reject.reason] ?? reject.reason).replace(/\w$/, '$&.')];
    return calm < 10 ? 'This page changes by itself with the first request.' : [
      'Still nothing? nginx on another machine needs ', code('--syslog-host 0.0.0.0'), ' here and an open UDP port. To test without nginx: ',
      code(`logger -d -n ${at.split(/:(?=\d+$)/)[0]} -P ${at.split(':').at(-1)} -t ${name} '{"v":1,"a":"192.0.2.1","u":"/"}'`)];
  }
  /** What the socket has seen. */
  async function listen() {
    const facts = await status(), rejected = Object.values(facts.rejected ?? {}).reduce((n, one) => n + one, 0);
    const seen = [['datagrams', facts.received], ['counted', facts.counted], ['rejected', rejected]];
    calm = facts.received ? 0 : calm + 1;
    listening.className = `listening flex ${rejected ? 'rejected' : ''}`;
    swap(listening,
      h('p', { class: 'flex push' }, h('i', { class: 'live' }), h('span', {}, 'Listening on ', h('b', {}, `${address.defaultValue}/udp`), ` since ${time(facts.started)} UTC`)),
      h('dl', { class: 'flex' }, seen.map(([name, n]) => h('div', {}, h('dt', {}, name), h('dd', { class: name === 'rejected' && n > 0 && 'worse' }, long(n))))),
      h('p', { class: 'said' }, said({ ...facts, rejected })));
  }

  main.className = 'first';
  swap(main,
    h('header', { class: 'flex' }, logo(), h('div', {}, h('h1', {}, 'Waiting for the first request'),
      h('p', {}, 'Paste a few lines, reload the web server, and this page turns into your dashboard.'))),
    h('section', { class: 'card', 'aria-label': 'How to begin' },
      step(1, 'Name the site'),
      h('div', { class: 'fields' }, h('label', {}, 'Service ', service), h('label', {}, 'This server, as nginx sees it ', address)),
      step(2, 'Send its log here'), kinds, h('div', { class: 'snippet' }, lines, copyButton(lines)), h('p', {}, where),
      step(3, 'Wait a moment'), listening),
    h('p', { class: 'foot' }, 'No script on your pages, no cookies, and no address of a visitor is ever stored.'));
  draw();
  for (;;) {
    await listen().catch(error => swap(listening, h('p', { class: 'said' }, error.message)));
    await new Promise(go => setTimeout(go, document.hidden ? 8000 : 2000));
    if (await came().catch(() => false)) return;
  }
}
