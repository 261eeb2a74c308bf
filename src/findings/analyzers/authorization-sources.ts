import type { Source } from '../../api/istio.gen.ts';
import type { Path, Report } from '../../diagnostics/diagnostic.ts';
import { formatField } from '../../diagnostics/format-field.ts';
import {
  identityNotShown,
  principalForm,
  unknownServiceAccount,
  unknownTrustDomain,
} from '../../diagnostics/problems/policies.ts';
import type { Mesh } from '../../model/mesh.ts';
import type { ResourceOf } from '../../resource/resource.ts';
import { resourcesOf } from '../../resource/select.ts';
import { groupBy } from '../../util/collections.ts';
import { nearest } from '../../util/nearest.ts';
import { at } from '../subject.ts';
import type { Analyzer } from './support/analyzer.ts';
import type { Reader } from './support/reader.ts';

/** Principals and service accounts that nobody has. Of `namespaces` Istio tells itself (IST0101). */
export const authorizationSources: Analyzer = {
  name: 'mesh.authorizationpolicy.Sources',
  about: 'Identities in AuthorizationPolicies that no workload has',
  reads: ['AuthorizationPolicy', 'Pod', 'ServiceAccount', 'Namespace'],
  needsAll: ['Pod', 'ServiceAccount', 'Namespace'],
  codes: [unknownTrustDomain.code, unknownServiceAccount.code, principalForm.code, identityNotShown.code],
  run: (reader, report) => {
    if (!reader.list('AuthorizationPolicy').some(namesIdentities)) return;
    const known = knownIdentities(reader);
    for (const policy of resourcesOf(reader.mesh().resources, 'AuthorizationPolicy')) {
      for (const { path, values, kind } of identitiesOf(policy)) {
        values.forEach((value, index) => {
          const place = { policy, path: [...path, index] };
          if (kind === 'excluded principal') checkForm(value, place, known, report);
          else if (kind === 'principal') checkPrincipal(value, place, known, report);
          else checkServiceAccount(value, place, known, report);
        });
      }
    }
  },
};

function namesIdentities(policy: ResourceOf<'AuthorizationPolicy'>): boolean {
  return identitiesOf(policy).length > 0;
}

interface Identities {
  readonly kind: 'principal' | 'excluded principal' | 'serviceAccount';
  readonly path: Path;
  readonly values: readonly string[];
}

/** The lists of identities of a policy that are asked for; those excluded may well not exist, and have the same form. */
function identitiesOf({ spec }: ResourceOf<'AuthorizationPolicy'>): readonly Identities[] {
  return (spec.rules ?? []).flatMap((rule, i) => [
    ...(rule.from ?? []).flatMap(({ source = {} }, j) => {
      const list = (
        member: keyof Source & ('principals' | 'notPrincipals' | 'serviceAccounts'),
        kind: Identities['kind'],
      ): Identities[] => {
        const values = source[member] ?? [];
        const path = ['spec', 'rules', i, 'from', j, 'source', member];
        return values.length === 0 ? [] : [{ kind, path, values }];
      };
      return [
        ...list('principals', 'principal'),
        ...list('notPrincipals', 'excluded principal'),
        ...list('serviceAccounts', 'serviceAccount'),
      ];
    }),
    ...(rule.when ?? []).flatMap(({ key, values = [] }, j): Identities[] => {
      const kind = key === 'source.principal' ? 'principal' : key === 'source.serviceAccount' ? 'serviceAccount' : undefined;
      if (kind === undefined || values.length === 0) return [];
      return [{ kind, path: ['spec', 'rules', i, 'when', j, 'values'], values }];
    }),
  ]);
}

interface Known {
  readonly trustDomains: readonly string[];
  /** Namespaces with anything in them. */
  readonly namespaces: ReadonlySet<string>;
  /** Whether the input says which namespaces there are. */
  readonly listsNamespaces: boolean;
  /** By namespace with workloads, the service accounts that there are. */
  readonly accounts: ReadonlyMap<string, ReadonlySet<string>>;
  /** Accounts (`namespace/name`) of which every pod is without a proxy, with the name of one. */
  readonly withoutProxy: ReadonlyMap<string, string>;
}

function knownIdentities(reader: Reader): Known {
  const mesh = reader.mesh();
  const accounts = new Map<string, Set<string>>();
  for (const [namespace, workloads] of groupBy(mesh.registry.workloads, (workload) => workload.namespace)) {
    accounts.set(namespace, new Set(['default', ...workloads.map(({ serviceAccount }) => serviceAccount)]));
  }
  for (const { name, namespace } of resourcesOf(mesh.resources, 'ServiceAccount')) accounts.get(namespace)?.add(name);
  for (const { spec, namespace } of resourcesOf(mesh.resources, 'WorkloadGroup')) {
    accounts.get(namespace)?.add(spec.template?.serviceAccount ?? 'default');
  }
  const namespaces = reader.list('Namespace').map(({ name }) => name);
  return {
    trustDomains: [mesh.config.trustDomain ?? 'cluster.local', ...(mesh.config.trustDomainAliases ?? [])],
    namespaces: new Set([
      ...namespaces,
      ...mesh.resources.map(({ namespace }) => namespace).filter((name) => name !== ''),
      mesh.rootNamespace,
      ...ALWAYS_THERE,
    ]),
    listsNamespaces: namespaces.length > 0,
    accounts,
    withoutProxy: accountsWithoutProxy(mesh),
  };
}

