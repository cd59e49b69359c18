// What is looked at lives in the query string, readable, and only this file reads or writes it.
// Unknown parameters are ignored; bad values fall back and are named in `view.notices`.
import { DAY, HOUR, joinFilter, now, SERVICE, splitFilter, STEP } from './api.js';
import { METRICS, rangeName } from './format.js';

const dayOf = t => t - t % DAY;
const monthOf = (t, by) => Date.UTC(new Date(t * 1000).getUTCFullYear(), new Date(t * 1000).getUTCMonth() + by) / 1000;
let start = 0;                                                     // the first event of the service
export const PERIODS = [ // key, id, name, range until `t`
  ['D', 'day', 'Today', t => [dayOf(t - 1), t]], ['E', 'yesterday', 'Yesterday', t => [dayOf(t - 1) - DAY, dayOf(t - 1)]],
  ['R', 'live', 'Live', t => [t - 1800, t]], ['H', '24h', 'Last 24 hours', t => [(t - 1) - (t - 1) % HOUR - 23 * HOUR, t]],
  ['W', '7d', 'Last 7 days', t => [dayOf(t - 1) - 6 * DAY, t]], ['F', '28d', 'Last 28 days', t => [dayOf(t - 1) - 27 * DAY, t]],
  ['T', '30d', 'Last 30 days', t => [dayOf(t - 1) - 29 * DAY, t]], ['M', 'month', 'Month to date', t => [monthOf(t - 1, 0), t]],
  ['P', 'lastmonth', 'Last month', t => [monthOf(t - 1, -1), monthOf(t - 1, 0)]], ['Y', 'year', 'Last 12 months', t => [monthOf(t - 1, -11), t]],
  ['A', 'all', 'All time', t => [dayOf(Math.min(start || t - 1, t - 1)), t]],
];
export const DIMS = { path: 'Path', entry: 'Entry page', referrer: 'Site', source: 'Source', channel: 'Channel', campaign: 'Campaign', country: 'Country',
  browser: 'Browser', browser_version: 'Browser version', platform: 'System', platform_version: 'System version', device: 'Device', bot: 'Bot',
  status: 'Status', method: 'Method', protocol: 'Protocol', host: 'Host', asset: 'Kind of file' };
export const OPS = { is: 'is', is_not: 'is not', contains: 'contains', contains_not: 'does not contain' };
const CHOICES = { period: PERIODS.map(p => p[1]), metric: Object.keys(METRICS), audience: ['people', 'bots', 'all'], cmp: ['previous', 'year', 'none'] };
const USUAL = { period: '28d', metric: 'visitors', audience: 'people', cmp: 'previous' };
const COMPARED = 'compare';                                        // remembered by the browser; the address wins
const remembered = () => { try { return CHOICES.cmp.find(c => c === localStorage.getItem(COMPARED)); } catch { return null; } };

export let view = read();
function read() {
  const q = new URLSearchParams(location.search), notices = [], v = { notices, details: q.get('details') };
  for (const [key, allowed] of Object.entries(CHOICES)) {
    const asked = q.get(key), usual = key === 'cmp' && remembered() || USUAL[key];
    v[key] = allowed.includes(asked) ? asked : usual;
    if (asked != null && asked !== v[key]) notices.push(`“${asked}” is no ${key}`);
  }
  v.f = q.getAll('f').map(splitFilter).filter(([op, dim, ...values]) =>
    OPS[op] && DIMS[dim] && values.length || notices.push(`“${[op, dim, ...values].join()}” is no filter`) && false);

  v.now = now();
  const end = v.now - v.now % 60 + 60;                              // minutes are the finest buckets: the running one counts
  const [from, to] = ['from', 'to'].map(key => Math.floor(Date.parse(q.get(key)) / 1000));
  if (from > 0 && from < end && to > from) {
    Object.assign(v, { period: 'custom', from, to: Math.min(to, end), until: to });
    v.name = rangeName(v.from, v.to);
  } else {
    if (q.has('from') || q.has('to')) notices.push('no such range of dates');
    const [, , name, range] = PERIODS.find(p => p[1] === v.period);
    [v.from, v.to] = range(end);
    v.name = name;
  }
  v.running = v.to > v.now;
  const length = v.to - v.from, days = Math.ceil(length / DAY) * DAY;
  const back = v.cmp === 'year' ? 364 * DAY : v.period === 'month' ? v.from - monthOf(v.from, -1) : length > DAY / 4 ? days : length;
  v.prev = v.cmp === 'none' || v.from - back < start ? null : { from: v.from - back, to: v.to - back };
  v.steps = Object.keys(STEP).filter(s => length / STEP[s] >= 2 && length / STEP[s] <= 1500 && !(s === 'day' && length < 6 * DAY));
  if (!v.steps.length) v.steps = ['minute'];
  const usual = length <= 7200 ? 'minute' : length <= 8 * DAY ? 'hour' : length <= 95 * DAY ? 'day' : length < 367 * DAY ? 'week' : 'month';
  v.usualStep = v.steps.includes(usual) ? usual : v.steps[0];
  v.step = v.steps.includes(q.get('step')) ? q.get('step') : v.usualStep;
  if (q.has('step') && !STEP[q.get('step')]) notices.push(`“${q.get('step')}” is no step`);
  return v;
}
/** The page knows since when there is something to see. */
export function begin(first) { start = first ?? 0; view = read(); }
export const since = () => start;

