// The small pages, /sql, /nginx and "not found": the server writes them, this only makes them handier.
import { $, $$, copyButton, logo } from './dom.js';

const mark = $('.mark');
if (mark) { mark.setAttribute('aria-label', 'All services'); mark.replaceChildren(logo()); }
// Numbers stand under each other.
for (const cell of $$('.plain td')) if (/^-?\d[\d.]*(e[-+]?\d+)?$/.test(cell.textContent)) {
  cell.className = 'num';
  const head = cell.closest('table').tHead?.rows[0].cells[cell.cellIndex];
  if (head) head.className = 'num';
}
for (const pre of $$('.snippet > pre')) pre.after(copyButton(pre));
// Control and Enter send the question, as in every other console.
$('textarea')?.addEventListener('keydown', event => {
  if (event.key === 'Enter' && (event.ctrlKey || event.metaKey)) event.target.form.requestSubmit();
});
// An example is put where the question goes, not sent at once.
for (const example of $$('[data-sql]')) example.addEventListener('click', () => { $('textarea').value = example.dataset.sql; $('textarea').focus(); });
// Fields that make the lines send themselves once they are left.
for (const input of $$('form[data-auto] input')) input.addEventListener('change', () => input.reportValidity() && input.form.requestSubmit());
