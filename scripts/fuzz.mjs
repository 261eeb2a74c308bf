// npm run fuzz: tries mesh with inputs that nobody would write, and tells what goes wrong (docs/fuzzing.md). Its parts are in fuzz/,
// written in TypeScript, and are bundled with the program itself before they run.
import { join, resolve } from 'node:path';
import process from 'node:process';
import { build } from 'esbuild';
import { rawText } from './lib/raw-text.mjs';

const root = resolve(import.meta.dirname, '..');
const outdir = join(root, '.fuzz/program');
await build({
  entryPoints: { main: join(root, 'scripts/fuzz/main.ts'), worker: join(root, 'scripts/fuzz/worker.ts') },
  outdir,
  outExtension: { '.js': '.mjs' },
  bundle: true,
  plugins: [rawText],
  splitting: true,
  format: 'esm',
  platform: 'node',
  target: 'node20',
  packages: 'external',
  sourcemap: 'linked',
  logLevel: 'warning',
});
const { fuzz } = await import(join(outdir, 'main.mjs'));
process.exitCode = await fuzz(process.argv.slice(2), root, join(outdir, 'worker.mjs'));
