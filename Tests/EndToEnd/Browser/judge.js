// Run inside a page: what a reader with weak eyes, a keyboard or a screen reader would stumble over. Returns a list of sentences.
(() => {
  const wrong = [], all = selector => [...document.querySelectorAll(selector)];
  const seen = el => el.checkVisibility({ opacityProperty: true, visibilityProperty: true }) && el.getClientRects().length > 0;
  const what = el => `${el.tagName.toLowerCase()}${el.id ? `#${el.id}` : ''}${el.classList.length ? `.${[...el.classList].join('.')}` : ''} “${(el.textContent ?? '').trim().slice(0, 30)}”`;
  const note = (rule, el) => wrong.push(el ? `${rule}: ${what(el)}` : rule);
  const modal = document.querySelector('dialog[open]');

  // Structure
  if (!document.documentElement.lang) note('no language');
  if (!document.title.trim()) note('no title');
  if (all('h1').filter(seen).length !== 1) note(`${all('h1').filter(seen).length} h1`);
  if (all('main').length !== 1) note(`${all('main').length} main`);
  const ids = all('[id]').map(el => el.id), twice = ids.find((id, i) => ids.indexOf(id) !== i);
  if (twice) note(`id “${twice}” twice`);
  for (const attribute of ['aria-labelledby', 'aria-controls', 'popovertarget', 'for', 'list'])
    for (const el of all(`[${attribute}]`)) if (!document.getElementById(el.getAttribute(attribute))) note(`${attribute} names nothing`, el);
  for (const el of all('[tabindex]')) if (el.tabIndex > 0) note('tabindex above 0', el);
  for (const list of all('[role=tablist]').filter(seen)) {
    if (list.querySelectorAll('[role=tab][aria-selected=true]').length !== 1) note('not one tab chosen', list);
    if (list.querySelectorAll('[role=tab][tabindex="0"], [role=tab]:not([tabindex])').length !== 1) note('not one tab in the tab order', list);
  }
  for (const table of all('main table, dialog table').filter(seen)) if (!table.caption && !table.closest('.tool')) note('table without caption', table);
  for (const el of all('ul > :not(li), ol > :not(li), dl > :not(dt, dd, div)')) note('wrong child of a list', el);

  // Names
  const named = el => (el.getAttribute('aria-label') || el.textContent || el.title || '').trim() || el.getAttribute('aria-labelledby')
    || el.labels?.length || el.querySelector('img[alt]:not([alt=""])');
  for (const el of all('a[href], button, input:not([type=hidden]), select, textarea, [role=tab]').filter(seen)) if (!named(el)) note('no name', el);
  for (const el of all('[role=img], dialog[open], nav').filter(seen)) if (!el.getAttribute('aria-label') && !el.getAttribute('aria-labelledby')) note('no label', el);
  for (const el of all('img:not([alt])')) note('no alt', el);
  for (const el of all('a[target=_blank]'))
    if (el.host !== location.host && !['noopener', 'noreferrer', 'nofollow'].every(word => el.relList.contains(word))) note('outside link tells where it came from', el);
  for (const el of all('a[href]')) if (!['http:', 'https:', 'blob:'].includes(el.protocol)) note('not a web address', el);
  for (const el of all('*').filter(el => seen(el) && /auto|scroll/.test(getComputedStyle(el).overflowY) && el.scrollHeight > el.clientHeight + 1))
    if (el.tabIndex < 0 && !el.querySelector('a[href], button, input') && el !== document.scrollingElement) note('scrolls by mouse only', el);

  // Contrast: the text's colour over everything painted below its first letter.
  const pen = document.createElement('canvas').getContext('2d', { willReadFrequently: true });
  const rgba = colour => { pen.clearRect(0, 0, 1, 1); pen.fillStyle = '#0000'; pen.fillStyle = colour; pen.fillRect(0, 0, 1, 1); const [r, g, b, a] = pen.getImageData(0, 0, 1, 1).data; return [r, g, b, a / 255]; };
  const over = (top, below) => { const a = top[3]; return [0, 1, 2].map(i => top[i] * a + below[i] * (1 - a)).concat(1); };
  const light = ([r, g, b]) => [r, g, b].map(c => (c /= 255) <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4).reduce((sum, c, i) => sum + c * [0.2126, 0.7152, 0.0722][i], 0);
  const opacity = el => { let all = 1; for (; el; el = el.parentElement) all *= getComputedStyle(el).opacity; return all; };
  const walker = document.createTreeWalker(modal ?? document.body, NodeFilter.SHOW_TEXT), range = document.createRange();
  let judged = 0;
  while (walker.nextNode()) {
    const node = walker.currentNode, el = node.parentElement;
    if (!node.data.trim() || !seen(el) || el.closest('.sr, script, style, option, noscript') || el.closest(':disabled')) continue;
    range.selectNodeContents(node);
    const box = [...range.getClientRects()].find(r => r.width > 1 && r.height > 1), style = getComputedStyle(el), alpha = opacity(el);
    if (!box || alpha < 0.05 || style.fontSize === '0px') continue;
    const x = box.left + Math.min(3, box.width / 2), y = box.top + box.height / 2;
    if (x < 0 || y < 0 || x >= innerWidth || y >= innerHeight) continue;
    const stack = document.elementsFromPoint(x, y);
    if (!stack.some(one => one === el || el.contains(one) || one.contains(el))) continue;     // covered by something else, or scrolled away
    const at = stack.findIndex(one => one === el || one.contains(el));
    let ground = rgba(getComputedStyle(document.documentElement).backgroundColor);
    if (ground[3] < 1) ground = [255, 255, 255, 1];
    for (const one of stack.slice(Math.max(0, at)).reverse()) {
      const s = getComputedStyle(one), gradient = /gradient\((?:[^(,]*deg, )?((?:[a-z-]+\([^()]*\))|#\w+|[a-z]+)/.exec(s.backgroundImage)?.[1];
      ground = over(rgba(s.backgroundColor), ground);
      if (gradient) ground = over(rgba(gradient), ground);
    }
    const inSVG = el instanceof SVGElement, ink = rgba(inSVG ? style.fill : style.color);
    if (inSVG && document.elementsFromPoint(x, y).some(one => one.tagName === 'rect')) continue;
    ink[3] *= alpha;
    const [a, b] = [light(over(ink, ground)), light(ground)], ratio = (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05);
    const size = parseFloat(style.fontSize), large = size >= 24 || size >= 18.66 && style.fontWeight >= 700;
    const arrow = /^[▲▼]$/.test(node.data.trim());                    // a picture of a fact the row also says in words
    judged += 1;
    if (ratio < (large || arrow ? 3 : 4.5)) note(`contrast ${ratio.toFixed(2)}`, el);
  }
  if (judged < 3) note(`only ${judged} texts judged`);
  return [...new Set(wrong)];
})()
