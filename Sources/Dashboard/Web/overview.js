// All services at a glance: who is being visited now, who is silent, who is failing. Without any: how to begin.
import { DAY, DAYS, HOUR, listen, local, now, services, status } from './api.js';
import { $, h, icon, live, logo, placePopovers, svg, swap, themeMenu } from './dom.js';
import { ago, bytes, change, count, dayMonth, fullDay, latency, long, ofBytes, percent, time } from './format.js';
import { dots, failure } from './states.js';
import { setup } from './setup.js';

const EVERY = 10000;
let all = [], facts = null, rate = null, missing = null, next;
const address = name => local(`/services/${encodeURIComponent(name)}`);

/** Silent: an hour without a request, and ten times longer than usual; so a small site may sleep at night. */
function badge(s) {
  const quiet = now() - s.last, usual = (s.last - s.first) / Math.max(1, s.requests);
  if (quiet > Math.max(HOUR, 10 * usual)) return h('span', { class: 'badge' }, `silent for ${ago(quiet)}`);
  if (s.error_rate_today > 0.03 && s.requests_today >= 20) return h('span', { class: 'badge worse' }, icon('warn'), `${percent(s.error_rate_today)} errors`);
  return h('span', { class: 'now' }, live(count(s.now), h('span', { class: 'sr' }, ' visitors now')));
}
/** A small row of bars; the last one is still growing. */
function spark(rows, name) {
  const max = Math.max(1, ...rows.map(r => r.value));
  return svg('svg', { class: 'spark', viewBox: `0 0 ${rows.length * 8 - 2} 40`, preserveAspectRatio: 'none', role: 'img', 'aria-label': name },
    rows.map(({ time, value }, i) => {
      const height = Math.max(1.5, 40 * value / max);
      return svg('rect', { class: i === rows.length - 1 && 'running', x: i * 8, width: 6, y: 40 - height, height, rx: 1 },
        svg('title', {}, `${dayMonth(time)}: ${long(value)}`));
    }));
}
function card(s) {
  const by = s.visitors_change == null ? { text: '', tone: '' } : change(1 + s.visitors_change, 1), days = s.visitors_by_day ?? [], today = now() - now() % DAY;
  const figures = [['Requests', count(s.requests_today), long(s.requests_today)], ['Errors', percent(s.error_rate_today)], ['p95', latency(s.duration_p95_today)]];
  return h('li', { class: 'card' },
    h('div', { class: 'flex' }, h('h2', { class: 'push' }, h('a', { href: address(s.service), 'data-key': s.service }, s.service)), badge(s)),
    h('p', { class: 'flex', title: `${long(s.visitors_today)} visitors today${by.text && `, ${by.text} against yesterday by this time`}` },
      h('span', { class: 'value' }, count(s.visitors_today)), h('small', { class: 'push' }, 'visitors today'),
      h('span', { class: `delta ${by.tone}` }, by.text)),
    spark(days.map((value, i) => ({ time: today - (days.length - 1 - i) * DAY, value })), `Visitors per day, the last ${days.length} days`),
    h('dl', {}, figures.map(([name, value, title]) => h('div', { title }, h('dt', {}, name), h('dd', {}, value)))));
}
function draw() {
  const wanted = $('#search')?.value.trim().toLowerCase() ?? '', kept = all.filter(s => s.service.includes(wanted));
  swap($('#cards'), kept.map(card));
  $('#none').hidden = kept.length > 0 || !all.length;
  $('#none').textContent = `No service is called “${wanted}”.`;
}
function sayNow(n) {
  const text = count(n);
  if ($('#here').textContent !== text) $('#here').textContent = text;
  document.title = all.length ? `${text} now · All services` : 'All services · Ballcone';
}

