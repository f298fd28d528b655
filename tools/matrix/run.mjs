// Commands with an end to them.
import { spawn } from 'node:child_process';

/** Runs a command; resolves to what it printed, rejects with that when it fails or takes too long. */
export function run(command, args, { cwd, seconds }) {
  const child = spawn(command, args, { cwd, stdio: ['ignore', 'pipe', 'pipe'] });
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

/** Starts an app; resolves when it has printed its URL. */
export function start(node, file, { cwd, env, seconds }) {
  const child = spawn(node, [file], {
    cwd,
    env: { ...process.env, ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const app = { output: '', url: '', stop: () => stop(child, seconds) };
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => child.kill('SIGKILL'), seconds * 1000);
    child.stdout.on('data', chunk => {
      app.output += chunk;
      const url = /^URL=(.*)$/m.exec(app.output)?.[1];
      if (url === undefined || app.url) return;
      app.url = url;
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
