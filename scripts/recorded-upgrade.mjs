// Compares the preview of an upgrade with recordings of what two istiods sent for the same manifests.
//
//   node scripts/recorded-upgrade.mjs --from 1.30 --to 1.31 --cases <folder> --overlay <folder> [case...]
//   node scripts/recorded-upgrade.mjs --from 1.30 --to 1.31 --cases <folder> --versions 1.30.3,1.31.0-rc.0 [case...]
//
// A case is a folder with manifests/ and expected/*.json, one file for each proxy. The overlay holds <case>/expected/*.json of the other
// istiod, for proxies that differ, and CAUSES: a line with a cause and the number of its change, then a line for each case. With
// --versions the files are in expected/<version>, a folder for each of the two, and no causes are recorded. Without names, all cases.
// For each case: the resources that change, and the causes, must be the recorded ones.

import { execFileSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { basename, join, resolve } from 'node:path';
import { parseArgs } from 'node:util';

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    from: { type: 'string' },
    to: { type: 'string' },
    cases: { type: 'string' },
    overlay: { type: 'string' },
    versions: { type: 'string' },
    every: { type: 'string', default: '1' },
  },
});
const { from, to, cases, overlay, versions, every } = values;
if (!from || !to || !cases || !(overlay || versions)) {
  throw new Error('--from, --to, --cases and one of --overlay and --versions are needed');
}
/** The folders with what the two istiods sent for a case; of the second only what differs. */
const foldersOf = (name) => {
  const [first, second] = versions?.split(',') ?? [];
  const expected = join(cases, name, 'expected');
  return versions ? [join(expected, first), join(expected, second)] : [expected, join(overlay, name, 'expected')];
};

const types = ['clusters', 'endpoints', 'listeners', 'routes'];
/** Lists whose order means nothing. */
const unordered = new Set(['filterChains', 'lbEndpoints', 'headers', 'queryParameters', 'dynamicMetadata']);

function canonical(value, field = '') {
  if (Array.isArray(value)) {
    const items = value.map((item) => canonical(item));
    return unordered.has(field) ? items.sort((a, b) => (JSON.stringify(a) < JSON.stringify(b) ? -1 : 1)) : items;
  }
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.keys(value)
      .sort()
      .map((key) => [key, canonical(value[key], key)]),
  );
}

function resourcesOf(file) {
  const proxy = basename(file, '.json').replace('.', '/');
  const content = JSON.parse(readFileSync(file, 'utf8'));
  return types.flatMap((type) =>
    (content[type] ?? []).map((resource) => [
      `${proxy} ${type} ${resource.name ?? resource.clusterName}`,
      JSON.stringify(canonical(resource)),
    ]),
  );
}

function recorded(name) {
  const [before, folder] = foldersOf(name);
  const files = existsSync(folder) ? readdirSync(folder) : [];
  return new Set(
    files.flatMap((file) => {
      const other = new Map(resourcesOf(join(folder, file)));
      const base = new Map(resourcesOf(join(before, file)));
      return [...new Set([...base.keys(), ...other.keys()])].filter((key) => base.get(key) !== other.get(key));
    }),
  );
}

/** The causes of a case, by the number of the change or `proxy-version`. */
function recordedCauses() {
  const table = new Map();
  if (!overlay) return table;
  let cause;
  for (const line of readFileSync(join(overlay, 'CAUSES'), 'utf8').split('\n')) {
    if (line.startsWith('  ')) {
      const name = line.trim();
      table.set(name, new Set([...(table.get(name) ?? []), cause]));
    } else cause = /ISTIO_VERSION/.test(line) ? 'proxy-version' : (/\(#(\d+)\)/.exec(line)?.[1] ?? line);
  }
  return table;
}

function preview(name) {
  const folder = join(cases, name);
  const optional = [
    ['mesh.yaml', '--mesh-config'],
    ['mesh-networks.yaml', '--mesh-networks'],
  ].flatMap(([file, flag]) => (existsSync(join(folder, file)) ? [flag, join(folder, file)] : []));
  const flags = ['--istio-version', from, '--to-istio-version', to, '--no-requests', '-o', 'json', ...optional];
  const run = () => {
    try {
      return execFileSync(process.execPath, [resolve('bin/mesh.js'), 'diff', join(folder, 'manifests'), ...flags], {
        maxBuffer: 1 << 30,
        stdio: ['ignore', 'pipe', 'pipe'],
        encoding: 'utf8',
      });
    } catch (error) {
      if (error.status === 1 && error.stdout !== '') return error.stdout;
      throw new Error(`${name}: ${error.stderr}`);
    }
  };
  return JSON.parse(run());
}

const suite = basename(resolve(cases));
const byCase = recordedCauses();
const names = positionals.length > 0 ? positionals : readdirSync(cases).filter((_, index) => index % Number(every) === 0);
let wrong = 0;
const counts = new Map();
for (const name of names.filter((each) => foldersOf(each).every((folder) => overlay || existsSync(folder)))) {
  const report = preview(name);
  const expected = recorded(name);
  // Not every proxy of a case is recorded.
  const isRecorded = (proxy) => existsSync(join(foldersOf(name)[0], `${proxy.replace('/', '.')}.json`));
  const found = new Set(
    report.effects.flatMap(({ groups }) =>
      groups.flatMap(({ proxies, changes }) =>
        proxies
          .filter(isRecorded)
          .flatMap((proxy) =>
            changes.filter(({ type }) => types.includes(type)).map(({ type, resource }) => `${proxy} ${type} ${resource}`),
          ),
      ),
    ),
  );
  const missing = [...expected].filter((key) => !found.has(key));
  const extra = [...found].filter((key) => !expected.has(key));
  const idOf = (cause) => (cause.kind === 'behaviour' ? String(cause.change ?? cause.name) : cause.kind);
  const causes = [
    ...new Set(
      report.effects
        .filter(({ proxies }) => proxies.some(isRecorded))
        .flatMap((effect) => (effect.causes.length === 0 ? ['none'] : effect.causes.map(idOf))),
    ),
  ];
  for (const cause of causes) counts.set(cause, (counts.get(cause) ?? 0) + 1);
  const known = [...(byCase.get(`${suite}/${name}`) ?? [])];
  // What the release reads of resources is recorded as the change that brought the kind or the field.
  const isRead = causes.includes('api');
  // A cause that is recorded without a number may be any.
  const isAnyKnown = !overlay || known.some((cause) => cause !== 'proxy-version' && !/^\d+$/.test(cause));
  const unknown = !isAnyKnown ? causes.filter((cause) => !known.includes(cause) && cause !== '60690' && cause !== 'api') : [];
  const untold = known.filter((cause) => !causes.includes(cause) && !isRead && !isAnyKnown);
  if (missing.length + extra.length + unknown.length + untold.length === 0) continue;
  wrong++;
  console.log(`${name}: ${missing.length} not told, ${extra.length} too many; causes beside: ${unknown} untold: ${untold}`);
  for (const key of missing.slice(0, 3)) console.log(`  - ${key}`);
  for (const key of extra.slice(0, 3)) console.log(`  + ${key}`);
}
console.log(
  `${wrong} cases of ${names.length} differ; causes: ${[...counts].map(([cause, count]) => `${cause} ${count}`).join(', ')}`,
);
process.exitCode = wrong === 0 ? 0 : 1;
