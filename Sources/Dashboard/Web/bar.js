// The top bar: which service, who is there now, who is counted, filters, dates, options; and the keyboard.
import { DAY, local, SERVICE, services } from './api.js';
import { $, h, icon, live, logo, swap, themeMenu } from './dom.js';
import { count } from './format.js';
import { go, href, PERIODS, shift, view } from './view.js';
import { filterEditor } from './filters.js';
import { loadAll } from './panel.js';

export const capital = word => word[0].toUpperCase() + word.slice(1);
/** A link that changes the view; the chosen one says so. */
export const choice = (patch, name, chosen, ...more) =>
  h('a', { href: href(patch), 'data-key': name, 'aria-current': chosen && 'true' }, h('span', {}, name), more);
const popover = (id, ...content) => h('div', { id, popover: 'auto', class: 'pop' }, content);
const menu = (kind, ...content) => h('div', { class: `menu ${kind}` }, content);
const opens = (id, props, ...content) => h('button', { popovertarget: id, 'data-key': id, ...props }, content);
const small = (name, label, onclick, more) => h('button', { class: 'icon-only', 'aria-label': label, 'data-key': label, onclick, ...more }, icon(name));

const COMPARE = [['previous', 'Period before'], ['year', 'Year before'], ['none', 'Nothing']];
function dateForm() {
  const day = t => new Date(t * 1000).toISOString().slice(0, 10);
  const field = (name, value) => h('label', {}, h('small', {}, capital(name)), h('input', { type: 'date', name, required: true, max: day(view.now), value }));
  return h('form', { class: 'editor', onsubmit: event => {
    event.preventDefault();
    const [from, to] = ['from', 'to'].map(name => Date.parse(event.target[name].value) / 1000).sort((a, b) => a - b);
    if (!Number.isFinite(from + to)) return;
    $('#dates').hidePopover();
    go({ period: 'custom', step: null, from, to: to + DAY });
  } }, field('from', day(view.from)), field('to', day(view.to - 1)), h('button', { class: 'primary' }, 'Show these days'),
    h('small', {}, 'Days are days of UTC.'));
}

/** Every service with today's visitors; another one keeps period, metric and audience, but neither filters nor step. */
let sites = [];
const address = name => local(`/services/${encodeURIComponent(name)}`) + href({ f: [], step: view.usualStep }).replace(/\?$/, '');
export async function drawSites() {
  sites = (await services(1)).sort((a, b) => b.visitors_today - a.visitors_today || (a.service < b.service ? -1 : 1));
  swap($('#sites .menu'),
    sites.map((s, i) => h('a', { href: address(s.service), 'data-key': s.service, 'aria-current': s.service === SERVICE && 'true' },
      h('span', {}, s.service), h('small', {}, count(s.visitors_today)), i < 9 && h('kbd', {}, i + 1))),
    h('hr'), h('a', { href: local('/') }, 'All services'), h('a', { href: local('/nginx') }, 'Add a service …'));
}

let visiting = '';
export function drawBar() {
  swap($('#bar'),
    h('a', { class: 'mark', href: local('/'), 'aria-label': 'All services' }, logo()),
    h('h1', {}, opens('sites', { class: 'site' }, h('span', {}, SERVICE), icon('down'))), popover('sites', menu('scroll')),
    h('a', { class: 'now push', href: href({ period: 'live' }), 'data-key': 'now', 'aria-live': 'polite' }, live(visiting, h('span', { class: 'unit' }), 'now')),
    h('div', { class: 'seg audience', role: 'group', 'aria-label': 'Who is counted' },
      ['people', 'bots', 'all'].map(id => choice({ audience: id }, capital(id), view.audience === id))),
    opens('filter', { 'aria-label': 'Filter' }, icon('filter'), h('span', { class: 'word' }, 'Filter')), popover('filter'),
    h('div', { class: 'period' }, small('left', 'Earlier', () => shift(-1)), opens('dates', {}, h('span', {}, view.name), icon('down')),
      small('right', 'Later', () => shift(1), { disabled: view.running })),
    popover('dates',
      menu('two', PERIODS.map(([key, id, name]) => choice({ period: id, step: null }, name, view.period === id, h('kbd', {}, key)))), dateForm(),
      menu('row', h('small', {}, 'Compare with'), COMPARE.map(([id, name]) => choice({ cmp: id }, name, view.cmp === id)))),
    opens('options', { class: 'icon-only', 'aria-label': 'Options' }, icon('dots')),
    popover('options', menu('', themeMenu(), h('hr'), h('button', { onclick: () => loadAll().then(() => print()) }, 'Print or save as PDF'),
      h('button', { onclick: help }, h('span', {}, 'Keyboard'), h('kbd', {}, '?')))));
  $('#filter').addEventListener('beforetoggle', event => {
    if (event.newState !== 'open') return;
    swap($('#filter'), filterEditor(editing));
    editing = -1;
  });
  drawSites().catch(() => { /* the panels say it */ });
  sayNow(visiting);
}
let editing = -1;
export const editFilter = at => { editing = at; $('#filter').showPopover(); };

/** How many people are here; changes of it are read out, nothing else that ticks is. */
export function sayNow(n) {
  visiting = n;
  const text = n === '' ? '' : count(n), unit = n === '' ? '' : text === '1' ? ' visitor now' : ' visitors now';
  if ($('#now').textContent !== text) $('#now').textContent = text;
  if ($('.now .unit').textContent !== unit) $('.now .unit').textContent = unit;
  document.title = text ? `${text} now · ${SERVICE}` : `${SERVICE} · Ballcone`;
}

export function help() {
  const keys = [['1 … 9', 'Go to a service'], ...PERIODS.map(([key, , name]) => [key, name]), ['C', 'Choose dates'], ['← →', 'Earlier, later'],
    ['X', 'Comparison on, off'], ['I', 'Next step'], ['/', 'Filter'], ['Esc', 'Close, or clear filters'], ['?', 'This list']];
  const dialog = h('dialog', { class: 'help', 'aria-labelledby': 'help-title', onclose: () => dialog.remove() },
    h('header', { class: 'flex' }, h('h2', { id: 'help-title', class: 'push' }, 'Keyboard'), small('close', 'Close', () => dialog.close())),
    h('dl', {}, keys.map(([key, what]) => h('div', {}, h('dt', {}, h('kbd', {}, key)), h('dd', {}, what)))));
  document.body.append(dialog);
  dialog.showModal();
}
const nextStep = () => view.steps[(view.steps.indexOf(view.step) + 1) % view.steps.length];
export const KEYS = {
  ArrowLeft: () => shift(-1), ArrowRight: () => view.running || shift(1), '?': help, '/': () => editFilter(-1), c: () => $('#dates').showPopover(),
  x: () => go({ cmp: view.cmp === 'none' ? 'previous' : 'none' }), i: () => go({ step: nextStep() }),
  Escape: () => view.f.length && !$(':popover-open') && go({ f: [] }),
};
addEventListener('keydown', event => {
  if (event.metaKey || event.ctrlKey || event.altKey || event.target.closest('input, select, textarea, dialog, [popover]')) return;
  const period = PERIODS.find(p => p[0] === event.key.toUpperCase()), site = sites[event.key - 1];
  const act = period ? () => go({ period: period[1], step: null }) : site ? () => { location.href = address(site.service); } : KEYS[event.key];
  if (act) { event.preventDefault(); act(); }
});
