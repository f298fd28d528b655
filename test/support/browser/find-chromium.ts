import { findPrograms, installPackage, works } from '../servers/launcher.js';

/** A browser of the machine, or that of the distribution's package. */
export function findChromium(): string | undefined {
  const found = onMachine();
  if (found) return found;
  installPackage('chromium');
  return onMachine();
}

function onMachine(): string | undefined {
  for (const name of ['chromium', 'google-chrome', 'chromium-browser']) {
    const programs = findPrograms([name], ['/usr/bin']);
    if (works(programs)) return programs?.[name];
  }
  return undefined;
}
