import { makeChart } from './chart.js';
import { makeDetail } from './detail.js';
import { element } from './elements.js';
import { makeList } from './list.js';
import { length, lengthOf } from './words.js';

const KEPT = 50;
/** Oldest first, by id. */
const calls = new Map();
const find = id => document.getElementById(id);

const showList = makeList(find('calls'), choose);
const showChart = makeChart(find('durations'), find('scale'), choose);
const showDetail = makeDetail(find('detail'));
const agent = find('agent');
let chosen;

function choose(id, by) {
  chosen = id;
  showDetail(calls.get(id), by);
  render();
}

function addCall(call) {
  // After a lost connection, all that is known is sent again.
  if (JSON.stringify(calls.get(call.id)) === JSON.stringify(call)) return;
  calls.set(call.id, call);
  if (calls.size > KEPT) calls.delete(calls.keys().next().value);
  const isKnown = [...agent.options].some(({ value }) => value === call.agent);
  if (!isKnown) agent.append(element('option', { value: call.agent }, call.agent));
  if (call.id === chosen) showDetail(call);
  render();
}

function render() {
  const shown = [...calls.values()].filter(call => !agent.value || call.agent === agent.value);
  const total = shown.reduce((sum, call) => sum + lengthOf(call), 0);
  find('count').textContent = String(shown.length);
  find('totals').textContent = shown.length > 0 ? `${length(total)} in all` : '';
  find('none').hidden = shown.length > 0;
  showList(shown, chosen);
  showChart(shown, chosen);
}

function connect() {
  const stream = new EventSource('calls');
  const say = text => (find('connection').textContent = text);
  stream.addEventListener('open', () => say('Connected'));
  stream.addEventListener('error', () => say('Connection lost, trying again…'));
  stream.addEventListener('message', ({ data }) => addCall(JSON.parse(data)));
}

agent.addEventListener('change', render);
render();
connect();
