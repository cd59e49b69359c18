// The small figures: hours of the week, latency, world.
import { HOUR } from './api.js';
import { h, svg, tip } from './dom.js';
import { full, latency, long, METRICS, share, valueName } from './format.js';
import { href, withFilter } from './view.js';

const hint = (title, text) => ({ onpointermove: e => tip.show(e.clientX, e.clientY, h('b', {}, title), h('div', {}, text)), onpointerleave: tip.hide });
const two = n => String(n).padStart(2, '0');

/** How often each hour of the week, 0 = Monday 00:00, begins in a range: so that five Mondays are not compared with four Tuesdays. */
export function hoursOfWeek(from, to) {
  const times = new Array(168).fill(0);
  for (let t = from - from % HOUR; t < to; t += HOUR) times[(t / HOUR + 72) % 168] += 1;
  return times;
}
/** Hours of the week as balls: the area carries the value, colour only helps. It is a table, so it reads as one. */
export function weekGrid(means, metric) {
  const { name, short, unit } = METRICS[metric], max = Math.max(...means.map(mean => mean ?? 0)) || 1;
  const ball = (day, hour, value) => h('td', hint(`${day}, ${two(hour)}:00–${two((hour + 1) % 24)}:00`,
    value == null ? 'no requests' : unit ? `${value < 10 ? String(Math.round(value * 10) / 10) : full(metric, value).replace(/ .*/, '')} ${unit} on average` : full(metric, value)),
  h('i', { '--r': Math.sqrt((value ?? 0) / max).toFixed(3) }), h('span', { class: 'sr' }, short(value)));
  return h('table', { class: 'week' }, h('caption', { class: 'sr' }, `${name}, mean per hour of the week`),
    h('thead', {}, h('tr', {}, h('td'), Array.from({ length: 24 }, (_, hour) => h('th', { scope: 'col' }, two(hour))))),
    h('tbody', {}, ['Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat', 'Sun'].map((day, d) =>
      h('tr', {}, h('th', { scope: 'row' }, day), Array.from({ length: 24 }, (_, hour) => ball(day, hour, means[d * 24 + hour]))))));
}

/** The histogram's fine buckets, joined to half powers of two, which is as fine as a reader can use. */
export function joinBins(upper, requests) {
  const key = s => Math.ceil(2 * Math.log2(s) - 1e-6), bins = new Map(), first = upper.find((s, i) => s > 0 && requests[i]);
  // Logs of milliseconds say 0 for anything faster: it stands just below the first time they can tell.
  upper.forEach((s, i) => { const k = s > 0 ? key(s) : key(first ?? 0.001) - 1; bins.set(k, (bins.get(k) ?? 0) + requests[i]); });
  const keys = [...bins.keys()].filter(k => bins.get(k)).sort((a, b) => a - b);
  if (!keys.length) return [];
  return Array.from({ length: keys.at(-1) - keys[0] + 1 }, (_, i) => keys[0] + i)
    .map(k => ({ from: 2 ** ((k - 1) / 2), to: 2 ** (k / 2), requests: bins.get(k) ?? 0 }));
}
/** How long requests took, on a logarithmic axis, with the percentiles that matter; slower than p95 is red. */
export function latencyChart({ upper, requests, ...percentiles }, wide) {
  const bins = joinBins(upper, requests), marks = ['p50', 'p95', 'p99'].map(name => [name, percentiles[name]]).filter(([, s]) => s != null);
  if (!bins.length) return null;
  const edge = bins.at(-1).to;                                     // air on both sides, so that one bar is not a wall
  while (bins.length < 9) bins.length % 2 ? bins.unshift({ from: bins[0].from / Math.SQRT2, to: bins[0].from, requests: 0 })
    : bins.push({ from: bins.at(-1).to, to: bins.at(-1).to * Math.SQRT2, requests: 0 });
  const max = Math.max(...bins.map(b => b.requests)) || 1, all = bins.reduce((n, b) => n + b.requests, 0);
  const high = 300, slot = wide / bins.length, first = bins[0].from, end = bins.at(-1).to;
  const x = seconds => Math.min(1, Math.max(0, Math.log(seconds / first) / Math.log(end / first))) * wide, y = n => high - 235 * n / max;
  const slow = percentiles.p95 ?? edge;
  const bar = (b, i) => svg('rect', { class: b.from > slow && 'tail', x: i * slot + 1, width: slot - 2, y: y(b.requests), height: high - y(b.requests), rx: 2 });
  const touch = (b, i) => svg('rect', { class: 'hit', x: i * slot, width: slot, height: high,
    ...hint(upper[0] === 0 && i === bins.findIndex(one => one.requests) ? `under ${latency(b.to)}` : `${latency(b.from)} – ${latency(b.to)}`, `${long(b.requests)} requests, ${share(b.requests, all)}`) });
  const mark = ([name, s], i) => {
    const far = x(s) > wide - 76, place = { x: x(s) + (far ? -6 : 6), y: 30 + i * 14, 'text-anchor': far ? 'end' : 'start' };
    return svg('g', { class: 'mark' }, svg('line', { x1: x(s), x2: x(s), y1: 22 + i * 14, y2: high }), svg('text', place, svg('tspan', {}, `${name} `), latency(s)));
  };
  const names = [0.001, 0.01, 0.1, 1, 10, 100].filter(s => s > first * 1.2 && s < end / 1.2);
  return svg('svg', { class: 'latency', viewBox: `0 0 ${wide} ${high + 24}`, role: 'img',
    'aria-label': `${long(all)} requests. ${marks.map(([name, s]) => `${name} ${latency(s)}`).join(', ')}` },
  bins.map(bar), svg('line', { class: 'base', x2: wide, y1: high, y2: high }),
  names.map(s => svg('text', { class: 'axis', x: x(s), y: high + 18, 'text-anchor': 'middle' }, latency(s))), marks.map(mark), bins.map(touch));
}

/** The outlines come when first seen; a build without them has an empty list. */
export const outlines = () => import('./world.js');
/** Countries shaded in five steps of the square root; the list below and the next tab hold the same numbers. */
export function worldMap({ size, shapes, dots }, rows, metric, pick) {
  const real = rows.filter(r => /^(?!ZZ|XL)[A-Z]{2}$/.test(r.country)), of = new Map(real.map(r => [r.country, r.value]));
  const max = Math.max(0, ...of.values()), { short } = METRICS[metric];
  const shape = (tag, code, where) => {
    const value = of.get(code), level = value ? Math.max(1, Math.ceil(5 * Math.sqrt(value / max))) : 0;
    return svg(tag, { class: `q${level}`, ...where, ...hint(valueName('country', code), value ? full(metric, value) : 'none'), onclick: () => value && pick(code) });
  };
  return h('div', { class: 'map' },
    svg('svg', { viewBox: `125 0 860 ${size[1]}`, role: 'img', 'aria-label': 'World map; the tab Countries holds the same numbers as a table' },
      Object.entries(shapes).map(([code, d]) => shape('path', code, { d })),
      Object.entries(dots).filter(([code]) => of.get(code)).map(([code, [cx, cy]]) => shape('circle', code, { cx, cy, r: 4 }))),
    h('div', { class: 'flex', 'aria-hidden': 'true' }, '0', [1, 2, 3, 4, 5].map(n => h('i', { class: `q${n}` })), short(max)),
    h('ol', { class: 'leaders' }, real.slice(0, 8).map(({ country, value }) => h('li', {},
      h('a', { href: href({ f: withFilter('is', 'country', country) }) }, h('span', {}, valueName('country', country)), short(value))))));
}