/** Every line is accounted for, and everybody can see it. */
function drawFacts() {
  const { received, counted, excluded, dropped, refused, rejected = {}, memory, snapshot, last_reject: reject } = facts;
  const reasons = Object.entries(rejected).filter(([, n]) => n).map(([reason, n]) => `${reason} ${long(n)}`).join(', ');
  const why = reject ? `${reasons}\nlast: ${reject.reason}, ${dayMonth(reject.at)} ${time(reject.at)}${reject.where ? `, ${reject.where}` : ''}` : reasons || 'every line was understood';
  const figures = [
    ['Requests a second', rate == null ? '-' : rate < 10 ? String(Math.round(rate * 10) / 10) : long(rate), 'over the last minute'],
    ['Received', count(received), `${long(received)} lines since ${dayMonth(facts.started)} ${time(facts.started)}`],
    ['Counted', count(counted), long(counted)], ['Rejected', count(refused), why], ['Excluded', count(excluded), long(excluded)],
    ['Dropped by the kernel', count(dropped), 'before the daemon could read them'],
    ['Memory', ofBytes(memory?.used, memory?.limit), `${long(memory?.used)} of ${long(memory?.limit)} bytes`],
    ['Last saved', snapshot?.at ? `${ago(now() - snapshot.at)} ago` : 'never', snapshot?.at ? bytes(snapshot.bytes) : 'nothing is kept on disk yet'],
  ];
  if (!$('#glance dd')) swap($('#glance'), figures.map(([name]) => h('div', {}, h('dt', {}, name), h('dd'))));
  figures.forEach(([, value, title], i) => {                        // in place, or a title being read would close with every tick
    const one = $('#glance').children[i];
    if (one.title !== title) one.title = title;
    if (one.lastChild.textContent !== value) one.lastChild.textContent = value;
  });
}
function drawFoot() {
  const since = Math.min(...all.map(s => s.first).filter(Boolean)), version = document.documentElement.dataset.version ?? facts?.version ?? '';
  swap($('body > footer'), [`ballconed ${version}`, Number.isFinite(since) && `data since ${fullDay(since)}`, facts?.warning && `⚠ ${facts.warning}`, facts?.attribution].filter(Boolean).map(text => h('span', {}, text)),
    [['/metrics', '/metrics'], ['API', '/api/v1/services'], ['SQL', '/sql']].map(([name, path]) => h('a', { href: local(path), 'data-key': name }, name)));
}
function drawBar() {
  swap($('#bar'),
    h('a', { class: 'mark', href: local('/'), 'aria-label': 'Ballcone' }, logo()), h('h1', {}, h('span', { class: 'site' }, 'All services')),
    h('span', { class: 'now push' }, live('0', ' visitors now', 'here')),
    h('label', { class: 'find flex' }, icon('search'),
      h('input', { id: 'search', type: 'search', placeholder: 'Find a service', 'aria-label': 'Find a service', oninput: draw }), h('kbd', {}, '/')),
    h('a', { class: 'button', href: local('/nginx') }, 'Add a service'),
    h('button', { class: 'icon-only', popovertarget: 'options', 'aria-label': 'Options' }, icon('dots')),
    h('div', { id: 'options', popover: 'auto', class: 'pop' }, h('div', { class: 'menu' }, themeMenu())));
}

const load = async () => {
  all = (await services(DAYS)).sort((a, b) => b.visitors_today - a.visitors_today || b.requests - a.requests || (a.service < b.service ? -1 : 1));
  return all.length;
};
const learn = async () => {
  facts = await status();
  facts.refused = Object.values(facts.rejected ?? {}).reduce((n, one) => n + one, 0);
  drawFacts(); drawFoot();
};
/** Figures of the daemon move with every tick. */
function tick({ now: here, previous, rejected: refused, ...news }) {
  if (here != null) sayNow(here);
  if (previous != null) rate = previous / 60;
  if (facts && news.received != null) { Object.assign(facts, { ...news, refused }); drawFacts(); }
}
/** One request for all cards; a first event turns the set-up card into them, and a stopped daemon says so without taking them away. */
async function refresh() {
  try {
    const some = await load();
    missing?.remove(); missing = null;
    if (!some) { document.body.classList.add('empty'); return setup($('#main'), { came: async () => (await load()) > 0 }).then(() => location.reload()); }
    draw();
    learn().catch(() => { /* the cards matter more */ });
  } catch (error) {
    missing?.remove();
    missing = failure(error, refresh);
    $('#main').prepend(missing);
    $('#cards .wait')?.closest('li').remove();
  }
  clearTimeout(next);
  next = setTimeout(refresh, document.hidden ? 6 * EVERY : EVERY);
}

drawBar();
swap($('#cards'), h('li', { class: 'alone' }, dots()));
placePopovers();
refresh().then(() => {
  const here = () => all.reduce((n, s) => n + s.now, 0);
  sayNow(here());
  listen(tick, async () => ({ now: here() }));
});

addEventListener('keydown', event => {
  if (event.metaKey || event.ctrlKey || event.altKey || event.target.closest('input, [popover]')) return;
  if (event.key === '/') { event.preventDefault(); $('#search')?.focus(); }
  const one = all[event.key - 1];
  if (one) location.href = address(one.service);
});
