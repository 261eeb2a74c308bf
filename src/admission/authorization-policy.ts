import type { AuthorizationPolicy, Condition, Operation, Rule, Source } from '../api/istio.gen.ts';
import type { Path } from '../diagnostics/diagnostic.ts';
import type { Behaviours } from '../releases/release.ts';
import type { ResourceOf } from '../resource/resource.ts';
import {
  addressProblems,
  attributeProblem,
  emptyValueProblem,
  pathTemplateProblem,
  portProblems,
  serviceAccountProblem,
  trustDomainProblem,
} from './authorization-values.ts';
import { error, errorIf, type Findings, warning } from './finding.ts';
import { checkAttachment } from './references.ts';

/**
 * An AuthorizationPolicy; istio pkg/config/validation/validation.go ValidateAuthorizationPolicy. Each error of Istio's begins with
 * the name of the policy.
 */
export function* checkAuthorizationPolicy(resource: ResourceOf<'AuthorizationPolicy'>, behaviours: Behaviours): Findings {
  const prefix = `invalid policy ${resource.name}.${resource.namespace}:`;
  for (const finding of checkPolicy(resource.spec, behaviours))
    yield finding.severity === 'error' ? { ...finding, istio: `${prefix} ${finding.istio}` } : finding;
}

function* checkPolicy(spec: AuthorizationPolicy, behaviours: Behaviours): Findings {
  const { action = 'ALLOW', rules = [], provider } = spec;
  yield* checkAttachment(spec);
  const path = ['spec', 'rules'];
  if (action === 'CUSTOM' && rules.length > 0 && (provider?.name ?? '') === '')
    yield error(['spec', 'provider', 'name'], '`provider.name` must not be empty');
  if (action === 'CUSTOM') for (const [index, rule] of rules.entries()) yield* checkCustomRule([...path, index], rule);
  if (provider !== undefined && action !== 'CUSTOM')
    yield error(['spec', 'provider'], `\`provider\` must not be with non CUSTOM action, found ${action}`);
  if ((action === 'CUSTOM' || action === 'DENY') && rules.length === 0) {
    const meaningless = `${action} action without \`rules\` is meaningless as it will never be triggered`;
    yield error(path, `${meaningless}, add an empty rule \`{}\` if you want it be triggered for every request`);
  }
  for (const [index, rule] of rules.entries()) yield* checkRule([...path, index], rule, index, behaviours);
  if (action === 'DENY')
    for (const [index, rule] of rules.entries())
      if (deniesAllConnections(rule))
        yield warning(
          [...path, index],
          'configured AuthorizationPolicy will deny all traffic to TCP ports under its scope due to the use of only HTTP attributes in a DENY rule; it is recommended to explicitly specify the port',
        );
}

/** Who sends a request is not known yet when an external server is asked. */
const unknownToCustom = [
  ['namespaces', 'Namespaces'],
  ['notNamespaces', 'NotNamespaces'],
  ['serviceAccounts', 'ServiceAccounts'],
  ['notServiceAccounts', 'NotServiceAccounts'],
  ['trustDomains', 'TrustDomains'],
  ['notTrustDomains', 'NotTrustDomains'],
  ['principals', 'Principals'],
  ['notPrincipals', 'NotPrincipals'],
  ['requestPrincipals', 'RequestPrincipals'],
  ['notRequestPrincipals', 'NotRequestPrincipals'],
] as const;

const unknownKeys = ['source.namespace', 'source.serviceAccount', 'source.trustDomain', 'source.principal'];

function* checkCustomRule(path: Path, { from = [], when = [] }: Rule): Findings {
  for (const [index, { source }] of from.entries())
    for (const [field, words] of unknownToCustom)
      if ((source?.[field] ?? []).length > 0)
        yield error([...path, 'from', index, 'source', field], `From.${words} is currently not supported with CUSTOM action`);
  for (const [index, { key = '' }] of when.entries())
    if (unknownKeys.includes(key) || key.startsWith('request.auth.'))
      yield error([...path, 'when', index, 'key'], `${key} is currently not supported with CUSTOM action`);
}

function* checkRule(path: Path, { from = [], to = [], when = [] }: Rule, rule: number, behaviours: Behaviours): Findings {
  for (const [index, { source }] of from.entries()) {
    const at = [...path, 'from', index, 'source'];
    if (source === undefined) yield error(at, `\`from.source\` must not be nil, found at rule ${rule}`);
    else yield* checkSource(at, source, rule);
  }
  for (const [index, { operation }] of to.entries()) {
    const at = [...path, 'to', index, 'operation'];
    if (operation === undefined) yield error(at, `\`to.operation\` must not be nil, found at rule ${rule}`);
    else yield* checkOperation(at, operation, rule);
  }
  for (const [index, condition] of when.entries()) yield* checkCondition([...path, 'when', index], condition, behaviours);
}

