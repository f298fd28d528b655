import { findPrograms, installPackage, works } from '../servers/launcher.js';

/** The path of a browser: one of the machine, or that of the distribution's package. */
export async function findChromium(why: string): Promise<string | undefined> {
  const found = onMachine();
  if (found) return found;
  await installPackage('chromium', why);
  return onMachine();
}

function onMachine(): string | undefined {
  for (const name of ['chromium', 'google-chrome', 'chromium-browser']) {
    const programs = findPrograms([name], ['/usr/bin']);
    if (works(programs)) return programs?.[name];
  }
  return undefined;
}
