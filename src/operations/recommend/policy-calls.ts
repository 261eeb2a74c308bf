import type { Rule, Source } from '../../api/istio.gen.ts';
import { selects } from '../../model/labels.ts';
import type { Service, ServicePort } from '../../model/registry/service.ts';
import { isDryRun, targetRefsOf } from '../../model/security/policies.ts';
import type { ResourceOf } from '../../resource/resource.ts';
import { resourcesOf } from '../../resource/select.ts';
import type { Call, CallSource } from './call.ts';
import type { CallingWorkload, Ground } from './callers.ts';
import type { ExampleRequests } from './example-requests.ts';

type Policy = ResourceOf<'AuthorizationPolicy'>;

/** A port of a service, and its number as policies where it is served know it. */
interface ServedPort {
  readonly service: Service;
  readonly port: ServicePort;
  readonly number: number;
}

/** The calls that policies declare: whoever an ALLOW policy names calls what the policy is for. Rules for everybody name nobody. */
export function callsOfPolicies(ground: Ground, examples: ExampleRequests): readonly Call[] {
  const { mesh } = ground.bench;
  return resourcesOf(mesh.resources, 'AuthorizationPolicy').flatMap((policy) => {
    if ((policy.spec.action ?? 'ALLOW') !== 'ALLOW' || isDryRun(policy)) return [];
    const named = (policy.spec.rules ?? []).map((rule) => callersNamed(rule, policy, ground));
    if (named.every(({ length }) => length === 0)) return [];
    const served = servedBy(policy, ground);
    return (policy.spec.rules ?? []).flatMap((rule, index) => {
      const source: CallSource = {
        kind: 'resource',
        resource: policy.kind,
        name: `${policy.namespace}/${policy.name}`,
        location: policy.document.locate(['spec', 'rules', index]),
      };
      const ports = served.filter(({ number }) => isForPort(rule, number));
      return (named[index] ?? []).flatMap((caller) =>
        ports
          .filter(({ service }) => !isServedByAlone(service, caller, ground))
          .map(
            ({ service, port }): Call => ({
              caller: caller.id,
              host: service.hostname,
              port: port.port,
              isExact: false,
              requests: examples.to(caller, service, port),
              sources: [source],
            }),
          ),
      );
    });
  });
}

/** Whether a rule is for a port; where none of its operations names one, it is for all. */
function isForPort({ to = [] }: Rule, number: number): boolean {
  const operations = to.map(({ operation }) => operation);
  return (
    operations.length === 0 || operations.some((one) => (one?.ports ?? []).length === 0 || one?.ports?.includes(String(number)))
  );
}

function isServedByAlone(service: Service, { workload }: CallingWorkload, { bench: { mesh } }: Ground): boolean {
  const addresses = service.ports.flatMap((port) =>
    mesh.registry.endpointsOf(service, port).map(({ workloadName, namespace }) => `${namespace}/${workloadName}`),
  );
  const own = `${workload.namespace}/${workload.workloadName}`;
  return addresses.length > 0 && addresses.every((one) => one === own);
}

/** The workloads that the sources of a rule name; gateways are told of by their routes. */
function callersNamed({ from = [] }: Rule, policy: Policy, { workloads }: Ground): readonly CallingWorkload[] {
  const sources = from.flatMap(({ source }) => source ?? []);
  return [...workloads.values()].filter(
    (caller) => caller.kind !== 'gateway' && sources.some((source) => namesCaller(source, caller, policy.namespace)),
  );
}

function namesCaller(source: Source, { workload, pod }: CallingWorkload, home: string): boolean {
  const { principals = [], serviceAccounts = [], namespaces = [] } = source;
  if (principals.length + serviceAccounts.length + namespaces.length === 0) return false;
  const account = `${workload.namespace}/${workload.serviceAccount}`;
  const isOne = (values: readonly string[] | undefined, matches: (value: string) => boolean): boolean =>
    values === undefined || values.length === 0 || values.some(matches);
  const isPrincipal = (value: string): boolean => value !== '*' && matchesText(value, pod.identity.replace('spiffe://', ''));
  const isAccount = (value: string): boolean => (value.includes('/') ? value : `${home}/${value}`) === account;
  const isNamespace = (value: string): boolean => value !== '*' && matchesText(value, workload.namespace);
  return (
    isOne(principals, isPrincipal) &&
    isOne(serviceAccounts, isAccount) &&
    isOne(namespaces, isNamespace) &&
    !(source.notPrincipals ?? []).some(isPrincipal) &&
    !(source.notServiceAccounts ?? []).some(isAccount) &&
    !(source.notNamespaces ?? []).some(isNamespace)
  );
}

/** The wildcards that policies know: at the beginning or at the end. */
function matchesText(pattern: string, text: string): boolean {
  if (pattern.endsWith('*')) return text.startsWith(pattern.slice(0, -1));
  return pattern.startsWith('*') ? text.endsWith(pattern.slice(1)) : text === pattern;
}

/** The ports of services that a policy is for: those that it names, or that the workloads it selects serve. */
function servedBy(policy: Policy, { bench: { mesh }, workloads }: Ground): readonly ServedPort[] {
  const { spec, namespace } = policy;
  const refs = targetRefsOf(spec);
  if (refs.length > 0) {
    const names = refs.filter(({ kind }) => kind === 'Service' || kind === 'ServiceEntry').map(({ name }) => name);
    const services = mesh.registry.services.filter(
      (service) => service.namespace === namespace && names.includes(service.objectName || service.name),
    );
    return services.flatMap((service) => service.ports.map((port) => ({ service, port, number: port.port })));
  }
  const selected = [...workloads.values()].filter(
    ({ workload }) =>
      (namespace === mesh.rootNamespace || workload.namespace === namespace) &&
      selects(spec.selector?.matchLabels ?? {}, workload.labels),
  );
  const ports = selected.flatMap(({ workload }) => mesh.registry.targetsOf(workload));
  const distinct = new Map(ports.map((port) => [`${port.service.namespace} ${port.service.hostname} ${port.port.port}`, port]));
  return [...distinct.values()].map(({ service, port, targetPort }) => ({ service, port, number: targetPort }));
}
