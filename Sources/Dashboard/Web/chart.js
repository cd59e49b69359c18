// The main chart, drawn as SVG that CSS colours. CHARTS.md says why there is no library.
import { h, svg, tip } from './dom.js';
import { axisName, bucketName, change, full, METRICS } from './format.js';

const reduced = matchMedia('(prefers-reduced-motion: reduce)');

/** Three to five round steps from zero to just above the largest value; things are counted in whole steps. */
export function ticks(max, binary = false, whole = false) {
  if (!(max > 0)) max = 1;
  const base = binary ? 1024 : 10, unit = base ** Math.floor(Math.log(max / 5) / Math.log(base));
  const round = binary ? [1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 1024] : [1, 2, 2.5, 5, 10];
  const found = round.map(n => n * unit).find(n => n * 5 >= max), step = whole ? Math.max(1, found) : found;
  return Array.from({ length: Math.ceil(max / step - 1e-9) + 1 }, (_, i) => i * step);
}

/** Which buckets get a name below the axis: as many as fit, on round times; weeks begin on Monday. */
const SECONDS = { minute: 60, hour: 3600, day: 86400 };
const STRIDES = { minute: [1, 5, 10, 15, 30, 60, 180, 360], hour: [1, 2, 3, 6, 12, 24, 48, 96, 168], day: [1, 2, 7, 14, 28] };
function named(times, step, wide) {
  const room = Math.max(2, wide / 62), strides = STRIDES[step] ?? [1, 2, 3, 6, 13];
  const stride = strides.find(n => times.length / n <= room) ?? strides.at(-1), monday = step === 'day' && stride % 7 === 0 ? 3 : 0;
  return times.map((_, i) => i).filter(i => (SECONDS[step] ? times[i] / SECONDS[step] + monday : i) % stride === 0);
}

/**
 * The chosen metric over time, the compared period behind it, the running bucket dotted.
 * `rows` and `prev` are [{ time, value }]; `pick(row)` opens a bucket, `zoom(from, to)` a dragged range.
 */
export class TimeChart {
  constructor(host, { pick, zoom }) {
    Object.assign(this, { host, pick, zoom, at: -1, drag: null });
    host.tabIndex = 0;
    new ResizeObserver(() => this.data && host.clientHeight && this.draw()).observe(host);
    host.addEventListener('pointermove', event => this.move(event));
    host.addEventListener('pointerleave', () => this.drag == null && this.point(-1));
    host.addEventListener('pointerdown', event => {
      if (event.pointerType === 'touch' || event.button) return;    // a finger scrolls and reads, it does not zoom
      this.drag = this.near(event);
      host.setPointerCapture(event.pointerId);
    });
    host.addEventListener('pointerup', event => this.drop(event));
    host.addEventListener('pointercancel', () => { this.drag = null; this.point(-1); });
    host.addEventListener('blur', () => this.point(-1));
    host.addEventListener('keydown', event => this.key(event));
  }

  /** A silent update leaves the reader's crosshair, and a drag under way, where they are. */
  show(data, silent = false) {
    this.data = data;
    if (!silent || this.at >= data.rows.length) this.at = -1;
    if (!silent || this.drag == null) this.draw(!silent);
  }

  draw(fresh = false) {
    const { rows, prev, metric, step, running } = this.data, { binary, short, unit } = METRICS[metric], { host } = this;
    const wide = host.clientWidth, high = host.clientHeight;
    if (!wide || !high) return;
    const last = rows.length - 1, solid = running && last > 0 ? last - 1 : last;
    const marks = ticks(Math.max(...[...rows, ...prev?.slice(0, rows.length) ?? []].map(r => r.value ?? 0)), binary, Boolean(unit));
    const left = 14 + 6.5 * Math.max(...marks.map(m => short(m).length)), right = wide - 14, top = 14, bottom = high - 26;
    const bars = step === 'minute' && rows.length <= 60, slot = (right - left) / rows.length;
    this.x = i => bars ? left + (i + 0.5) * slot : left + (last ? i / last : 0.5) * (right - left);
    this.y = value => bottom - value / marks.at(-1) * (bottom - top);
    Object.assign(this, { top, bottom });

    const line = (all, from, to) => {                                // a missing value is a gap, never a zero
      let path = '', pen = 'M';
      for (let i = from; i <= to; i++) {
        if (all[i]?.value == null) { pen = 'M'; continue; }
        path += `${pen}${this.x(i).toFixed(1)} ${this.y(all[i].value).toFixed(1)}`;
        pen = 'L';
      }
      return path;
    };
    const text = (x, y, anchor, words) => svg('text', { class: 'axis', x, y, 'text-anchor': anchor }, words);
    const drawing = marks.map(m => [
      svg('line', { class: m ? 'grid' : 'base', x1: left, x2: right, y1: this.y(m), y2: this.y(m) }), text(left - 10, this.y(m) + 4, 'end', short(m))]);
    for (const i of named(rows.map(r => r.time), step, right - left))
      drawing.push(text(Math.min(Math.max(this.x(i), left + 14), right - 14), high - 6, 'middle', axisName(rows[i].time, step)));
    if (bars) rows.forEach(({ value }, i) => drawing.push(svg('rect', { class: running && i === last && 'running', rx: 2,
      x: this.x(i) - slot * 0.38, width: slot * 0.76, y: this.y(value ?? 0), height: bottom - this.y(value ?? 0) })));
    else {
      const main = line(rows, 0, solid), whole = main.lastIndexOf('M') === 0, first = rows.findIndex(r => r.value != null);
      if (prev) drawing.push(svg('path', { class: 'before', d: line(prev, 0, Math.min(prev.length - 1, last)) }));
      if (whole) drawing.push(svg('path', { class: 'area', d: `${main}V${bottom}H${this.x(first)}Z` }));
      drawing.push(svg('path', { class: 'line', d: main }));
      if (solid < last && rows[last].value != null) drawing.push(svg('path', { class: 'line running', d: line(rows, solid, last) }),
        svg('circle', { cx: this.x(last), cy: this.y(rows[last].value), r: 3.5 }));
    }
    this.cross = svg('g', { class: 'cross' });
    this.brush = svg('rect', { class: 'brush', y: top, height: bottom - top, width: 0 });
    const fade = svg('linearGradient', { id: 'fade', x2: 0, y2: 1 }, svg('stop', { offset: 0 }), svg('stop', { offset: 1 }));
    host.replaceChildren(svg('svg', { class: fresh && !reduced.matches ? 'time fresh' : 'time', width: wide, height: high,
      viewBox: `0 0 ${wide} ${high}`, role: 'img', 'aria-label': summary(this.data) }, svg('defs', {}, fade), this.brush, drawing, this.cross));
    if (this.at >= 0) this.point(this.at);
  }

