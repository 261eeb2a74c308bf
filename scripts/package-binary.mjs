// npm run package:binary [-- folder]: one executable file that holds mesh and the Node that runs this script (a single executable
// application), for machines without Node. Written to release/ unless a folder is named; its path is printed.
import { execFileSync } from 'node:child_process';
import { copyFileSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import process from 'node:process';
import postject from 'postject';
import { rolldown } from 'rolldown';
import { bundledRequires } from './lib/bundled-requires.mjs';
import { rawText } from './lib/raw-text.mjs';

const root = new URL('..', import.meta.url).pathname;
const folder = resolve(process.argv[2] ?? join(root, 'release'));
const { version } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
const { arch, platform } = process;
const binary = join(folder, `mesh-${version}-${platform}-${arch}${platform === 'win32' ? '.exe' : ''}`);

/** Where Node looks for the application within itself (doc/api/single-executable-applications.md). */
const FUSE = 'NODE_SEA_FUSE_fce680ab2cc467b6e072b8b5df1996b2';

const work = mkdtempSync(join(tmpdir(), 'mesh-binary-'));
try {
  const script = join(work, 'mesh.cjs');
  await bundle(script);
  const blob = join(work, 'mesh.blob');
  const config = join(work, 'sea.json');
  writeFileSync(config, JSON.stringify({ main: script, output: blob, disableExperimentalSEAWarning: true }));
  execFileSync(process.execPath, ['--experimental-sea-config', config], { stdio: ['ignore', 'ignore', 'inherit'] });
  mkdirSync(folder, { recursive: true });
  // Beside its place until it is whole.
  const unfinished = join(work, 'mesh');
  copyFileSync(process.execPath, unfinished);
  if (platform === 'darwin') execFileSync('codesign', ['--remove-signature', unfinished]);
  await postject.inject(unfinished, 'NODE_SEA_BLOB', readFileSync(blob), {
    sentinelFuse: FUSE,
    ...(platform === 'darwin' && { machoSegmentName: 'NODE_SEA' }),
  });
  if (platform === 'darwin') execFileSync('codesign', ['--sign', '-', unfinished]);
  copyFileSync(unfinished, binary);
  console.log(binary);
} finally {
  rmSync(work, { recursive: true });
}

/** Puts the program and all packages that it needs into one file, in the only form that such an application may have (CommonJS). */
async function bundle(file) {
  const ENTRY = 'mesh-binary-entry';
  const entry = {
    name: 'entry',
    resolveId: { filter: { id: /^mesh-binary-entry$/ }, handler: () => ENTRY },
    load: {
      filter: { id: /^mesh-binary-entry$/ },
      handler: () => `import { main } from ${JSON.stringify(join(root, 'src/cli/main.ts'))};\nmain();\n`,
    },
  };
  const built = await rolldown({
    cwd: root,
    input: ENTRY,
    platform: 'node',
    plugins: [entry, bundledRequires, rawText],
    transform: { target: 'node20' },
  });
  await built.write({
    file,
    format: 'cjs',
    codeSplitting: false,
    minify: { compress: false, mangle: false, codegen: { removeWhitespace: true } },
  });
}