/** Each field of a source: its name in Istio's messages, and the rule for its values. */
const sourceFields = [
  ['principals', 'Principals', emptyValueProblem],
  ['requestPrincipals', 'RequestPrincipals', emptyValueProblem],
  ['namespaces', 'Namespaces', emptyValueProblem],
  ['serviceAccounts', 'ServiceAccounts', serviceAccountProblem],
  ['trustDomains', 'TrustDomains', trustDomainProblem],
  ['ipBlocks', 'IpBlocks', emptyValueProblem],
  ['remoteIpBlocks', 'RemoteIpBlocks', emptyValueProblem],
  ['notPrincipals', 'NotPrincipals', emptyValueProblem],
  ['notRequestPrincipals', 'NotRequestPrincipals', emptyValueProblem],
  ['notNamespaces', 'NotNamespaces', emptyValueProblem],
  ['notServiceAccounts', 'NotServiceAccounts', serviceAccountProblem],
  ['notTrustDomains', 'NotTrustDomains', trustDomainProblem],
  ['notIpBlocks', 'NotIpBlocks', emptyValueProblem],
  ['notRemoteIpBlocks', 'NotRemoteIpBlocks', emptyValueProblem],
] as const;

function isSet(values: readonly string[] | undefined): boolean {
  return values !== undefined && values.length > 0;
}

function* checkSource(path: Path, source: Source, rule: number): Findings {
  const identifies = [source.principals, source.notPrincipals, source.namespaces, source.notNamespaces].some(isSet);
  const accounts = isSet(source.serviceAccounts) ? 'serviceAccounts' : 'notServiceAccounts';
  if (identifies && isSet(source[accounts]))
    yield error([...path, accounts], `cannot set serviceAccounts with namespaces or principals, found at rule ${rule}`);
  if (!sourceFields.some(([field]) => isSet(source[field])))
    yield error(path, `\`from.source\` must not be empty, found at rule ${rule}`);
  for (const field of ['ipBlocks', 'notIpBlocks', 'remoteIpBlocks', 'notRemoteIpBlocks'] as const)
    for (const [index, problem] of addressProblems(source[field] ?? [])) yield error([...path, field, index], problem);
  for (const [field, words, problemOf] of sourceFields) {
    yield* errorIf([...path, field], problemOf(words, source[field] ?? []));
  }
}

const operationFields = [
  ['ports', 'Ports'],
  ['methods', 'Methods'],
  ['paths', 'Paths'],
  ['hosts', 'Hosts'],
  ['notPorts', 'NotPorts'],
  ['notMethods', 'NotMethods'],
  ['notPaths', 'NotPaths'],
  ['notHosts', 'NotHosts'],
] as const;

function* checkOperation(path: Path, operation: Operation, rule: number): Findings {
  if (!operationFields.some(([field]) => isSet(operation[field])))
    yield error(path, `\`to.operation\` must not be empty, found at rule ${rule}`);
  for (const field of ['ports', 'notPorts'] as const)
    for (const [index, problem] of portProblems(operation[field] ?? [])) yield error([...path, field, index], problem);
  for (const [field, words] of operationFields) {
    yield* errorIf([...path, field], emptyValueProblem(words, operation[field] ?? []));
  }
  yield* errorIf([...path, 'paths'], pathTemplateProblem('Paths', operation.paths ?? []));
  yield* errorIf([...path, 'notPaths'], pathTemplateProblem('NotPaths', operation.notPaths ?? []));
}

function* checkCondition(path: Path, { key = '', values = [], notValues = [] }: Condition, behaviours: Behaviours): Findings {
  if (key === '') {
    yield error([...path, 'key'], '`key` must not be empty');
    return;
  }
  if (values.length === 0 && notValues.length === 0) {
    yield error(path, `at least one of \`values\` or \`notValues\` must be set for key ${key}`);
    return;
  }
  for (const [field, words, list] of [
    ['values', 'value', values],
    ['notValues', 'notValue', notValues],
  ] as const) {
    const problem = attributeProblem(key, list, behaviours);
    if (problem === undefined) continue;
    const at = list.length === 0 ? [...path, 'key'] : [...path, field];
    yield error(at, `invalid \`${words}\` for \`key\` ${key}: ${problem}`);
  }
}

/** What a source can say of connections that carry no requests. */
const connectionFields = [
  'notPrincipals',
  'principals',
  'ipBlocks',
  'notIpBlocks',
  'namespaces',
  'notNamespaces',
  'remoteIpBlocks',
  'notRemoteIpBlocks',
  'serviceAccounts',
  'notServiceAccounts',
] as const;

/** Whether all that a rule says is of requests: of connections, nothing is left of it but that they are denied. */
function deniesAllConnections({ from = [], to = [] }: Rule): boolean {
  const sources = from.flatMap(({ source }) => source ?? []);
  const operations = to.flatMap(({ operation }) => operation ?? []);
  if (operations.length > 0) return !operations.some(({ ports, notPorts }) => isSet(ports) || isSet(notPorts));
  return sources.length > 0 && !sources.some((source) => connectionFields.some((field) => isSet(source[field])));
}
