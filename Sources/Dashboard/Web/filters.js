// Filters: one pill each, always visible; click edits, x removes. Several values mean "or", several filters "and".
import { joinFilter, query, splitFilter } from './api.js';
import { h, icon, swap } from './dom.js';
import { valueName } from './format.js';
import { DIMS, go, href, OPS, view } from './view.js';

export function drawPills(host, edit) {
  const pill = ([op, dim, ...values], i) => h('span', { class: `pill ${op.endsWith('not') ? 'not' : ''}` },
    h('button', { 'data-key': `pill${i}`, onclick: () => edit(i) },
      `${DIMS[dim]} ${OPS[op]} `, values.map((v, n) => [n > 0 && ' or ', h('b', {}, valueName(dim, v))])),
    h('a', { href: href({ f: view.f.filter((_, at) => at !== i) }), 'data-key': `out${i}`, 'aria-label': 'Remove this filter' }, icon('close')));
  host.hidden = !view.f.length && !view.notices.length;
  swap(host, view.f.map(pill), view.f.length > 0 && h('a', { class: 'quiet', href: href({ f: [] }) }, 'Clear all ', h('kbd', {}, 'Esc')),
    view.notices.length > 0 && h('span', { class: 'notice flex' }, icon('warn'), `Not in the address: ${view.notices.join('; ')}. Showing the usual instead.`));
}

/** Several values are separated by commas, so a comma inside one is escaped. */
const parse = text => splitFilter(text.replaceAll(/\s*,\s*/g, ',').trim()).filter(Boolean);

/** The form behind the Filter button and behind a pill. */
export function filterEditor(at) {
  const [op, dim, ...values] = view.f[at] ?? ['is', 'path'], known = h('datalist', { id: 'known' });
  const choice = (name, label, options, chosen) => h('select', { name, 'aria-label': label },
    Object.entries(options).map(([value, text]) => h('option', { value, selected: value === chosen }, text)));
  const suggest = async () => {
    const by = form.dim.value, { from, to, audience } = view;
    const { rows } = await query({ from, to, audience, by, metrics: ['requests'], limit: 50 }).catch(() => ({ rows: [] }));
    known.replaceChildren(...rows.filter(row => row[by] && row[by] !== '~other')
      .map(row => h('option', { value: joinFilter([String(row[by])]) }, valueName(by, row[by]))));
  };
  const submit = event => {
    event.preventDefault();
    const one = [form.op.value, form.dim.value, ...parse(form.values.value)];
    if (one.length < 3) return form.values.focus();
    form.closest('[popover]').hidePopover();
    go({ f: at < 0 ? [...view.f, one] : view.f.map((old, i) => i === at ? one : old) });
  };
  const form = h('form', { class: 'editor', onsubmit: submit, onchange: event => event.target.name === 'dim' && suggest() },
    choice('dim', 'Dimension', DIMS, dim), choice('op', 'Operator', OPS, op),
    h('input', { name: 'values', value: values.map(value => joinFilter([value])).join(', '), list: 'known', autofocus: true, autocomplete: 'off',
      spellcheck: 'false', placeholder: 'Value, or several with commas', 'aria-label': 'Values' }), known,
    h('button', { class: 'primary' }, at < 0 ? 'Add filter' : 'Save filter'));
  suggest();
  return form;
}
