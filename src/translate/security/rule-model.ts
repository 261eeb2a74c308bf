import type { Operation, Rule, Source } from '../../api/istio.gen.ts';
import type { Behaviours } from '../../releases/release.ts';
import { nothingElse } from '../../util/fields.ts';
import { own } from '../../util/object.ts';
import { expandPrincipals, type TrustDomains, withTrustDomainAliases } from './trust-domains.ts';

/** What of a connection or request an operation (where it goes, what it does) speaks about. */
export type OperationAttribute = 'host' | 'method' | 'path' | 'destinationPort' | 'destinationIp' | 'sni' | 'filterMetadata';

/** What of a connection or request a source (who sends it) speaks about. */
export type SourceAttribute =
  | 'principal'
  | 'requestPrincipal'
  | 'serviceAccount'
  | 'trustDomain'
  | 'namespace'
  | 'remoteIp'
  | 'sourceIp'
  | 'audience'
  | 'presenter'
  | 'header'
  | 'claim';

/** A demand on one attribute: one of `values` (unless empty), and none of `notValues`. */
export interface AttributeCondition<A extends string> {
  readonly attribute: A;
  /** The key as a `when` writes it, for attributes that carry a name in brackets; else the name of the field. */
  readonly key: string;
  readonly values: readonly string[];
  readonly notValues: readonly string[];
}

/**
 * One rule of an authorization policy, independent of how it is enforced: it matches when one of the operations and one of the
 * sources match; each is a list of conditions that must all hold.
 */
export interface RuleModel {
  readonly operations: readonly (readonly AttributeCondition<OperationAttribute>[])[];
  readonly sources: readonly (readonly AttributeCondition<SourceAttribute>[])[];
}

const operationKeys: Readonly<Record<string, OperationAttribute>> = {
  'destination.ip': 'destinationIp',
  'destination.port': 'destinationPort',
  'connection.sni': 'sni',
};

const sourceKeys: Readonly<Record<string, SourceAttribute>> = {
  'source.ip': 'sourceIp',
  'remote.ip': 'remoteIp',
  'source.namespace': 'namespace',
  'source.trustDomain': 'trustDomain',
  'source.serviceAccount': 'serviceAccount',
  'source.principal': 'principal',
  'request.auth.principal': 'requestPrincipal',
  'request.auth.audiences': 'audience',
  'request.auth.presenter': 'presenter',
};

/** What a `when` with this key is about; undefined for keys that Istio does not know. */
function attributeOf(key: string, { trustDomainsOfSources }: Behaviours): OperationAttribute | SourceAttribute | undefined {
  if (key.startsWith('experimental.envoy.filters.')) return 'filterMetadata';
  if (key.startsWith('request.headers')) return 'header';
  if (key.startsWith('request.auth.claims')) return 'claim';
  if (key === 'source.trustDomain' && !trustDomainsOfSources) return undefined;
  return own(operationKeys, key) ?? own(sourceKeys, key);
}

function isOperation(attribute: OperationAttribute | SourceAttribute): attribute is OperationAttribute {
  return attribute === 'filterMetadata' || Object.values(operationKeys).some((known) => known === attribute);
}

/** A model, or the key of a `when` that makes the whole rule void. */
export type RuleModelResult = { readonly model: RuleModel } | { readonly unknownKey: string; readonly whenIndex: number };

/**
 * Brings a rule into its neutral form: `when` conditions join the operations or the sources, principals and trust domains are
 * written for all trust domains of the mesh. As istio pilot/pkg/security/authz/model/model.go New and MigrateTrustDomain.
 */
export function buildRuleModel(
  rule: Rule,
  trustDomains: TrustDomains,
  behaviours: Behaviours,
  onForeignTrustDomain: (principal: string, trustDomain: string) => void,
): RuleModelResult {
  const operationConditions: AttributeCondition<OperationAttribute>[] = [];
  const sourceConditions: AttributeCondition<SourceAttribute>[] = [];
  for (const [whenIndex, when] of (rule.when ?? []).entries()) {
    const key = when.key ?? '';
    const attribute = attributeOf(key, behaviours);
    if (attribute === undefined) return { unknownKey: key, whenIndex };
    if (isOperation(attribute)) operationConditions.push(condition(attribute, key, when.values, when.notValues));
    else sourceConditions.push(condition(attribute, key, when.values, when.notValues));
  }

  const operations = (rule.to ?? []).map(({ operation = {} }) => [...conditionsOfOperation(operation), ...operationConditions]);
  const sources = (rule.from ?? []).map(({ source = {} }) => conditionsOfSource(source));

  const migrate = (
    given: AttributeCondition<SourceAttribute>,
    onForeign = onForeignTrustDomain,
  ): AttributeCondition<SourceAttribute> => {
    const change =
      given.attribute === 'principal'
        ? (values: readonly string[]) => expandPrincipals(trustDomains, values, onForeign)
        : given.attribute === 'trustDomain'
          ? (values: readonly string[]) => withTrustDomainAliases(trustDomains, values)
          : undefined;
    return change ? { ...given, values: change(given.values), notValues: change(given.notValues) } : given;
  };
  // The sources share their `when` conditions, and istiod migrates these anew for each source: principals multiply.
  const shared = sourceConditions.map((given) =>
    sources.slice(1).reduce((migrated) => migrate(migrated, () => {}), migrate(given)),
  );
  return {
    model: {
      operations: (operations.length > 0 ? operations : [operationConditions]).map((list) => list.filter(saysSomething)),
      sources: (sources.length > 0 ? sources : [[]]).map((list) =>
        [...list.map((given) => migrate(given)), ...shared].filter(saysSomething),
      ),
    },
  };
}

function conditionsOfOperation(operation: Operation): readonly AttributeCondition<OperationAttribute>[] {
  const { hosts, notHosts, methods, notMethods, paths, notPaths, ports, notPorts, ...rest } = operation;
  nothingElse(rest);
  return [
    condition('host', 'hosts', hosts, notHosts),
    condition('method', 'methods', methods, notMethods),
    condition('path', 'paths', paths, notPaths),
    condition('destinationPort', 'ports', ports, notPorts),
  ];
}

function conditionsOfSource(source: Source): readonly AttributeCondition<SourceAttribute>[] {
  const { principals, notPrincipals, requestPrincipals, notRequestPrincipals, namespaces, notNamespaces, ...others } = source;
  const { serviceAccounts, notServiceAccounts, trustDomains, notTrustDomains, ...addresses } = others;
  const { ipBlocks, notIpBlocks, remoteIpBlocks, notRemoteIpBlocks, ...rest } = addresses;
  nothingElse(rest);
  return [
    condition('principal', 'principals', principals, notPrincipals),
    condition('requestPrincipal', 'requestPrincipals', requestPrincipals, notRequestPrincipals),
    condition('serviceAccount', 'serviceAccounts', serviceAccounts, notServiceAccounts),
    condition('trustDomain', 'trustDomains', trustDomains, notTrustDomains),
    condition('namespace', 'namespaces', namespaces, notNamespaces),
    condition('remoteIp', 'remoteIpBlocks', remoteIpBlocks, notRemoteIpBlocks),
    condition('sourceIp', 'ipBlocks', ipBlocks, notIpBlocks),
  ];
}

function condition<A extends string>(
  attribute: A,
  key: string,
  values: readonly string[] = [],
  notValues: readonly string[] = [],
): AttributeCondition<A> {
  return { attribute, key, values, notValues };
}

function saysSomething({ values, notValues }: AttributeCondition<string>): boolean {
  return values.length > 0 || notValues.length > 0;
}
