// A panel: a fixed box with tabs that asks for its own data, keeps the old while the new is on its way, and fails alone.
import { DAY, latencies, query, STEP } from './api.js';
import { $$, h, icon, roving, swap } from './dom.js';
import { dots, failure, message } from './states.js';
import { change, dayMonth, full, METRICS, percent, rangeName, share, time, valueName } from './format.js';
import { hoursOfWeek, latencyChart, outlines, weekGrid, worldMap } from './figures.js';
import { go, href, onView, since, view, withFilter } from './view.js';

const ROWS = 9, BEFORE = 500, HOURS_KEPT = 35 * DAY;
export const OTHER = '~other';                                     // what was too rare to be kept by name
export const nothing = tab => view.f.length ? message(h('b', {}, 'Nothing matches'), h('a', { href: href({ f: [] }) }, 'Remove the filters'))
  : !since() ? message(h('b', {}, 'No data yet'), 'It appears here with the first request.')
    : tab?.none ? message(tab.none) : message(h('b', {}, 'Nothing in this period'), h('a', { href: href({ period: 'all', step: null }) }, 'Show all time'));

/** The tile above chooses what lists show. Lists that no person causes, such as status codes, count requests instead. */
export function metricOf(tab) {
  if (tab.metric) return tab.metric;
  const countsPeople = ['visitors', 'pageviews', 'bot_share'].includes(view.metric);
  return countsPeople && tab.only ? tab.only : view.metric === 'bot_share' ? 'requests' : view.metric;
}
/** Once one browser is chosen, the list of browsers has one row; its versions have more to say. */
export function finer(tab) {
  const chosen = tab.finer && view.f.find(([op, dim, ...values]) => op === 'is' && dim === tab.by && values.length === 1)?.[2];
  return chosen ? { ...tab, by: tab.finer, head: `${chosen} version` } : tab;
}
export const question = (tab, range, more) => ({ from: range.from, to: range.to, by: tab.by, f: [...view.f, ...tab.f ?? []],
  audience: tab.audience ?? view.audience, metrics: [metricOf(tab)], order: `-${metricOf(tab)}`, ...more });
export const pick = (tab, value) => ({ f: withFilter('is', tab.filter ?? tab.by, value) });

/** Said where an answer knows less than it was asked for; empty where it knows everything. */
export function coverageNote({ coverage: { from, source } }, range) {
  if (!(from > Math.max(range.from, since()) + 3600)) return '';
  const when = `${dayMonth(from)}${from % DAY ? `, ${time(from)}` : ''}`;
  return source === 'rows' ? `detail rows from ${when}` : `from ${when}`;
}

/** Rows of one list: a tinted bar behind the name, as long as its part of the largest value. */
function rowsOf(tab, rows, metric, { totals, error }) {
  const { name, short, sum, worseWhenUp, neutral } = METRICS[metric], max = Math.max(...rows.map(r => r[metric] ?? 0)) || 1;
  const one = row => {
    const value = String(row[tab.by]), text = valueName(tab.by, value), other = value === OTHER, now = row[metric], outside = tab.url?.(value);
    const by = row.before == null ? null : change(now, row.before, worseWhenUp);
    const words = by ? `${full(metric, now)} vs. ${full(metric, row.before)} (${by.text})` : full(metric, now);
    return h('tr', { title: words, 'data-row': value, class: other ? 'other' : tab.by === 'status' && `s${value[0]}` },
      h('th', { scope: 'row' }, h('span', { class: 'bar', '--w': `${(100 * (now ?? 0) / max).toFixed(1)}%` }),
        h('a', { href: other ? null : href(pick(tab, value)), title: text, 'data-key': value }, tab.by === 'country' && !other && h('abbr', {}, value), text),
        outside && h('a', { class: 'aside', href: outside, rel: 'noopener noreferrer nofollow', target: '_blank', 'aria-label': `Open ${text}` }, icon('out'))),
      h('td', { class: 'num' }, h('span', { class: 'n' }, short(now)), sum && h('span', { class: 'share' }, share(now, totals[metric])),
        h('small', { class: `arrow ${neutral ? '' : by?.tone ?? ''}` }, by && [/[▲▼]/.exec(by.text)?.[0], h('span', { class: 'sr' }, by.text)])));
  };
  return h('table', { class: 'rows' }, h('caption', { class: 'sr' }, `${tab.head} by ${name}`),
    h('thead', {}, h('tr', {}, h('th', { scope: 'col' }, tab.head), h('th', { scope: 'col', class: 'num',
      title: error?.[metric] && `≈ estimate, ±${percent(error[metric])}` }, name))),
    h('tbody', {}, rows.map(one)));
}
/** The largest values, and last what has no name of its own. */
function largest(rows, by) {
  const other = rows.find(r => r[by] === OTHER), named = rows.filter(r => r !== other);
  return other ? [...named.slice(0, ROWS - 1), other] : named.slice(0, ROWS);
}
/** Most places unknown: say what is missing instead of showing a list of one. */
const unknown = (rows, metric) => rows.length && rows.every(r => ['ZZ', 'XL', OTHER].includes(r.country) || !r[metric])
  && message(h('b', {}, 'No country is known'), h('span', {}, 'Look-ups need a database: ', h('code', {}, 'make geoip'), ' brings one, ', h('code', {}, '--geoip FILE'), ' names one.'));

