// Numbers and times as people read them: the short form on screen, the long form in titles and for screen readers.
const NONE = '-';
const whole = new Intl.NumberFormat('en', { maximumFractionDigits: 0 });
/** Cut, never rounded up, and without a bare ".0": nothing ever reads "1000k", "1024 KiB" or a 100% that is not one. */
const cut = (n, digits) => String(Math.trunc(n * 10 ** digits + 1e-9) / 10 ** digits);
const missing = n => n == null || Number.isNaN(n);

/** 999, 1k, 1.2k, 99.9k, 100k, 1.2M */
export function count(n) {
  if (missing(n)) return NONE;
  n = Math.round(n);                                               // estimates come with a fraction
  for (const [size, unit] of [[1e9, 'B'], [1e6, 'M'], [1e3, 'k']])
    if (n >= size) return cut(n / size, n >= 100 * size ? 0 : 1) + unit;
  return String(n);
}
export function bytes(n) {
  if (missing(n)) return NONE;
  if (n < 1024) return `${Math.trunc(n)} B`;
  let unit = -1;
  while (n >= 1024 && unit < 4) { n /= 1024; unit += 1; }
  return `${cut(n, 1)} ${['KiB', 'MiB', 'GiB', 'TiB', 'PiB'][unit]}`;
}
/** "41.2 of 64 MiB": the unit once where it is the same. */
export function ofBytes(used, limit) {
  const [, unit] = bytes(limit).split(' '), part = bytes(used);
  return `${part.endsWith(` ${unit}`) ? part.split(' ')[0] : part} of ${bytes(limit)}`;
}
/** A rate of 0…1. */
export const percent = n => missing(n) ? NONE : n > 0 && n < 1e-4 ? '<0.01%' : `${cut(100 * n, n > 0 && n < 1e-3 ? 2 : 1)}%`;
export const share = (part, all) => all ? percent(missing(part) ? null : part / all) : NONE;
export function latency(s) {
  if (missing(s)) return NONE;
  if (s === 0) return '0';
  if (s < 1e-3) return `${cut(s * 1e6, 0)} µs`;
  return s < 1 ? `${cut(s * 1e3, s < 0.01 ? 1 : 0)} ms` : `${cut(s, s < 10 ? 1 : 0)} s`;
}
export function duration(s) {
  s = Math.max(0, Math.trunc(s));
  const two = n => String(n).padStart(2, '0'), m = Math.trunc(s / 60) % 60;
  if (s >= 172800) return `${Math.trunc(s / 86400)} days`;
  if (s >= 3600) return `${Math.trunc(s / 3600)}h ${m}m ${s % 60}s`;
  return s >= 60 ? `${m}m ${two(s % 60)}s` : `${s}s`;
}
/** The same without what nobody needs: seconds beside hours. */
export const ago = s => duration(s).replace(/(h \d+m) \d+s$/, '$1');
export const long = n => missing(n) ? NONE : whole.format(n);

/** Change against a base: arrow and sign as well as colour; "new" when there was nothing before. */
export function change(now, before, worseWhenUp = false) {
  if (missing(now) || missing(before)) return { text: NONE, tone: '' };
  if (before === 0) return now ? { text: 'new', tone: worseWhenUp ? 'worse' : 'better' } : { text: '0%', tone: '' };
  const by = Math.round(100 * (now - before) / before);
  if (by === 0) return { text: '0%', tone: '' };
  return { text: `${by > 0 ? '▲' : '▼'} ${whole.format(Math.abs(by))}%`, tone: (by > 0) === worseWhenUp ? 'worse' : 'better' };
}

/** What can be measured: how it is named, shown and judged. `sum` metrics also make sense as a share of the total. */
export const METRICS = {
  visitors: { name: 'Visitors', short: count, unit: 'visitors', sum: true, note: '≈ estimate, ±0.8%' },
  pageviews: { name: 'Page views', short: count, unit: 'page views', sum: true, note: 'GET, answered, not a static file' },
  requests: { name: 'Requests', short: count, unit: 'requests', sum: true },
  bytes: { name: 'Bandwidth', short: bytes, unit: 'bytes', sum: true, binary: true },
  error_rate: { name: 'Error rate', short: percent, worseWhenUp: true, note: 'answers 500 to 599' },
  duration_p95: { name: 'p95 time', short: latency, worseWhenUp: true, note: '≤ 2.2% error' },
  bot_share: { name: 'Bots', short: percent, neutral: true, note: 'share of all requests' },
};
/** One of something is named without its s. */
export const full = (metric, n) => {
  const { unit, short } = METRICS[metric];
  return unit ? `${long(n)} ${Math.round(n) === 1 ? unit.replace(/s$/, '') : unit}` : short(n);
};

function date(options) {
  const format = new Intl.DateTimeFormat('en-GB', { timeZone: 'UTC', ...options });
  return t => format.format(t * 1000).replace('Sept', 'Sep');
}
export const time = date({ hour: '2-digit', minute: '2-digit' });
export const dayMonth = date({ day: 'numeric', month: 'short' });
export const weekday = date({ weekday: 'short', day: 'numeric', month: 'short' });
export const fullDay = date({ day: 'numeric', month: 'short', year: 'numeric' });
export const month = date({ month: 'long', year: 'numeric' });
const shortMonth = date({ month: 'short' });

export function bucketName(t, step) {
  if (step === 'minute') return `${weekday(t)}, ${time(t)}`;
  if (step === 'hour') return `${weekday(t)}, ${time(t)}–${time(t + 3600)}`;
  return step === 'day' ? weekday(t) : step === 'week' ? `Week of ${dayMonth(t)}` : month(t);
}
export function axisName(t, step) {
  if (step === 'minute' || step === 'hour') return t % 86400 ? time(t) : dayMonth(t);
  return step === 'month' ? shortMonth(t) : dayMonth(t);
}
const inYear = (from, to) => to - from > 300 * 86400 ? fullDay : dayMonth;
export const rangeName = (from, to) => to - from > 86400 ? `${inYear(from, to)(from)} – ${inYear(from, to)(to - 1)}`
  : from % 86400 || to - from < 86400 ? `${weekday(from)}, ${time(from)}–${time(to)}` : weekday(from);

const country = new Intl.DisplayNames('en', { type: 'region', fallback: 'code' });
const COUNTRY = { ZZ: 'Unknown', XL: 'Local network', XK: 'Kosovo' };
const STATUS = { 200: 'OK', 204: 'No Content', 206: 'Partial Content', 301: 'Moved Permanently', 302: 'Found', 304: 'Not Modified',
  307: 'Temporary Redirect', 308: 'Permanent Redirect', 400: 'Bad Request', 401: 'Unauthorized', 403: 'Forbidden', 404: 'Not Found',
  405: 'Method Not Allowed', 410: 'Gone', 429: 'Too Many Requests', 444: 'Closed Unanswered', 499: 'Client Closed Request',
  500: 'Server Error', 502: 'Bad Gateway', 503: 'Unavailable', 504: 'Gateway Timeout' };
const EMPTY = { referrer: '(direct)', source: '(none)', campaign: '(none)', bot: '(no name)', host: '(none)' };
export function valueName(by, value) {
  if (value === '~other') return 'everything else';
  if (by === 'country') return COUNTRY[value] ?? (/^[A-Z]{2}$/.test(value) ? country.of(value) : value);
  if (value === '') return EMPTY[by] ?? '(unknown)';
  return by === 'status' && STATUS[value] ? `${value} ${STATUS[value]}` : value;
}
