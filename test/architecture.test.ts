import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';
import { check } from 'recheck';
import { describe, expect, test } from 'vitest';
import { readSource } from './support/source-code.ts';

const src = resolve(import.meta.dirname, '../src');

/** Which folders a folder of src may import from, beside itself. `types` allows `import type` only. */
const layers: Record<string, { all: readonly string[]; types?: readonly string[] }> = {
  util: { all: [] },
  api: { all: [], types: ['util'] },
  releases: { all: ['util'], types: ['api'] },
  diagnostics: { all: ['util'] },
  envoy: { all: ['util'], types: ['diagnostics'] },
  source: { all: ['util', 'diagnostics'] },
  resource: { all: ['util', 'diagnostics', 'source', 'api', 'releases'] },
  model: { all: ['util', 'diagnostics', 'api', 'releases', 'resource'], types: ['source'] },
  // The rules of single resources speak of protocols, hosts and Envoy's messages, so they stand above the model.
  admission: { all: ['util', 'diagnostics', 'api', 'resource', 'model', 'envoy'], types: ['source', 'releases'] },
  scope: { all: ['util', 'api', 'model'], types: ['resource', 'diagnostics', 'releases'] },
  translate: { all: ['util', 'api', 'model', 'scope', 'envoy'], types: ['diagnostics', 'resource', 'releases'] },
  patch: { all: ['util', 'envoy'], types: ['model', 'resource', 'api', 'diagnostics'] },
  compile: {
    all: ['util', 'diagnostics', 'resource', 'model', 'scope', 'envoy', 'translate', 'patch'],
    types: ['api'],
  },
  'request-space': { all: ['util'] },
  trace: { all: ['util', 'envoy', 'request-space'], types: ['diagnostics'] },
  // What a trace of one request says of all of its kind.
  exploration: { all: ['util', 'envoy', 'request-space', 'trace'] },
  diff: { all: ['util', 'envoy'], types: ['diagnostics'] },
  'sample-requests': { all: ['util', 'envoy'] },
  input: { all: ['util', 'diagnostics', 'source', 'releases', 'resource', 'admission', 'model'], types: ['api'] },
  findings: {
    all: [
      ...['util', 'diagnostics', 'api', 'resource', 'model', 'admission', 'scope', 'envoy', 'patch', 'compile', 'trace'],
      ...['request-space', 'exploration', 'diff', 'sample-requests', 'input'],
    ],
    types: ['source', 'releases'],
  },
  workbench: {
    all: ['util', 'diagnostics', 'resource', 'model', 'compile', 'envoy', 'trace', 'input', 'findings'],
    types: ['api', 'source'],
  },
  operations: {
    all: [
      ...['util', 'diagnostics', 'api', 'releases', 'resource', 'model', 'translate', 'compile', 'envoy'],
      ...['request-space', 'trace', 'exploration', 'diff', 'sample-requests', 'input', 'findings', 'workbench'],
    ],
    types: ['source', 'scope'],
  },
  output: {
    all: ['util', 'diagnostics', 'envoy'],
    types: ['api', 'source', 'request-space', 'trace', 'exploration', 'diff', 'operations'],
  },
  // The files of the machine; alone opens, reads and writes them.
  files: { all: ['util', 'source'], types: ['input'] },
  cli: {
    all: [
      ...['files', 'util', 'diagnostics', 'envoy', 'source', 'releases', 'trace', 'findings', 'input', 'workbench', 'operations'],
      ...['output'],
    ],
    types: ['model', 'compile'],
  },
  // The public door (index.ts).
  '': {
    all: ['diagnostics', 'compile', 'model', 'releases', 'input', 'workbench', 'operations', 'trace', 'util'],
    types: ['api', 'envoy', 'resource', 'diff'],
  },
};

/** Declarations that a module exports, by name. */
const exportPattern = /^export (?:abstract |async |declare )*(?:function\*?|const|type|interface|class) (\w+)/gm;

/** Words that we share with a message of an API which is generated, since users know both things by them. */
const wordsOfTheField: readonly string[] = [
  ...['Endpoint', 'HTTPHeader', 'HealthStatus', 'LabelSelector', 'LabelSelectorRequirement', 'Locality', 'Resource', 'Rule'],
  ...['ServicePort', 'TypeUrls'],
];

interface Import {
  readonly file: string;
  readonly folder: string;
  readonly target: string;
  /** The file that is imported, below src. */
  readonly path: string;
  readonly typeOnly: boolean;
}

