// The page of one service: tiles, chart, panels. Each part is drawn from the view and from nothing else.
import { forget, listen, local, now, query, SERVICE, services, status, STEP } from './api.js';
import { $, h, icon, placePopovers, roving, swap } from './dom.js';
import { ago, change, full, fullDay, long, METRICS, ofBytes, rangeName } from './format.js';
import { begin, go, href, onView, refresh, since, view } from './view.js';
import { drawPills } from './filters.js';
import { capital, choice, drawBar, editFilter, sayNow } from './bar.js';
import { summary, TimeChart, timeTable } from './chart.js';
import { coverageNote, nothing, Panel } from './panel.js';
import { dots, failure } from './states.js';
import { detailsDialog } from './details.js';

// Only what surely stays on that host becomes a link: a logged path may be "@evil.example/".
const HOST = /^([\w-]+\.)+[a-z][\w-]*$/i;
let host = HOST.test(SERVICE) ? SERVICE : null;
const page = path => host && path.startsWith('/') ? `https://${host}${path}` : null;
const outside = name => HOST.test(name) ? `https://${name}` : null;
const tab = (id, name, by, head, more) => ({ id, name, by, head, ...more }), technical = { only: 'requests' };
const panel = (id, title, ...tabs) => ({ id, title, tabs });
// What a page brings along is no page that somebody came for; by requests or bytes it may matter, and is shown.
const STATIC = /\.(css|m?js|map|png|jpe?g|gif|webp|avif|svg|ico|bmp|woff2?|[to]tf|eot|mp3|ogg|wav|m4a|mp4|webm|mov|wasm)$|^\/robots\.txt$/i;
const part = (path, metric) => metric === 'visitors' && STATIC.test(path);
const own = value => value === SERVICE || value === host;           // going from page to page is not coming from somewhere
const PANELS = [
  panel('pages', 'Pages', tab('path', 'Top', 'path', 'Path', { url: page, skip: part, limit: 100 }),
    tab('entry', 'Entry', 'entry', 'Entry page', { filter: 'path', url: page, skip: part, limit: 100 }),
    tab('lost', '404', 'path', 'Not found', { f: [['is', 'status', '404']], audience: 'all', none: 'Nobody was sent away.', ...technical })),
  panel('sources', 'Sources', tab('referrer', 'Sites', 'referrer', 'Site', { url: outside, skip: own }),
    tab('source', 'Sources', 'source', 'Source', { skip: value => value === '' }),
    tab('channel', 'Channels', 'channel', 'Channel', { skip: value => value === 'Internal' }),
    tab('campaign', 'Campaigns', 'campaign', 'Campaign', { skip: value => value === '', none: 'Links with utm_campaign=… in them are counted here.' })),
  panel('places', 'Locations', tab('map', 'Map', 'country', 'Country', { kind: 'map', details: 'country' }), tab('country', 'Countries', 'country', 'Country')),
  panel('clients', 'Clients', tab('browser', 'Browsers', 'browser', 'Browser', { finer: 'browser_version' }),
    tab('platform', 'Systems', 'platform', 'System', { finer: 'platform_version' }), tab('device', 'Devices', 'device', 'Device'),
    tab('bot', 'Bots', 'bot', 'Bot', { audience: 'bots', none: 'No bot has come by.', ...technical })),
  panel('http', 'HTTP', tab('status', 'Status', 'status', 'Status', technical), tab('method', 'Method', 'method', 'Method', technical),
    tab('protocol', 'Protocol', 'protocol', 'Protocol', technical), tab('host', 'Hosts', 'host', 'Host', technical)),
  panel('speed', 'Latency', { id: 'latency', name: 'Distribution', kind: 'latency' },
    tab('slow', 'Slowest paths', 'path', 'Path', { metric: 'duration_p95', url: page })),
  panel('hours', 'Hours of the week', { id: 'week', name: 'Grid', kind: 'week' }),
];

/** Tiles and chart are one answer: every metric, for every bucket and in total. So choosing a tile asks for nothing. */
const METRIC_NAMES = Object.keys(METRICS);
let shown = null, asTable = false, run = 0;
const ask = range => query({ from: range.from, to: range.to, step: view.step, metrics: METRIC_NAMES, f: view.f, audience: view.audience });
async function load(silent) {
  const mine = ++run, late = silent || setTimeout(() => $('#board').classList.add('stale'), 300);
  try {
    const [now, before] = await Promise.all([ask(view), view.prev && ask(view.prev)]);
    if (mine !== run) return;
    shown = { now, before: before && !coverageNote(before, view.prev) ? before : null };
    drawTiles(); drawChart(silent);
  } catch (error) {
    if (mine === run && !(silent && shown)) instead(failure(error, () => load()));
  } finally { clearTimeout(late); if (mine === run) $('#board').classList.remove('stale'); }
}

function drawTiles() {
  const { now, before } = shown ?? {};
  const tile = ([id, { name, short, worseWhenUp, neutral, note }]) => {
    const value = now?.totals[id], old = before?.totals[id], by = before && change(value, old, worseWhenUp), chosen = view.metric === id;
    return h('a', { role: 'tab', class: 'tile', href: href({ metric: id }), 'data-key': id, 'aria-controls': 'board',
      'aria-selected': String(chosen), tabindex: chosen ? 0 : -1,
      title: now && `${full(id, value)}${before ? ` vs. ${full(id, old)}` : ''}${note ? `\n* ${note}` : ''}` },
    h('span', { class: 'name' }, name), h('span', { class: 'value' }, now && short(value)),
    h('span', { class: `delta ${neutral ? '' : by?.tone ?? ''}` }, by?.text));
  };
  swap($('#tiles'), Object.entries(METRICS).map(tile));
}

