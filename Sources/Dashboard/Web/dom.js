// The whole "framework": elements, icons, floating boxes, arrow keys. Text only ever goes in as text nodes.
export const $ = (selector, root = document) => root.querySelector(selector);
export const $$ = (selector, root = document) => [...root.querySelectorAll(selector)];

function fill(el, props, kids) {
  for (const [key, value] of Object.entries(props ?? {})) {
    if (value == null || value === false) continue;
    if (key.startsWith('on')) el.addEventListener(key.slice(2), value);
    else if (key.startsWith('--')) el.style.setProperty(key, value);     // CSSOM: allowed by style-src 'self'
    else el.setAttribute(key, value === true ? '' : value);
  }
  el.append(...kids.flat(2).filter(kid => kid != null && kid !== false));
  return el;
}
export const h = (tag, props, ...kids) => fill(document.createElement(tag), props, kids);
export const svg = (tag, props, ...kids) => fill(document.createElementNS('http://www.w3.org/2000/svg', tag), props, kids);

/** New content in an old place; whoever had the focus keeps it. */
export function swap(host, ...kids) {
  const key = host.contains(document.activeElement) && document.activeElement.dataset.key;
  host.replaceChildren();
  fill(host, {}, kids);
  if (key) $(`[data-key="${CSS.escape(key)}"]`, host)?.focus({ preventScroll: true });
}

const ICONS = {
  down: 'M4 6l4 4 4-4', left: 'M10 4L6 8l4 4', right: 'M6 4l4 4-4 4', close: 'M4 4l8 8m0-8l-8 8', check: 'M3 8.5l3 3 7-7.5',
  filter: 'M2 4h12M4.5 8h7M7 12h2', dots: 'M3 8h.01M8 8h.01M13 8h.01', out: 'M6 3H3v10h10v-3M9 3h4v4M13 3L7 9',
  search: 'M7 12A5 5 0 107 2a5 5 0 000 10zM11 11l3 3', table: 'M2 3.5h12v9H2zM2 7h12M7 7v5.5', chart: 'M2 12l4-5 3 3 5-7',
  copy: 'M6 6h7v7H6zM10 6V3H3v7h3', expand: 'M9 3h4v4M13 3L9 7M7 13H3V9M3 13l4-4', warn: 'M8 2.5l6 11H2zM8 7v3M8 12h.01',
};
export const icon = name => svg('svg', { class: 'icon', viewBox: '0 0 16 16', 'aria-hidden': 'true' }, svg('path', { d: ICONS[name] }));
export const logo = () => svg('svg', { class: 'logo', viewBox: '0 0 32 32', 'aria-hidden': 'true' },
  svg('path', { class: 'cone', d: 'M16 2.2 29.8 26.8a13.8 3.6 0 0 1-27.6 0Z' }),
  svg('circle', { class: 'ball', cx: 16, cy: 19.6, r: 7.7 }), svg('path', { class: 'glint', d: 'M10.8 17a6 6 0 0 1 4.6-3.3' }));

/** Arrow keys, Home and End move among the items of a tab list or a toolbar; one of them is in the tab order. */
export function roving(list, items) {
  list.addEventListener('keydown', event => {
    const all = $$(items, list), at = all.indexOf(document.activeElement);
    if (event.key === ' ' && at >= 0) { event.preventDefault(); all[at].click(); }
    const to = { ArrowRight: at + 1, ArrowLeft: at - 1, Home: 0, End: all.length - 1 }[event.key];
    if (at < 0 || to == null) return;
    event.preventDefault(); event.stopPropagation();
    all[(to + all.length) % all.length].focus();
  });
  return list;
}

/** Popovers open under the button that names them, and stay inside the window. */
export function placePopovers() {
  document.addEventListener('toggle', ({ target, newState }) => {
    const button = target.id && $(`[popovertarget="${target.id}"]`);
    if (button) button.setAttribute('aria-expanded', newState === 'open');
    if (newState !== 'open' || !button) return;
    const at = button.getBoundingClientRect(), wide = target.offsetWidth, edge = document.documentElement.clientWidth - 8;
    const left = at.left + wide <= edge ? at.left : Math.max(8, Math.min(at.right, edge) - wide);
    target.style.left = `${left}px`;
    target.style.top = `${at.bottom + 6}px`;
    $('[autofocus]', target)?.focus();
  }, true);
}

/** One tooltip for the page; it follows the pointer and never leaves the window. */
const box = h('div', { class: 'tip', role: 'status', hidden: true });
export const tip = {
  show(x, y, ...content) {
    if (!box.isConnected) document.body.append(box);
    box.replaceChildren(...content);
    box.hidden = false;
    const { offsetWidth: wide, offsetHeight: high } = box;
    box.style.left = `${x + 14 + wide > innerWidth - 8 ? Math.max(8, x - 14 - wide) : x + 14}px`;
    box.style.top = `${Math.max(8, Math.min(y - high / 2, innerHeight - high - 8))}px`;
  },
  hide() { box.hidden = true; },
};

/** The part of the options menu that every page has. */
export const themeMenu = () => ['auto', 'light', 'dark'].map(theme => h('button', { onclick: event => {
  dispatchEvent(new CustomEvent('theme', { detail: theme }));
  event.target.closest('[popover]').hidePopover();
} }, `${theme[0].toUpperCase()}${theme.slice(1)} theme`));
/** A pulsing ball and a number. */
export const live = (n, words, id) => [h('i', { class: 'live' }), h('span', {}, h('b', { id }, n), words)];

/** Copies the text of `source`. Plain HTTP has no clipboard: there the text is selected, ready for the keyboard. */
export function copyButton(source) {
  const button = h('button', { type: 'button', class: 'copy', onclick: async () => {
    try { await navigator.clipboard.writeText(source.textContent); label('check', 'Copied'); }
    catch { getSelection().selectAllChildren(source); label('check', 'Selected'); }
    setTimeout(label, 2000, 'copy', 'Copy');
  } });
  const label = (name, text) => swap(button, icon(name), h('span', { 'aria-live': 'polite' }, text));
  label('copy', 'Copy');
  return button;
}
