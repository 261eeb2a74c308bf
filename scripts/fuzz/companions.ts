import { nastyText } from './dictionary.ts';
import { writeJson } from './input.ts';
import type { Random } from './random.ts';

/** What there is to name in commands, and in files beside the manifests. */
export interface Names {
  /** Proxies, `namespace/name`. */
  readonly pods: readonly string[];
  /** Host names. */
  readonly services: readonly string[];
  readonly namespaces: readonly string[];
}

/** A file of statements for `prove` that names what there is, or now and then what there is not. */
export function writeStatements(names: Names, random: Random): string {
  return writeJson([{ statements: Array.from({ length: 1 + random.below(3) }, () => chooseStatement(names, random)) }]);
}

function chooseStatement(names: Names, random: Random): unknown {
  const from = chooseSender(names, random);
  const to = chooseReceiver(names, random);
  const token = random.pick([true, { issuer: nastyText(random), claims: { sub: random.pick(['*', 'a', 'a*']) } }]);
  return random.pick([
    { never: { from, to } },
    { never: { to, unless: random.pick([{ token }, { mutualTLS: true }, [{ principals: ['*'] }, { token }]]) } },
    { only: { from, to } },
    { always: { mutualTLS: true, from, to } },
    { always: { token, to } },
    { always: { tls: true } },
  ]);
}

function chooseSender(names: Names, random: Random): unknown {
  return random.pick([
    'outside',
    { plainText: true },
    { workloads: [chooseName(names.pods, random)] },
    { notWorkloads: [chooseName(names.pods, random)] },
    { namespaces: [chooseName(names.namespaces, random)] },
    [{ notNamespaces: [chooseName(names.namespaces, random)] }, 'outside'],
    { principals: [`cluster.local/ns/${chooseName(names.namespaces, random)}/sa/*`] },
  ]);
}

function chooseReceiver(names: Names, random: Random): unknown {
  const more = random.pick([
    {},
    {},
    { methods: [random.pick(['GET', 'POST', nastyText(random)])] },
    { paths: [random.pick(['/admin*', '/a/{*}/b', '*', nastyText(random)])] },
    { ports: [random.pick([80, 443, 8080, 9080])] },
  ]);
  return random.pick([
    { services: [nameOf(chooseName(names.services, random))], ...more },
    { workloads: [chooseName(names.pods, random)], ...more },
    { namespaces: [chooseName(names.namespaces, random)], ...more },
    [{ namespaces: names.namespaces.slice(0, 2), ...more }, { services: names.services.slice(0, 1).map(nameOf) }],
  ]);
}

/** A name that there is, or a text that hardly is one. */
function chooseName(names: readonly string[], random: Random): string {
  return names.length === 0 || random.chance(0.05) ? nastyText(random) : random.pick(names);
}

/** A Service as commands name it. */
function nameOf(host: string): string {
  const [name, namespace] = host.split('.');
  return host.includes('.svc.') ? `${namespace}/${name}` : host;
}

/** A request table whose expectations may hold or not. */
export function writeTable({ pods, services }: Names, random: Random): string {
  const requests = Array.from({ length: 1 + random.below(4) }, () => ({
    from: random.pick(['outside', chooseName(pods, random)]),
    url: `${random.pick(['http', 'https', 'tcp', 'tls'])}://${chooseName(services, random).replace('*', 'any')}:${random.pick([80, 443, 9080])}`,
    ...(random.chance(0.3) && { path: random.pick(['/', '/a?b=c', nastyText(random)]) }),
    ...(random.chance(0.3) && { headers: { [random.pick(['x-user', 'cookie', 'end-user'])]: nastyText(random) } }),
    expect: random.pick([{ status: 200 }, { status: 403 }, { pod: chooseName(pods, random) }, { policy: nastyText(random) }]),
  }));
  return writeJson([{ requests }]);
}

/** Metrics of calls for `recommend`. */
export function writeCalls({ pods, services }: Names, random: Random): string {
  const label = (text: string): string => JSON.stringify(text);
  return Array.from({ length: 1 + random.below(4) }, () => {
    const [namespace = '', name = ''] = chooseName(pods, random).split('/');
    const host = chooseName(services, random);
    return (
      `istio_requests_total{reporter="source",source_workload=${label(name)},source_workload_namespace=${label(namespace)},` +
      `destination_service=${label(host)},request_protocol="http",response_code="200"} ${random.below(100)}\n`
    );
  }).join('');
}

/** A mock service registry beside the manifests. */
export function writeRegistry({ namespaces }: Names, random: Random): string {
  const namespace = chooseName(namespaces, random);
  const port = (): unknown =>
    random.pick(['http:8080', 'tcp:6379:16379', 9090, { name: 'grpc-admin', port: 9091, targetPort: 19091 }, nastyText(random)]);
  const more = random.pick([{}, { clusterIP: 'None' }, { externalName: 'search.example.com' }, { endpoints: ['10.8.0.11'] }]);
  const service = { name: random.pick(['registered', nastyText(random)]), namespace, ports: [port(), port()], ...more };
  const workload = {
    name: 'registered-v1',
    namespace,
    labels: { app: 'registered', version: random.pick(['v1', nastyText(random)]) },
    ports: [random.pick([8080, 16379, 9090])],
    replicas: random.below(4),
    ...(random.chance(0.5) && { serviceAccount: random.pick(['registered', nastyText(random)]) }),
  };
  return writeJson([
    { services: [service], workloads: [workload], ...(random.chance(0.2) && { namespaces: [{ name: namespace }] }) },
  ]);
}
