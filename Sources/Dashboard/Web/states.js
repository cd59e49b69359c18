// What a box shows when it has nothing to show.
import { h, icon } from './dom.js';

export const dots = () => h('div', { class: 'wait', role: 'img', 'aria-label': 'Loading' }, h('i'), h('i'), h('i'));
export const message = (...content) => h('div', { class: 'message' }, content);
export const failure = (error, retry) => h('div', { class: 'message', role: 'alert' }, icon('warn'), error.message,
  h('button', { type: 'button', onclick: retry }, 'Try again'));