  near(event) {
    const last = this.data.rows.length - 1, x = event.clientX - this.host.getBoundingClientRect().left;
    return Math.max(0, Math.min(last, Math.round((x - this.x(0)) / Math.max(1, this.x(last) - this.x(0)) * last)));
  }
  between(event) { return [this.drag, this.near(event)].sort((a, b) => a - b); }
  move(event) {
    if (!this.data) return;
    if (this.drag != null) {
      const [a, b] = this.between(event);
      this.brush.setAttribute('x', this.x(a)); this.brush.setAttribute('width', this.x(b) - this.x(a));
    }
    this.point(this.near(event));
  }
  drop(event) {
    if (this.drag == null) return;
    const [a, b] = this.between(event), { rows, to } = this.data;
    this.drag = null;
    tip.hide();
    if (b > a) this.zoom(rows[a].time, rows[b + 1]?.time ?? to); else this.pick(rows[a]);
  }
  key(event) {
    const last = this.data?.rows.length - 1, back = this.at < 0 ? last : this.at - 1;
    const to = { ArrowLeft: back, ArrowRight: this.at + 1, Home: 0, End: last }[event.key];
    if (event.key === 'Enter' && this.at >= 0) this.pick(this.data.rows[this.at]);
    if (to == null) return;
    event.preventDefault(); event.stopPropagation();
    this.point(Math.max(0, Math.min(last, to)));
  }

  /** Crosshair, dots and tooltip on one bucket; -1 takes them away. */
  point(i) {
    this.at = i;
    if (!this.cross) return;
    if (i < 0) { this.cross.replaceChildren(); tip.hide(); return; }
    const { rows, prev } = this.data, x = this.x(i), at = this.host.getBoundingClientRect();
    const dots = [[prev?.[i], 'before'], [rows[i]]].filter(([row]) => row?.value != null)
      .map(([row, name]) => svg('circle', { class: name, cx: x, cy: this.y(row.value), r: 4.5 }));
    this.cross.replaceChildren(svg('line', { x1: x, x2: x, y1: this.top, y2: this.bottom }), ...dots);
    tip.show(at.left + x, at.top + 52, ...this.words(i));
  }
  words(i) {
    const { rows, prev, metric, step, running } = this.data, row = rows[i], before = prev?.[i], unfinished = running && i === rows.length - 1;
    const by = before?.value != null && !unfinished && change(row.value, before.value, METRICS[metric].worseWhenUp);
    const pair = (name, value, aside) => h('div', { class: 'pair' }, h('span', { class: `key ${name}` }, full(metric, value)), aside);
    return [h('b', {}, bucketName(row.time, step), unfinished && h('small', {}, ' so far')),
      pair('', row.value, by && h('span', { class: `delta ${METRICS[metric].neutral ? '' : by.tone}` }, by.text)),
      before ? pair('before', before.value, h('small', {}, bucketName(before.time, step))) : ''];
  }
}

/** The chart in one sentence, for those who hear it. */
export function summary({ rows, prev, metric, step }) {
  const known = rows.filter(r => r.value != null).sort((a, b) => a.value - b.value), { name } = METRICS[metric];
  if (!known.length) return `${name}: no data`;
  const tell = row => `${full(metric, row.value)} (${bucketName(row.time, step)})`;
  return `${name} per ${step}, ${rows.length} points${prev ? ', with the period before' : ''}: ` +
    `lowest ${tell(known[0])}, highest ${tell(known.at(-1))}. Arrow keys read single points.`;
}

/** The same numbers as a table. */
export function timeTable({ rows, prev, metric, step, running }) {
  const { name, worseWhenUp } = METRICS[metric], heads = ['When', name, ...prev ? ['Before', 'Change'] : []];
  return h('table', { class: 'plain' }, h('caption', { class: 'sr' }, `${name} per ${step}`),
    h('thead', {}, h('tr', {}, heads.map(head => h('th', { scope: 'col' }, head)))),
    h('tbody', {}, rows.map(({ time, value }, i) => {
      const unfinished = running && i === rows.length - 1, by = prev && change(unfinished ? null : value, prev[i]?.value, worseWhenUp);
      return h('tr', {}, h('th', { scope: 'row' }, bucketName(time, step), unfinished && h('small', {}, ' so far')), h('td', {}, full(metric, value)),
        prev && [h('td', {}, full(metric, prev[i]?.value)), h('td', { class: by.tone }, by.text)]);
    })));
}