const stamp = t => new Date(t * 1000).toISOString().replace(/(T00:00)?:00\.000Z$/, (_, midnight) => midnight ? '' : 'Z');
const PLAIN = { '%2F': '/', '%3A': ':', '%2C': ',', '%20': '+' };
/** The address of the present view with something changed; `:` and `/` stay readable. */
export function href(patch = {}) {
  const v = { ...view, details: null, ...patch }, q = [];
  const put = (key, value) => q.push(`${key}=${encodeURIComponent(value).replace(/%2F|%3A|%2C|%20/g, c => PLAIN[c])}`);
  if (v.period === 'custom') { put('from', stamp(v.from)); put('to', stamp(patch.to ?? v.until)); } else if (v.period !== USUAL.period) put('period', v.period);
  for (const part of v.f) put('f', joinFilter(part));
  for (const key of ['metric', 'audience']) if (v[key] !== USUAL[key]) put(key, v[key]);
  if (patch.cmp || v.cmp !== (remembered() ?? USUAL.cmp)) put('cmp', v.cmp);
  if (v.step !== v.usualStep && !patch.period) put('step', v.step);
  if (v.details) put('details', v.details);
  return `?${q.join('&')}`;
}
const listeners = [];
/** `listener(silent)`: silent when only time went on. */
export const onView = listener => listeners.push(listener);
const tell = silent => { for (const l of listeners) l(silent); };
const follow = () => { view = read(); tell(false); };
export function visit(address) {
  history.pushState(null, '', address === '?' ? location.pathname : address);
  const cmp = new URLSearchParams(location.search).get('cmp');
  if (CHOICES.cmp.includes(cmp)) try { localStorage.setItem(COMPARED, cmp); } catch { /* private window */ }
  follow();
}
export const go = patch => visit(href(patch));
/** Time went on: the range moves with it, the address stays. */
export function refresh() { view = read(); tell(true); }
addEventListener('popstate', follow);
// Whatever changes the view is a link, so it can be opened in a new tab; a plain click stays on the page.
addEventListener('click', event => {
  const link = event.target.closest?.('a[href^="?"]');
  if (!link || event.button || event.metaKey || event.ctrlKey || event.shiftKey) return;
  event.preventDefault();
  link.closest('[popover]')?.hidePopover();
  visit(link.getAttribute('href'));
});

/** The filters with one more; the same dimension and operator again means "or". */
export function withFilter(op, dim, value) {
  const same = view.f.find(part => part[0] === op && part[1] === dim);
  if (!same) return [...view.f, [op, dim, value]];
  return same.includes(value, 2) ? view.f : view.f.map(part => part === same ? [...part, value] : part);
}
/** The same length, one step earlier or later. */
export function shift(direction) {
  const length = view.to - view.from, by = length > DAY / 4 ? Math.ceil(length / DAY) * DAY : length, from = view.from + direction * by;
  if (from + by <= dayOf(start) || from > view.now) return;
  go({ period: 'custom', step: null, from, to: from + by });
}
