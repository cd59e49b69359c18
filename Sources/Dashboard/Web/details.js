// Everything a list holds: all rows, more columns, search, sort. It has an address of its own.
import { query, queryLink, SERVICE } from './api.js';
import { $, h, icon, swap } from './dom.js';
import { long, METRICS, valueName } from './format.js';
import { finer, metricOf, nothing, OTHER, pick, question } from './panel.js';
import { dots, failure, message } from './states.js';
import { go, href, onView, view } from './view.js';

const SLOW = 'duration_p95', COLUMNS = ['visitors', 'requests', 'bytes', SLOW, 'errors'], PAGE = 100;
const show = (column, n) => column === 'errors' ? long(n) : METRICS[column].short(n);

/** RFC 4180, and nothing that a spreadsheet would take for a formula. */
export function csv(by, rows) {
  const cell = value => { const text = String(value ?? ''), safe = /^[=+\-@\t\r]/.test(text) && !Number.isFinite(+text) ? `'${text}` : text;
    return /[",\r\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe; };
  return [[by, ...COLUMNS], ...rows.map(r => [r[by], ...COLUMNS.map(c => r[c])])].map(row => row.map(cell).join()).join('\r\n') + '\r\n';
}
/** Larger first; what has no value is last whichever way. */
export const compare = (order, down) => (a, b) => (a[order] == null) - (b[order] == null)
  || (a[order] < b[order] ? 1 : a[order] > b[order] ? -1 : 0) * (down ? 1 : -1);

export function detailsDialog(panels) {
  const dialog = h('dialog', { class: 'details', 'aria-label': 'Details', onclose: () => { dialog.replaceChildren(); if (view.details) go({ details: null }); } });
  document.body.append(dialog);
  dialog.addEventListener('keydown', event => {
    if (event.key === '/' && !event.target.closest('input')) { event.preventDefault(); $('input', dialog).focus(); }
  });
  let run = 0, file;

  async function open() {
    const mine = ++run, panel = panels.find(p => p.tabs.some(t => t.by && t.id === view.details)), found = panel?.tabs.find(t => t.id === view.details);
    if (!found) return dialog.close();
    // Percentiles come from detail rows, everything else from tables, as in the panels: asked apart, so that equal names have equal numbers.
    const tab = finer(found), ask = metrics => question(tab, view, { metrics, limit: 10000, order: '-requests' });
    const search = h('input', { type: 'search', placeholder: `Search ${tab.head.toLowerCase()}`, 'aria-label': 'Search', autofocus: true });
    const table = h('div', { class: 'scroll', tabindex: 0, role: 'region', 'aria-labelledby': 'details-title' }, dots());
    const foot = h('footer', { class: 'flex' });
    swap(dialog,
      h('header', { class: 'flex' }, h('h2', { id: 'details-title' }, `${panel.title} · ${tab.name}`),
        h('small', { class: 'push' }, `${view.name} · ${tab.audience ?? view.audience}`), search,
        h('button', { class: 'icon-only', 'aria-label': 'Close', onclick: () => dialog.close() }, icon('close'))),
      table, foot);
    if (!dialog.open) dialog.showModal();
    try {
      const [answer, slow] = await Promise.all([query(ask(COLUMNS.filter(c => c !== SLOW))), query(ask([SLOW]))]);
      const times = new Map(slow.rows.map(r => [r[tab.by], r[SLOW]]));
      for (const row of answer.rows) row[SLOW] = times.get(row[tab.by]) ?? null;
      if (mine === run) fill(tab, queryLink(ask(COLUMNS)), answer, { search, table, foot });
    } catch (error) { if (mine === run) swap(table, failure(error, open)); }
  }

  function fill(tab, link, answer, { search, table, foot }) {
    let order = COLUMNS.includes(metricOf(tab)) ? metricOf(tab) : 'requests', down = true, limit = PAGE;
    const { by } = tab, name = row => valueName(by, String(row[by]));
    const sort = column => () => { down = column === order ? !down : column !== by; order = column; draw(); };
    const head = (column, text) => h('th', { scope: 'col', class: column, 'aria-sort': column === order && (down ? 'descending' : 'ascending') },
      h('button', { 'data-key': column, onclick: sort(column) }, text));
    const row = max => r => h('tr', {},
      h('th', { scope: 'row' }, h('span', { class: 'bar', '--w': `${order === by ? 0 : 100 * (r[order] ?? 0) / max}%` }),
        h('a', { href: r[by] === OTHER ? null : href(pick(tab, String(r[by]))), title: name(r) }, name(r))),
      COLUMNS.map(c => h('td', { class: c, title: c === SLOW ? null : long(r[c]) }, show(c, r[c]))));
    function draw() {
      const wanted = search.value.trim().toLowerCase(), rows = answer.rows.filter(r => name(r).toLowerCase().includes(wanted)).sort(compare(order, down));
      const max = Math.max(...rows.slice(0, limit).map(r => typeof r[order] === 'number' ? r[order] : 0)) || 1;
      swap(table, rows.length > 0 && h('table', { class: 'plain' }, h('caption', { class: 'sr' }, `${tab.head}, ${rows.length} rows`),
        h('thead', {}, h('tr', {}, head(by, tab.head), COLUMNS.map(c => head(c, METRICS[c]?.name ?? 'Errors')))),
        h('tbody', {}, rows.slice(0, limit).map(row(max)))),
      !rows.length && (wanted ? message(h('b', {}, 'Nothing matches'), `No ${tab.head.toLowerCase()} contains “${search.value.trim()}”.`) : nothing(tab)),
      rows.length > limit && h('button', { 'data-key': 'more', onclick: () => { limit += PAGE; draw(); } }, `Show ${Math.min(PAGE, rows.length - limit)} more of ${long(rows.length - limit)}`));
    }
    search.addEventListener('input', () => { limit = PAGE; draw(); });
    draw();
    URL.revokeObjectURL(file);
    file = URL.createObjectURL(new Blob([csv(by, answer.rows)], { type: 'text/csv' }));
    swap(foot, h('span', { class: 'push' }, `${long(answer.rows.length)} rows · `, h('a', { href: file, download: `${SERVICE}-${tab.id}.csv` }, 'CSV'), ' · ',
      h('a', { href: link, target: '_blank' }, 'JSON')), h('small', {}, 'Click a name to filter by it'));
  }
  const follow = silent => { if (silent) return; run += 1; if (view.details) open(); else dialog.close(); };
  onView(follow);
  follow();
}
