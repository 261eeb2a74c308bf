// Writes the parts of docs/ that say what the program defines: codes of findings and analyzers. Its parts are in docs/, written in
// TypeScript, and are bundled with the definitions before they run. Run: npm run generate.
import { join, resolve } from 'node:path';
import { build } from 'esbuild';

const root = resolve(import.meta.dirname, '..');
const outfile = join(root, 'node_modules/.cache/mesh/docs.mjs');
await build({
  entryPoints: [join(root, 'scripts/docs/main.ts')],
  outfile,
  bundle: true,
  format: 'esm',
  platform: 'node',
  target: 'node20',
  packages: 'external',
  logLevel: 'warning',
});
const { writeDocs } = await import(outfile);
writeDocs(root);