const open = (from, to) => go({ period: 'custom', step: null, from, to });
const chart = new TimeChart($('#chart'), { zoom: open, pick: row => view.step !== 'minute' && open(row.time, row.time + STEP[view.step]) });
function instead(content) {
  $('#chart').hidden = Boolean(content); $('#numbers').hidden = !content;
  swap($('#numbers'), content);
}
function drawChart(silent = false) {
  const { metric, step, prev, running, to } = view;
  // What an answer does not reach back to is a gap, not a zero.
  const of = answer => answer?.rows.map(({ time, ...r }) => ({ time, value: time + STEP[step] <= answer.coverage.from ? null : r[metric] }));
  const data = { rows: of(shown?.now) ?? [], prev: of(shown?.before), metric, step, running, to };
  swap($('#board header'),
    h('h2', {}, METRICS[metric].name),
    h('p', { class: 'legend flex' }, h('span', { class: 'key' }, rangeName(view.from, to)),
      prev && (shown?.before || !shown) && h('span', { class: 'key before' }, rangeName(prev.from, prev.to)),
      h('small', { class: 'note' }, shown && coverageNote(shown.now, view))),
    h('small', { class: 'hint' }, step === 'minute' ? 'drag to zoom' : 'drag to zoom, click to open'),
    view.steps.length > 1 && h('div', { class: 'seg', role: 'group', 'aria-label': 'Step' }, view.steps.map(s => choice({ step: s }, capital(s), s === step))),
    h('button', { class: 'icon-only', 'data-key': 'table', 'aria-label': 'Show as table', 'aria-pressed': String(asTable),
      onclick: () => { asTable = !asTable; drawChart(); } }, icon(asTable ? 'chart' : 'table')));
  instead(!shown ? dots() : !data.rows.some(r => r.value) ? nothing() : asTable && timeTable(data));
  if ($('#numbers').hidden) chart.show(data, silent);
  $('#summary').textContent = shown ? summary(data) : '';
}

function draw(silent) {
  if (!silent) {
    document.body.dataset.audience = view.audience;
    drawPills($('#pills'), editFilter); drawBar(); drawTiles();
  }
  return load(silent);
}

/** Every line is accounted for, and everybody can see it. */
let facts = null, last = null;
function drawFoot() {
  const words = [`ballconed ${document.documentElement.dataset.version ?? facts?.version ?? ''}`, since() ? `data since ${fullDay(since())}` : '',
    h('span', { id: 'last' })];
  if (facts) {
    const rejected = Object.values(facts.rejected ?? {}).reduce((n, one) => n + one, 0);
    words.push(ofBytes(facts.memory?.used, facts.memory?.limit),
      `${long(facts.received)} received = ${long(facts.counted)} counted + ${long(rejected)} rejected + ${long(facts.excluded)} excluded`, facts.attribution);
    if (facts.warning) words.push(`⚠ ${facts.warning}`);
    if (facts.previous_shutdown_unclean) words.push('recovered after an unclean stop');
  }
  swap($('#foot'), words.filter(Boolean).map(text => text.id ? text : h('span', {}, text)), h('a', { href: local('/metrics'), 'data-key': 'metrics' }, '/metrics'),
    h('a', { href: local('/api/v1/status'), 'data-key': 'api' }, 'API'), h('a', { href: local('/sql'), 'data-key': 'sql' }, 'SQL'));
  drawLast();
}
function drawLast() { $('#last').textContent = last ? `last event ${ago(now() - last)} ago` : 'no event yet'; }
const learn = () => status().then(answer => { facts = answer; drawFoot(); }).catch(() => { /* the numbers matter more */ });

// Numbers move by themselves while somebody looks: the live chart with every tick, everything else twice a minute.
const SLOW = 30000;
let refreshed = Date.now(), seen = null, news = false;
function tick({ now: here, requests, last: newest }) {
  if (here != null) sayNow(here);
  const mark = JSON.stringify([requests, newest]), changed = seen == null ? newest > (last ?? 0) : mark !== seen, live = view.period === 'live';
  last = Math.max(last ?? 0, newest ?? 0) || null;
  seen = mark;
  news ||= changed;
  if (!view.running || document.hidden) return;
  const isFirst = changed && !shown?.now.totals.requests, late = Date.now() - refreshed > (news ? SLOW : 10 * SLOW);
  if (changed) forget();
  if (isFirst || late || live && now() >= view.to) { refreshed = Date.now(); news = false; refresh(); learn(); }
  else if (changed && live) load(true);
}

roving($('#tiles'), '[role=tab]');
placePopovers();
document.body.dataset.audience = view.audience;
drawPills($('#pills'), editFilter); drawBar(); drawTiles(); drawChart(); drawFoot();
const panels = PANELS.map(spec => new Panel(spec));              // their boxes stand at once, so that nothing jumps
$('#panels').append(...panels.map(one => one.root));
const self = await services(1).then(all => all.find(s => s.service === SERVICE)).catch(() => null);
last = self?.last ?? null;
begin(self?.first);
if (!host) query({ from: since(), to: now(), by: 'host', metrics: ['requests'], limit: 1 })
  .then(({ rows: [top] }) => { if (HOST.test(top?.host)) host = top.host; }).catch(() => { /* no outside links then */ });
onView(draw);
draw();
for (const one of panels) one.start();
detailsDialog(PANELS);
learn();
listen(tick, async () => {
  const { now, last, requests_today: requests } = (await services(1)).find(s => s.service === SERVICE);
  return { now, last, requests };
});
setInterval(drawLast, 1000);
