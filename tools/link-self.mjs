// Lets the samples import this package by its name, as their readers will: node_modules/<name> -> this folder.
import { existsSync, symlinkSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));
const link = fileURLToPath(new URL('../node_modules/nestjs-revrag-webhook', import.meta.url));
if (!existsSync(link)) symlinkSync(root, link, 'junction');
