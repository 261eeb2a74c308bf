// Writes schemas/api-server/GROUP/KIND.json: what an API server checks of Istio's kinds and those of the Gateway API, from the
// CustomResourceDefinitions of each release of Istio and of the Gateway API that it is built with. Only what decides is kept: no
// descriptions, and of a status, which nobody can set on apply, the names of its fields. To be run by hand when a release is added or
// raised, with clones of both repositories: node scripts/describe-crds.mjs ISTIO GATEWAY-API. `npm run generate` does the rest.
import { execFileSync } from 'node:child_process';
import { mkdirSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import process from 'node:process';
import { loadAll } from 'js-yaml';
import { decidingPart } from './lib/deciding-part.mjs';

/** The releases, each with the version of the Gateway API that its go.mod names. */
const releases = [
  { istio: '1.29.6', gatewayApi: '1.4.1' },
  { istio: '1.30.3', gatewayApi: '1.5.1' },
  { istio: '1.31.0-rc.0', gatewayApi: '1.6.0' },
];

const [istio, gatewayApi] = process.argv.slice(2);
if (gatewayApi === undefined) throw new Error('usage: node scripts/describe-crds.mjs ISTIO GATEWAY-API');

const folder = join(import.meta.dirname, '../schemas/api-server');
const git = (repository, ...args) => execFileSync('git', ['-C', repository, ...args], { encoding: 'utf8', maxBuffer: 1 << 28 });

/** The names of the fields of a schema and below. */
function namesOnly({ properties, additionalProperties, items, ...schema }) {
  const preserve = 'x-kubernetes-preserve-unknown-fields';
  return {
    ...(schema[preserve] && { [preserve]: true }),
    ...(properties && {
      properties: Object.fromEntries(Object.entries(properties).map(([name, part]) => [name, namesOnly(part)])),
    }),
    ...(additionalProperties && { additionalProperties: namesOnly(additionalProperties) }),
    ...(items && { items: namesOnly(items) }),
  };
}

/** The schema of a version without what every object has. */
function schemaOf({ schema: { openAPIV3Schema }, subresources }) {
  const { properties, ...root } = openAPIV3Schema;
  const { apiVersion, kind, metadata, status, ...others } = properties;
  if (status !== undefined && subresources?.status === undefined) throw new Error('a status that can be set');
  const schema = decidingPart({ ...root, properties: others });
  return status === undefined ? schema : { ...schema, properties: { ...schema.properties, status: namesOnly(status) } };
}

/** All definitions of some texts, each under the name of the set that they belong to. */
function* definitionsOf(set, texts) {
  for (const definition of texts.flatMap((text) => loadAll(text))) {
    if (definition?.kind === 'CustomResourceDefinition') yield { set, spec: definition.spec };
  }
}

function* allDefinitions() {
  for (const release of releases) {
    yield* definitionsOf(release.istio, [git(istio, 'show', `${release.istio}:manifests/charts/base/files/crd-all.gen.yaml`)]);
    for (const channel of ['standard', 'experimental']) {
      const path = `config/crd/${channel}`;
      const files = git(gatewayApi, 'ls-tree', '--name-only', `v${release.gatewayApi}:${path}`).trim().split('\n');
      const texts = files.map((file) => git(gatewayApi, 'show', `v${release.gatewayApi}:${path}/${file}`));
      yield* definitionsOf(`${release.gatewayApi} ${channel}`, texts);
    }
  }
}

const kinds = new Map();
for (const { set, spec } of allDefinitions()) {
  const path = join(spec.group, `${spec.names.kind}.json`);
  const kind = kinds.get(path) ?? { served: {}, schemas: [] };
  kinds.set(path, kind);
  kind.served[set] = {};
  for (const version of spec.versions.filter(({ served }) => served)) {
    const schema = JSON.stringify(schemaOf(version));
    if (!kind.schemas.includes(schema)) kind.schemas.push(schema);
    kind.served[set][version.name] = kind.schemas.indexOf(schema);
  }
}

// Beside the folders of groups lie Kubernetes' own kinds (scripts/describe-kubernetes).
const groups = readdirSync(folder, { withFileTypes: true }).filter((entry) => entry.isDirectory());
for (const { name } of groups) rmSync(join(folder, name), { recursive: true });
for (const [path, { served, schemas }] of kinds) {
  const lines = [`{"served":${JSON.stringify(served)},`, `"schemas":[`, schemas.join(',\n'), `]}`];
  mkdirSync(join(folder, path, '..'), { recursive: true });
  writeFileSync(join(folder, path), `${lines.join('\n')}\n`);
}
