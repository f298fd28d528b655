import { showCall } from './conversation.js';
import { element, seconds } from './elements.js';
import { plotDurations } from './plot.js';

const KEPT = 50;
/** Newest last, by id: a call may be sent again, when the connection was lost. */
const calls = new Map();
let chosen;

const find = id => document.getElementById(id);

function addCall(call) {
  calls.delete(call.id);
  calls.set(call.id, call);
  if (calls.size > KEPT) calls.delete(calls.keys().next().value);
  render();
}

function render() {
  const newestFirst = [...calls.values()].reverse();
  find('count').textContent = String(calls.size);
  find('calls').replaceChildren(...newestFirst.map(listed));
  plotDurations(find('durations'), [...calls.values()]);
}

function listed(call) {
  const time = new Date(call.endedAt);
  const button = element('button', { type: 'button', 'aria-pressed': String(call.id === chosen) }, [
    element('span', { class: 'faint' }, Number.isNaN(+time) ? '–' : time.toLocaleTimeString()),
    element('span', { dir: 'auto' }, call.agent),
    element('span', {}, seconds(call.duration)),
  ]);
  button.addEventListener('click', () => {
    chosen = call.id;
    showCall(call);
    render();
  });
  return element('li', {}, [button]);
}

function connect() {
  const stream = new EventSource('calls');
  const say = text => (find('connection').textContent = text);
  stream.addEventListener('open', () => say('Connected'));
  stream.addEventListener('error', () => say('Connection lost, trying again…'));
  stream.addEventListener('message', ({ data }) => addCall(JSON.parse(data)));
}

connect();
