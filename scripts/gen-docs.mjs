// Writes the parts of docs/ that say what the program defines: codes of findings and analyzers. Its parts are in docs/, written in
// TypeScript, and are bundled with the definitions before they run. Run: npm run generate.
import { join, resolve } from 'node:path';
import { build } from 'rolldown';
import { rawText } from './lib/raw-text.mjs';

const root = resolve(import.meta.dirname, '..');
const file = join(root, 'node_modules/.cache/mesh/docs.mjs');
await build({
  input: join(root, 'scripts/docs/main.ts'),
  platform: 'node',
  plugins: [rawText],
  // The helpers of the bundler are in the bundle, packages are not.
  external: /^(?!@oxc-project\/)[^./]/,
  transform: { target: 'node20' },
  output: { file, format: 'esm', codeSplitting: false },
  logLevel: 'warn',
});
const { writeDocs } = await import(file);
writeDocs(root);
