// All that is asked of the daemon. Times are Unix seconds in here and RFC 3339 outside; rates are 0…1; null is "no value".
const { base = '', service, days = 30 } = document.documentElement.dataset;
/** An address of this daemon, below whatever path a proxy put it. */
export const local = path => base + path;
export const SERVICE = service, DAYS = Number(days);
export const HOUR = 3600, DAY = 86400;
export const STEP = { minute: 60, hour: HOUR, day: DAY, week: 7 * DAY, month: 30 * DAY };

let skew = 0;                                                      // the server's clock counts, not the reader's
export const now = () => Math.floor(Date.now() / 1000 + skew);
const seconds = text => text == null ? null : typeof text === 'number' ? text : Date.parse(text) / 1000;

async function get(path, params = []) {
  const query = params.filter(([, value]) => value != null).map(([key, value]) => `${key}=${encodeURIComponent(value)}`).join('&');
  let answer;
  try { answer = await fetch(local(path) + (query && `?${query}`), { headers: { Accept: 'application/json' } }); }
  catch { throw new Error('The daemon does not answer. Is it running?'); }
  const date = Date.parse(answer.headers.get('Date')) / 1000;
  if (Math.abs(date - Date.now() / 1000 - skew) > 1.5) skew = date - Date.now() / 1000;
  const body = await answer.json().catch(() => null);
  if (!answer.ok || body == null) throw new Error(body?.error?.message ?? `${path} answered ${answer.status}, not a number in it`);
  return body;
}

// The same question asked by two parts of the page, or again on the way back, is asked once.
const asked = new Map(), FRESH = 900;
function once(path, params) {
  const key = JSON.stringify([path, params]), old = asked.get(key);
  if (old && Date.now() - old.at < FRESH) return old.answer;
  for (const [known, { at }] of asked) if (Date.now() - at > FRESH) asked.delete(known);
  const answer = get(path, params);
  asked.set(key, { at: Date.now(), answer });
  answer.catch(() => asked.delete(key));
  return answer;
}

/** Something has happened since: nothing asked before is news. */
export const forget = () => asked.clear();

/** A filter as the address and the API write it: `is,path,/a,/b`; a comma or backslash inside a value is escaped. */
export const joinFilter = parts => parts.map(part => part.replace(/[\\,]/g, '\\$&')).join();
export const splitFilter = text => (text.match(/(?:^|,)(?:\\[^]|[^\\,]|\\$)*/g) ?? []).map(part => part.replace(/^,/, '').replace(/\\([\\,])/g, '$1'));

const params = ({ service = SERVICE, from, to, step, by, f = [], metrics, audience = 'all', order, limit }) => [
  ['service', service], ['from', from], ['to', to], ['step', step], ['metrics', metrics?.join()], ['by', by],
  ...f.map(part => ['f', joinFilter(part)]), ['audience', audience], ['order', order], ['limit', limit]];
/** One question of `GET /api/v1/query`; `f` as arrays: ['is', 'path', '/a', '/b']. */
export async function query(question) {
  const answer = await once('/api/v1/query', params(question));
  const { from, source } = answer.coverage ?? {};
  return { totals: {}, ...answer, rows: (answer.rows ?? []).map(row => 'time' in row ? { ...row, time: seconds(row.time) } : row),
    coverage: { from: seconds(from), source } };
}
/** The address of the same answer, for those who want to take it along. */
export const queryLink = question => local(`/api/v1/query?${params(question).filter(([, value]) => value != null)
  .map(([key, value]) => `${key}=${encodeURIComponent(value)}`).join('&')}`);
/** { upper, requests, p50, p95, p99 } */
export const latencies = ({ from, to, f, audience }) => once('/api/v1/latency', params({ from, to, f, audience }));
export async function services(days) {
  const all = await once('/api/v1/services', [['days', days]]);
  return all.map(one => ({ ...one, first: seconds(one.first), last: seconds(one.last) }));
}
export async function status() {
  const now = await once('/api/v1/status', []), { last_reject: reject, snapshot } = now;
  return { ...now, started: seconds(now.started), last_reject: reject && { ...reject, at: seconds(reject.at) },
    snapshot: snapshot && { ...snapshot, at: seconds(snapshot.at) } };
}
/** The lines for a web server, as the daemon itself prints them: they stand in the page's own HTML. */
export const linesOf = sender => async (service, address) => {
  const answer = await fetch(local(`/nginx?sender=${sender}&service=${encodeURIComponent(service)}&address=${encodeURIComponent(address)}`));
  const page = new DOMParser().parseFromString(await answer.text(), 'text/html');
  const lines = page.querySelector('#lines')?.textContent.trim();
  if (!lines) throw new Error(page.querySelector('.error')?.textContent ?? 'cannot make the lines from that name and address');
  return lines;
};

/**
 * Calls `tell(tick)` about once a second while the page is looked at: a stream, or `poll()` where a proxy holds streams back.
 * A hidden page lets go of its connection, because a browser has only six for one server.
 */
export function listen(tell, poll) {
  const QUIET = 15000;                                             // an idle daemon still speaks every ten seconds
  let stream, timer, heard = 0;
  const ask = () => Date.now() - heard > QUIET && poll().then(tell).catch(() => { /* the page says so elsewhere */ });
  const stop = () => { stream?.close(); clearInterval(timer); };
  const start = () => {
    stop();
    stream = new EventSource(local('/api/v1/live') + (SERVICE ? `?service=${encodeURIComponent(SERVICE)}` : ''));
    stream.onmessage = ({ data }) => {
      heard = Date.now();
      const tick = JSON.parse(data);
      tell({ ...tick, last: seconds(tick.last) });
    };
    timer = setInterval(ask, QUIET / 2);
  };
  document.addEventListener('visibilitychange', () => document.hidden ? stop() : start());
  if (!document.hidden) start();
  ask();
}
