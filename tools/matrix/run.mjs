// Commands with an end to them.
import { spawn } from 'node:child_process';
import { setTimeout as delay } from 'node:timers/promises';

const POLL_MS = 50;

/** Runs a command; resolves to what it printed, rejects with that when it fails or takes too long. */
export function run(command, args, { cwd, env, seconds }) {
  const child = spawn(command, args, {
    cwd,
    env: { ...process.env, ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  return new Promise((resolve, reject) => {
    let output = '';
    child.stdout.on('data', chunk => (output += chunk));
    child.stderr.on('data', chunk => (output += chunk));
    const timer = setTimeout(() => child.kill('SIGKILL'), seconds * 1000);
    child.on('error', reject);
    child.on('close', code => {
      clearTimeout(timer);
      if (code === 0) resolve(output);
      else reject(new Error(`${command} ${args[0]} ended with ${code}:\n${output}`));
    });
  });
}

const URL_LINE = /^URL=(.*)$/m;

/** Starts an app; resolves when it has printed what `ready` matches, which captures its URL. */
export function start(command, args, { cwd, env, seconds, ready = URL_LINE }) {
  const child = spawn(command, args, {
    cwd,
    env: { ...process.env, ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const app = {
    output: '',
    url: '',
    says: pattern => says(app, pattern, seconds),
    stop: () => stop(child, seconds),
  };
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => child.kill('SIGKILL'), seconds * 1000);
    child.stdout.on('data', chunk => {
      app.output += chunk;
      const match = ready.exec(app.output);
      if (!match) return;
      app.url = match[1];
      clearTimeout(timer);
      resolve(app);
    });
    child.stderr.on('data', chunk => (app.output += chunk));
    child.on('error', reject);
    child.on('close', code => {
      clearTimeout(timer);
      reject(new Error(`The app did not start (${code}):\n${app.output}`));
    });
  });
}

/** What an app prints may arrive here after its answer over HTTP. */
async function says(app, pattern, seconds) {
  const until = Date.now() + seconds * 1000;
  while (!pattern.test(app.output)) {
    if (Date.now() > until) throw new Error(`The app never printed ${pattern}:\n${app.output}`);
    await delay(POLL_MS);
  }
}

function stop(child, seconds) {
  if (child.exitCode !== null || child.signalCode !== null) return Promise.resolve();
  return new Promise(resolve => {
    const timer = setTimeout(() => child.kill('SIGKILL'), seconds * 1000);
    child.on('close', () => {
      clearTimeout(timer);
      resolve();
    });
    child.kill('SIGTERM');
  });
}
