import type { Condition, Operation, Rule, Source } from '../../../api/istio.gen.ts';
import type { Path } from '../../../diagnostics/diagnostic.ts';
import { isDryRun } from '../../../model/security/policies.ts';
import type { ResourceOf } from '../../../resource/resource.ts';
import { own } from '../../../util/object.ts';

/** What of a request or connection a part of an AuthorizationPolicy speaks about. */
export type Asked = 'identity' | 'token' | 'sourceIp' | 'remoteIp' | 'header' | 'host' | 'method' | 'path' | 'port' | 'other';

/** One of `values` (unless empty), and none of `notValues`, and where that is written. */
export interface Demand {
  readonly asked: Asked;
  /** The field, or the key of a `when`. */
  readonly key: string;
  readonly values: readonly string[];
  readonly notValues: readonly string[];
  readonly path: Path;
}

/** A rule of an AuthorizationPolicy: one of the sources, one of the operations and all conditions hold. */
export interface RuleDemands {
  readonly policy: ResourceOf<'AuthorizationPolicy'>;
  readonly path: Path;
  readonly sources: readonly (readonly Demand[])[];
  readonly operations: readonly (readonly Demand[])[];
  readonly conditions: readonly Demand[];
}

/** What a TCP connection has nothing of: a rule of an ALLOW policy that asks for it is left out there. */
export const HTTP_ONLY: readonly Asked[] = ['token', 'header', 'host', 'method', 'path'];

const sourceFields = [
  ['principals', 'notPrincipals', 'identity'],
  ['requestPrincipals', 'notRequestPrincipals', 'token'],
  ['namespaces', 'notNamespaces', 'identity'],
  ['serviceAccounts', 'notServiceAccounts', 'identity'],
  ['trustDomains', 'notTrustDomains', 'identity'],
  ['ipBlocks', 'notIpBlocks', 'sourceIp'],
  ['remoteIpBlocks', 'notRemoteIpBlocks', 'remoteIp'],
] as const satisfies readonly (readonly [keyof Source, keyof Source, Asked])[];

const operationFields = [
  ['hosts', 'notHosts', 'host'],
  ['ports', 'notPorts', 'port'],
  ['methods', 'notMethods', 'method'],
  ['paths', 'notPaths', 'path'],
] as const satisfies readonly (readonly [keyof Operation, keyof Operation, Asked])[];

const conditionKeys: Readonly<Record<string, Asked>> = {
  'source.ip': 'sourceIp',
  'remote.ip': 'remoteIp',
  'source.namespace': 'identity',
  'source.principal': 'identity',
  'source.serviceAccount': 'identity',
  'source.trustDomain': 'identity',
  'destination.port': 'port',
};

/** Policies that act, rather than only say in the log what they would do. */
export function enforced(policies: readonly ResourceOf<'AuthorizationPolicy'>[]): readonly ResourceOf<'AuthorizationPolicy'>[] {
  return policies.filter((policy) => !isDryRun(policy));
}

/** What the rules of a policy ask for. */
export function demandsOf(policy: ResourceOf<'AuthorizationPolicy'>): readonly RuleDemands[] {
  return (policy.spec.rules ?? []).map((rule, index) => demandsOfRule(policy, rule ?? {}, ['spec', 'rules', index]));
}

function demandsOfRule(
  policy: ResourceOf<'AuthorizationPolicy'>,
  { from = [], to = [], when = [] }: Rule,
  path: Path,
): RuleDemands {
  return {
    policy,
    path,
    sources: orAnything(
      from.map(({ source }, index) => demandsOfFields(source ?? {}, sourceFields, [...path, 'from', index, 'source'])),
    ),
    operations: orAnything(
      to.map(({ operation }, index) => demandsOfFields(operation ?? {}, operationFields, [...path, 'to', index, 'operation'])),
    ),
    conditions: when.map((condition, index) => demandOfCondition(condition, [...path, 'when', index])),
  };
}

/** Without alternatives everything is meant. */
function orAnything(alternatives: readonly (readonly Demand[])[]): readonly (readonly Demand[])[] {
  return alternatives.length === 0 ? [[]] : alternatives;
}

function demandsOfFields<F extends string>(
  fields: Readonly<Partial<Record<F, readonly string[]>>>,
  table: readonly (readonly [F, F, Asked])[],
  path: Path,
): readonly Demand[] {
  return table.flatMap(([field, notField, asked]): readonly Demand[] => {
    const [values = [], notValues = []] = [fields[field], fields[notField]];
    if (values.length === 0 && notValues.length === 0) return [];
    return [{ asked, key: field, values, notValues, path: [...path, values.length > 0 ? field : notField] }];
  });
}

function demandOfCondition({ key = '', values = [], notValues = [] }: Condition, path: Path): Demand {
  const asked = key.startsWith('request.auth.')
    ? 'token'
    : key.startsWith('request.headers')
      ? 'header'
      : (own(conditionKeys, key) ?? 'other');
  return { asked, key, values, notValues, path: [...path, values.length > 0 ? 'values' : 'notValues'] };
}

/** All demands of a rule, of whatever alternative. */
export function allDemands({ sources, operations, conditions }: RuleDemands): readonly Demand[] {
  return [...sources.flat(), ...operations.flat(), ...conditions];
}

/** Whether a source can only be somebody whose identity is known. */
export function needsIdentity(source: readonly Demand[], { conditions }: RuleDemands): boolean {
  return [...source, ...conditions].some(asksIdentity);
}

/** The first demand of a rule, of whatever source, for somebody whose identity is known. */
export function identityDemand({ sources, conditions }: RuleDemands): Demand | undefined {
  return [...sources.flat(), ...conditions].find(asksIdentity);
}

/** Whether it names those whom it is about by an identity. */
function asksIdentity({ asked, values }: Demand): boolean {
  return asked === 'identity' && values.length > 0;
}