/** What can be inside a panel. Each takes a tab and the width there is, and gives [element or null, note]. */
const KINDS = {
  async list(tab) {
    tab = finer(tab);
    const metric = metricOf(tab);
    const [now, before] = await Promise.all([query(question(tab, view, { limit: tab.limit ?? ROWS + 3 })), view.prev && query(question(tab, view.prev, { limit: BEFORE }))]);
    const rows = largest(now.rows.filter(row => !tab.skip?.(row[tab.by], metric)), tab.by);
    if (before && !coverageNote(before, view.prev)) {
      const old = new Map(before.rows.map(r => [r[tab.by], r[metric]])), gone = old.has(OTHER) || before.rows.length >= BEFORE ? null : 0;
      for (const row of rows) row.before = old.has(row[tab.by]) ? old.get(row[tab.by]) : gone;
    }
    if (tab.by === 'country' && unknown(rows, metric)) return [unknown(rows, metric)];
    return [rows.length ? rowsOf(tab, rows, metric, now) : null, coverageNote(now, view)];
  },
  async map(tab, wide, panel) {
    const metric = metricOf(tab), world = await outlines();
    if (!world.size) { panel.drop(tab); return KINDS.list(panel.tab); }
    const answer = await query(question(tab, view, { limit: 300 }));
    return [unknown(answer.rows, metric) || (answer.rows.length
      ? worldMap(world, answer.rows.map(r => ({ country: r.country, value: r[metric] })), metric, code => go(pick(tab, code))) : null), coverageNote(answer, view)];
  },
  async week(tab, wide, panel) {
    const metric = metricOf(tab), { to } = view, first = Math.max(Math.min(view.from, to - STEP.week), to - HOURS_KEPT), from = Math.max(first - first % DAY, since() - since() % 3600);
    // Visitors of all Mondays at ten are not a mean: one person may come every Monday. So they are asked hour by hour.
    const each = metric === 'visitors', answer = await query(question({ ...tab, by: each ? null : 'hour_of_week' }, { from, to }, each ? { step: 'hour', order: null } : { limit: 168 }));
    const times = hoursOfWeek(from, to), sums = new Array(168).fill(null);
    for (const row of answer.rows) {
      const hour = each ? (row.time / 3600 + 72) % 168 : Number(row.hour_of_week);
      if (row[metric] != null) sums[hour] = (sums[hour] ?? 0) + row[metric];
    }
    panel.aside.textContent = `mean of each hour, ${rangeName(from, to)}`;
    const means = sums.map((n, hour) => n == null || !METRICS[metric].sum ? n : times[hour] ? n / times[hour] : null);
    return [means.some(n => n) ? weekGrid(means, metric) : null, coverageNote(answer, { from })];
  },
  async latency(tab, wide) {
    const asked = { from: view.from, to: view.to, f: view.f, audience: view.audience }, drawing = latencyChart(await latencies(asked), wide);
    if (drawing) return [drawing];
    const { totals } = await query({ ...asked, metrics: ['requests'] });
    return [totals.requests > 0 ? message(h('b', {}, 'No times in this log'), 'Its lines carry no $request_time.') : null];
  },
};

