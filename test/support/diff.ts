import { readdirSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { run } from '../../src/cli/main.ts';
import { createFakeIo } from './fake-io.ts';

/** Manifests by file name. */
export type Files = Readonly<Record<string, string>>;

/** What `mesh diff` says, short enough to be written down for each case. */
export interface Seen {
  readonly exitCode: number;
  readonly proxies: readonly string[];
  /** `clients: METHOD url headers: what differs`. */
  readonly requests: readonly string[];
  readonly causes: readonly string[];
  readonly report: DiffJson;
}

interface DiffJson {
  readonly proxies: {
    readonly added: string[];
    readonly removed: string[];
    readonly changed: string[];
    readonly unchanged: number;
  };
  readonly causes: readonly {
    readonly causes: readonly {
      readonly kind: string;
      readonly namespace: string;
      readonly name: string;
      readonly line?: number;
      readonly file: string;
    }[];
  }[];
  readonly requests: {
    readonly tried: number;
    readonly changed: readonly {
      readonly requests: readonly {
        readonly method: string;
        readonly url: string;
        readonly headers: readonly [string, string][];
      }[];
      readonly from: readonly string[];
      readonly differences: Readonly<Record<string, readonly [string, string]>>;
    }[];
  };
  readonly findings: {
    readonly introduced: readonly { readonly code: string }[];
    readonly fixed: readonly { readonly code: string }[];
  };
}

/** The manifests of a fixture. */
export function fixture(name: string): Files {
  const folder = resolve(import.meta.dirname, '../../fixtures', name, 'manifests');
  return Object.fromEntries(readdirSync(folder).map((file) => [file, readFileSync(join(folder, file), 'utf8')]));
}

/** Runs `mesh diff` over two sets of manifests; `flags` may name the files `/work/before.yaml` and `/work/after.yaml` of `extra`. */
export async function diffOf(before: Files, after: Files, flags: readonly string[] = [], extra: Files = {}): Promise<Seen> {
  const files = Object.fromEntries([
    ...Object.entries(before).map(([name, text]) => [`/work/before/${name}`, text]),
    ...Object.entries(after).map(([name, text]) => [`/work/after/${name}`, text]),
    ...Object.entries(extra).map(([name, text]) => [`/work/${name}`, text]),
  ]);
  const io = createFakeIo({ files });
  const exitCode = await run(['diff', 'before', 'after', '-o', 'json', ...flags], io);
  if (io.output() === '') throw new Error(io.errors());
  const report = JSON.parse(io.output()) as DiffJson;
  const { added, removed, changed } = report.proxies;
  return {
    exitCode,
    proxies: [...changed, ...added.map((name) => `+${name}`), ...removed.map((name) => `-${name}`)],
    requests: report.requests.changed.flatMap(({ requests, from, differences }) =>
      requests.map(({ method, url, headers }) => {
        const request = [
          `${method} ${url.replace('.svc.cluster.local', '')}`,
          ...headers.map(([name, value]) => `${name}=${value}`),
        ];
        return `${from.join(', ')}: ${request.join(' ')}: ${told(differences)}`;
      }),
    ),
    causes: report.causes.map(({ causes }) =>
      causes.map(({ kind, namespace, name }) => `${kind} ${namespace}/${name}`).join(' + '),
    ),
    report,
  };
}

/** What differs; of a request that ends with another status, that and why, and of one that goes elsewhere, no cluster. */
function told(differences: Readonly<Record<string, readonly [string, string]>>): string {
  const names = Object.keys(differences);
  const kept = names.filter((name) => {
    if ('status' in differences) return name === 'status' || name === 'policy';
    return name !== 'cluster' || !('pods' in differences);
  });
  return kept.map((name) => `${name} ${differences[name]?.join(' -> ')}`).join('; ');
}

/** The files with a text of one of them replaced, which must stand there. */
export function edit(files: Files, file: string, from: string | RegExp, to: string): Files {
  const text = files[file];
  if (text === undefined) throw new Error(`no file ${file}`);
  const edited = text.replace(from, to);
  if (edited === text) throw new Error(`${file} does not hold ${from}`);
  return { ...files, [file]: edited };
}

/** Services `service-0`..., each with a workload in a namespace of its own for every two, and a route to each with a timeout. */
export function generatedMesh(count: number): Files {
  const files: Record<string, string> = {};
  for (let index = 0; index < count; index++) {
    const namespace = `team-${Math.floor(index / 2)}`;
    const name = `service-${index}`;
    files[`${name}.yaml`] = `apiVersion: v1
kind: Service
metadata: {name: ${name}, namespace: ${namespace}}
spec:
  selector: {app: ${name}}
  ports: [{name: http, port: 80, targetPort: 8080}]
---
apiVersion: apps/v1
kind: Deployment
metadata: {name: ${name}, namespace: ${namespace}}
spec:
  template:
    metadata: {labels: {app: ${name}, version: v1}}
    spec:
      serviceAccountName: ${name}
      containers: [{name: app, ports: [{containerPort: 8080}]}]
---
apiVersion: networking.istio.io/v1
kind: VirtualService
metadata: {name: ${name}, namespace: ${namespace}}
spec:
  hosts: [${name}.${namespace}.svc.cluster.local]
  http:
  - timeout: 5s
    route: [{destination: {host: ${name}}}]
`;
    files[`policy-${name}.yaml`] = `apiVersion: security.istio.io/v1
kind: AuthorizationPolicy
metadata: {name: ${name}, namespace: ${namespace}}
spec:
  selector: {matchLabels: {app: ${name}}}
  rules:
  - from: [{source: {namespaces: [team-0, ${namespace}]}}]
    to: [{operation: {methods: [GET], paths: [/api/*]}}]
`;
  }
  return files;
}