function sourceFiles(): string[] {
  return readdirSync(src, { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.ts'))
    .map((name) => join(src, name));
}

/** The layer of a path below src: its first folder. */
function layerOf(path: string): string {
  return path.includes('/') ? (path.split('/')[0] ?? '') : '';
}

function importsOf(file: string): Import[] {
  const text = readFileSync(file, 'utf8');
  return [...text.matchAll(/^(?:import|export)\s+(type\s)?[^;'"]*?from\s+'(\.[^']+)'/gm)].map((match) => {
    const path = relative(src, resolve(dirname(file), match[2] ?? ''));
    const folder = layerOf(relative(src, file));
    return { file: relative(src, file), folder, target: layerOf(path), path, typeOnly: match[1] !== undefined };
  });
}

describe('architecture', () => {
  const files = sourceFiles();

  test('a folder imports only from the folders that its layer may see', () => {
    const offences = files
      .flatMap(importsOf)
      .filter(({ folder, target, typeOnly }) => {
        const layer = layers[folder];
        if (layer === undefined || folder === target) return false;
        return !layer.all.includes(target) && !(typeOnly && layer.types?.includes(target));
      })
      .map(({ file, target }) => `${file} imports ${target}`);
    expect(offences).toEqual([]);
  });

  test('no module imports itself by way of others, for types neither; what is loaded when it is asked for does not count', () => {
    const names = files.map((file) => relative(src, file));
    const imported = new Map(files.map((file) => [relative(src, file), importsOf(file).map(({ path }) => path)]));
    const isOpen = (among: readonly string[]) => {
      const open = new Set(among);
      const entered = new Set(among.flatMap((name) => imported.get(name) ?? []));
      return (name: string): boolean => entered.has(name) && imported.get(name)?.some((path) => open.has(path)) === true;
    };
    // What none of the others imports, or what imports none of them, is in no circle with them.
    let left = names;
    for (let before = -1; before !== left.length; ) {
      before = left.length;
      left = left.filter(isOpen(left));
    }
    expect(left).toEqual([]);
  });

  test('what decides in a trace is read so that a recorder hears of it: what is only told is compared with nothing', () => {
    const offences = files
      .filter((file) => relative(src, file).startsWith('trace/') && relative(src, file) !== 'trace/headers.ts')
      .flatMap((file) =>
        readFileSync(file, 'utf8')
          .split('\n')
          .map((line) => `${relative(src, file)}: ${line.trim()}`),
      )
      .filter((line) =>
        /\.values\.(get|has)\(|\btold\([^)]*\)[^;]*(===|!==|\.(startsWith|endsWith|includes|test|match)\()/.test(line),
      );
    // A name of an operation, for people.
    expect(offences).toEqual(['trace/http/connection-manager.ts: const isOverridden = headers.told(DECORATOR) !== undefined;']);
  });

  test('every folder has a row in the table', () => {
    const folders = new Set(files.map((file) => layerOf(relative(src, file))));
    expect([...folders].filter((folder) => layers[folder] === undefined)).toEqual([]);
  });

  test('analyzers see neither xDS nor what is found in it, so that advice about manifests cannot rest on our own output', () => {
    const xds = /from '[^']*\/(compile|translate|patch|trace|diff|requests|compiled)\//;
    const offences = files
      .map((file) => relative(src, file))
      .filter((file) => file.startsWith('findings/analyzers/') && xds.test(readFileSync(join(src, file), 'utf8')));
    expect(offences).toEqual([]);
  });

  test('only files touches the file system, and beside it only cli the process and the console', () => {
    const offences = files
      .filter((file) => !['cli', 'files'].includes(layerOf(relative(src, file))))
      .filter((file) => /from 'node:(fs|process|child_process|os)|\bprocess\.|\bconsole\./.test(readFileSync(file, 'utf8')))
      .map((file) => relative(src, file));
    expect(offences).toEqual([]);
  });

  test('what tells roles apart in the engine is a fact of model/proxies/roles.ts or a switch that names them all', () => {
    const engine = ['model', 'scope', 'translate', 'patch', 'compile'];
    const offences = files
      .filter((file) => engine.includes(layerOf(relative(src, file))))
      .filter((file) => /\brole [!=]== '(sidecar|gateway)'/.test(readFileSync(file, 'utf8')))
      .map((file) => relative(src, file));
    expect(offences).toEqual([]);
  });

  test('only the escapers declare that a text is fit to leave the program', () => {
    const offences = files
      .filter((file) => !/^output\/(escape\/|go-yaml\.ts)/.test(relative(src, file)))
      .filter((file) => /\basPrintable(Bytes)?\b|as Printable(Bytes)?\b/.test(readFileSync(file, 'utf8')))
      .map((file) => relative(src, file));
    expect(offences).toEqual([]);
  });

  test('only src/releases names a release', () => {
    const offences = files
      .filter((file) => !relative(src, file).startsWith('releases/'))
      .filter((file) => /(?<![\d.])1\.(2[89]|3\d)(?!\d)/.test(readFileSync(file, 'utf8')))
      .map((file) => relative(src, file));
    expect(offences).toEqual([]);
  });

  test('only src/files opens, reads and writes files', () => {
    const offences = files
      .map((file) => relative(src, file))
      .filter((file) => !file.startsWith('files/') && /from 'node:fs/.test(readFileSync(join(src, file), 'utf8')));
    expect(offences).toEqual([]);
  });

  test('only checks and comparisons see what is sealed', () => {
    const seeing = [
      ...['util/sealed.ts', 'resource/shape.ts', 'model/gateway-api/certificates.ts', 'diff/list-rules.ts'],
      ...['admission/api-server/core/decode.ts', 'admission/api-server/core/secrets.ts'],
    ];
    const offences = files
      .filter((file) => /\breveal(Text)?\(/.test(readFileSync(file, 'utf8')))
      .map((file) => relative(src, file))
      .filter((file) => !seeing.includes(file));
    expect(offences).toEqual([]);
  });

  test('an exported name means one thing', () => {
    const homes = new Map<string, string[]>();
    for (const file of files) {
      for (const [, name = ''] of readFileSync(file, 'utf8').matchAll(exportPattern)) {
        const found = homes.get(name) ?? [];
        if (!found.includes(relative(src, file))) homes.set(name, [...found, relative(src, file)]);
      }
    }
    const doubtful = [...homes].filter(([name, found]) => {
      const ours = found.filter((file) => !file.endsWith('.gen.ts'));
      return ours.length > 1 || (ours.length === 1 && found.length > 1 && !wordsOfTheField.includes(name));
    });
    expect(doubtful.map(([name, found]) => `${name}: ${found.join(', ')}`)).toEqual([]);
  });

  test('no module keeps state: no module-level let, and no module-level mutable collection', () => {
    const offences = files
      .filter((file) =>
        /^(export )?(let|var) |^(export )?const \w+(: (Map|WeakMap|Set)<[^=]*)? = new (Map|WeakMap|Set)(<[^=]*>)?\(\);/m.test(
          readFileSync(file, 'utf8'),
        ),
      )
      .map((file) => relative(src, file));
    expect(offences).toEqual([]);
  });
});

const facts = readSource();

describe('a union that gets a new member', () => {
  test('is a type error in every switch over it, which ends in assertNever; what others write can be anything', () => {
    const foreign = [
      'src/admission/service-entry.ts', // resolution, whatever a later release has
      'src/model/gateway-api/http-matches.ts', // type of a match
      'src/resource/namespaces.ts', // operator of a selector
      'src/resource/schema-issues.ts', // codes of the validator of schemas
    ];
    expect(facts.openSwitches.filter((place) => !foreign.includes(place.split(':')[0] ?? ''))).toEqual([]);
  });
});

describe('what users write', () => {
  test('becomes a regular expression in one place only, where it takes linear time', () => {
    expect(facts.madeExpressions).toEqual([]);
    expect(facts.textsAsExpressions).toEqual([]);
    expect(sourceFiles().filter((file) => readFileSync(file, 'utf8').includes("'re2js'"))).toEqual([join(src, 'util/re2.ts')]);
  });

  test('meets no expression of ours that takes more than linear time', { timeout: 600_000 }, async () => {
    const literals = new Map(facts.expressions.map(({ literal, place }) => [literal, place]));
    const slow: string[] = [];
    for (const [literal, place] of literals) {
      const end = literal.lastIndexOf('/');
      const { status } = await check(literal.slice(1, end), literal.slice(end + 1), { timeout: 60_000 });
      if (status !== 'safe') slow.push(`${place} is ${status}`);
    }
    expect(slow).toEqual([]);
  });

  test('may be a list of any length: none is spread into the arguments of a call', () => {
    expect(facts.spreadLists).toEqual([]);
  });

  test('is no name of a member that every object has: members are looked up by own() and set by setOwn()', () => {
    expect(facts.membersByText.filter((place) => !place.startsWith('src/util/object.ts:'))).toEqual([]);
  });
});