/** Rows that changed places glide to the new ones. */
function glide(body, draw) {
  const places = () => new Map($$('[data-row]', body).map(row => [row.dataset.row, row]));
  const before = new Map([...places()].map(([key, row]) => [key, row.offsetTop]));
  draw();
  if (matchMedia('(prefers-reduced-motion: reduce)').matches) return;
  for (const [key, row] of places()) {
    const by = before.has(key) ? before.get(key) - row.offsetTop : 0;
    if (by) row.animate([{ transform: `translateY(${by}px)` }, { transform: 'none' }], { duration: 300, easing: 'ease-out' });
  }
}

const all = [];
/** Paper shows what nobody has scrolled to yet. */
export const loadAll = () => Promise.all(all.filter(panel => !panel.seen).map(panel => { panel.seen = true; return panel.load(); }));

export class Panel {
  constructor(spec) {
    all.push(this);
    Object.assign(this, { spec, tabsOf: [...spec.tabs], at: 0, run: 0, body: h('div', { class: 'body' }, dots()) });
    this.tabs = roving(h('div', { class: 'tabs', role: 'tablist', 'aria-label': spec.title }), '[role=tab]');
    this.more = h('a', { class: 'quiet', href: '?' }, icon('expand'), ' Details');
    this.aside = h('small', { class: 'push' });
    this.note = h('small', { class: 'note' });
    this.root = h('section', { class: `panel ${spec.id}`, 'aria-labelledby': `${spec.id}-title` },
      h('header', { class: 'flex' }, h('h2', { id: `${spec.id}-title` }, spec.title), this.aside, this.tabs), this.body, h('footer', {}, this.more, this.note));
    this.drawTabs();
  }
  /** From now on the panel loads when it is first seen, and follows the view. */
  start() {
    const whenSeen = (seen, watch) => { if (seen.some(s => s.isIntersecting)) { watch.disconnect(); this.seen = true; this.load(); } };
    new IntersectionObserver(whenSeen, { rootMargin: '200px' }).observe(this.root);
    onView(silent => this.seen && this.load(silent));
  }
  get tab() { return this.tabsOf[this.at]; }
  drawTabs() {
    const choose = i => () => { this.at = i; this.drawTabs(); this.load(); };
    this.tabs.hidden = this.tabsOf.length < 2;
    swap(this.tabs, this.tabsOf.map((tab, i) => h('button', { role: 'tab', 'data-key': tab.id, 'aria-selected': String(i === this.at),
      tabindex: i === this.at ? 0 : -1, onclick: choose(i) }, tab.name)));
  }
  /** A tab this build cannot fill. */
  drop(tab) { this.tabsOf = this.tabsOf.filter(one => one !== tab); this.at = 0; this.drawTabs(); }

  async load(silent = false) {
    const run = ++this.run, late = silent || setTimeout(() => this.body.classList.add('stale'), 300);
    this.more.href = href({ details: this.tab.details ?? this.tab.id });
    this.more.hidden = !this.tab.by;
    try {
      const [content, note] = await KINDS[this.tab.kind ?? 'list'](this.tab, this.body.clientWidth, this);
      if (run !== this.run) return;                                  // a newer question is on its way
      const draw = () => swap(this.body, content ?? nothing(this.tab));
      if (silent) glide(this.body, draw); else draw();
      this.note.textContent = note ?? '';
    } catch (error) {
      if (run === this.run && !(silent && this.body.querySelector('table, svg'))) swap(this.body, failure(error, () => this.load()));
    } finally { clearTimeout(late); if (run === this.run) this.body.classList.remove('stale'); }
  }
}