/** In ambient mode ztunnel shows the identity of pods without a proxy of their own. */
function accountsWithoutProxy({ registry, ambient }: Mesh): ReadonlyMap<string, string> {
  if (ambient !== undefined) return new Map();
  const byAccount = groupBy(registry.workloads, ({ namespace, serviceAccount }) => `${namespace}/${serviceAccount}`);
  return new Map(
    [...byAccount].flatMap(([account, workloads]): [string, string][] => {
      const [first] = workloads;
      return first === undefined || workloads.some(({ injected, kind }) => injected || kind !== 'Pod')
        ? []
        : [[account, `${first.namespace}/${first.workloadName}`]];
    }),
  );
}

interface Place {
  readonly policy: ResourceOf<'AuthorizationPolicy'>;
  readonly path: Path;
}

/** Namespaces of which an input need not speak. */
const ALWAYS_THERE: readonly string[] = ['default', 'istio-system', 'kube-system'];

const FORM = '<trust domain>/ns/<namespace>/sa/<service account>';

/** Whether a principal has the form of a Kubernetes identity; of one that is meant as such and has another, this tells. */
function checkForm(principal: string, place: Place, known: Known, report: Report): boolean {
  const tell = (expected: string): void =>
    report(principalForm(at(place.policy, place.path), formatField(place.path), principal, expected));
  if (principal.startsWith('spiffe://')) {
    tell(`"${principal.slice('spiffe://'.length)}", without the scheme`);
    return false;
  }
  if (principal.startsWith('*') || principal.endsWith('*')) return false;
  const [trustDomain = '', ns, namespace = '', sa, account = '', ...rest] = principal.split('/');
  if (ns === 'ns' && sa === 'sa' && account !== '' && namespace !== '' && rest.length === 0) return true;
  // Identities of other systems have other forms.
  const isNamespaceAndAccount = known.namespaces.has(trustDomain) && principal.split('/').length === 2;
  if (/(^|\/)(ns|sa)\//.test(principal) || !principal.includes('/') || isNamespaceAndAccount) tell(FORM);
  return false;
}

function checkPrincipal(principal: string, place: Place, known: Known, report: Report): void {
  if (!checkForm(principal, place, known, report)) return;
  const subject = at(place.policy, place.path);
  const [trustDomain = '', , namespace = '', , account = ''] = principal.split('/');
  // `cluster.local` stands for whatever the mesh's trust domain is called.
  if (trustDomain !== 'cluster.local' && !known.trustDomains.includes(trustDomain) && !trustDomain.includes('*')) {
    const names = known.trustDomains.map((name) => `"${name}"`).join(' or ');
    report(unknownTrustDomain(subject, formatField(place.path), principal, trustDomain, names));
    return;
  }
  checkAccount(principal, namespace, account, place, known, report);
}

function checkServiceAccount(value: string, place: Place, known: Known, report: Report): void {
  const slash = value.indexOf('/');
  const namespace = slash === -1 ? place.policy.namespace : value.slice(0, slash);
  checkAccount(value, namespace, value.slice(slash + 1), place, known, report);
}

function checkAccount(value: string, namespace: string, account: string, place: Place, known: Known, report: Report): void {
  const subject = at(place.policy, place.path);
  const accounts = known.accounts.get(namespace);
  if (accounts !== undefined) {
    if (accounts.has(account)) {
      const pods = known.withoutProxy.get(`${namespace}/${account}`);
      if (pods !== undefined) report(identityNotShown(subject, formatField(place.path), value, pods));
      return;
    }
    const missing = `service account "${account}" in namespace ${namespace}`;
    report(unknownServiceAccount(subject, formatField(place.path), value, missing, didYouMean(account, accounts)));
    return;
  }
  if (known.namespaces.has(namespace)) return;
  const hint = didYouMean(namespace, known.namespaces);
  const problem = unknownServiceAccount(subject, formatField(place.path), value, `namespace "${namespace}" in the input`, hint);
  // A namespace that the input says nothing of may be another team's.
  if (hint !== '' || known.listsNamespaces) report(hint === '' ? { ...problem, severity: 'info' } : problem);
}

function didYouMean(name: string, names: Iterable<string>): string {
  const found = nearest(name, names);
  return found === undefined ? '' : `; did you mean "${found}"?`;
}
