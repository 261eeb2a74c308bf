import { lackWords } from '../../diagnostics/connection-words.ts';
import type { Diagnostic, Path, ResourceRef } from '../../diagnostics/diagnostic.ts';
import { formatField, formatOrigin } from '../../diagnostics/format-field.ts';
import type { Subject } from '../../diagnostics/problem.ts';
import { listenerNotProgrammed } from '../../diagnostics/problems/gateway-api.ts';
import { policyRuleIdle, policyRuleRefused } from '../../diagnostics/problems/policy-effects.ts';
import { matchFitsNothing, routeShadowed } from '../../diagnostics/problems/virtual-services.ts';
import { type RuleAtPlace, type RuleWatch, type UnreachableRule, watchRules } from '../../exploration/unreachable-rules.ts';
import type { Mesh } from '../../model/mesh.ts';
import { writtenAddresses } from '../../model/registry/written-addresses.ts';
import type { Resource } from '../../resource/resource.ts';
import { resourcesOf } from '../../resource/select.ts';
import { assertNever } from '../../util/assert.ts';
import { memo } from '../../util/memo.ts';
import { nearest } from '../../util/nearest.ts';
import type { Origin } from '../../util/origin.ts';
import { at } from '../subject.ts';
import { createOriginFinder } from './origins.ts';

const NO_SUCH_REQUEST =
  'its conditions exclude each other, or one asks for what no request has (a path begins with a slash, and ends before the query)';

const ROUTES: ReadonlySet<string> = new Set(['VirtualService', 'HTTPRoute', 'GRPCRoute', 'Ingress']);

/** Whether what users have written about connections makes a filter chain by itself; Services and ServiceEntries get theirs anyway. */
function makesChain({ resource: { kind }, path }: Origin): boolean {
  return kind === 'Gateway' || kind === 'EnvoyFilter' || (kind === 'VirtualService' && (path[1] === 'tcp' || path[1] === 'tls'));
}

/** Watches the rules that users have written for those that no request takes in any proxy. */
export function watchWrittenRules(mesh: Mesh): RuleWatch {
  // Ztunnels ask for some policies, too, and nobody looks there.
  const atZtunnels = new Set(
    mesh.ambient?.policies.flatMap(({ authorization, resource }) => (authorization === undefined ? [] : [keyOf(resource)])),
  );
  const written = memo(writtenAddresses);
  return watchRules({
    isAsked(kind, origin) {
      const { resource, path } = origin;
      if (kind === 'filter chain') return makesChain(origin);
      if (kind === 'route') return ROUTES.has(resource.kind);
      // A policy without rules is meant to fit nothing.
      return resource.kind === 'AuthorizationPolicy' && path.length > 1 && !atZtunnels.has(keyOf(resource));
    },
    areSamePoliciesTold: false,
    isKnownAddress: (ip) => written(mesh).has(ip),
  });
}

/**
 * The rules that no request takes, as findings. Of rules of VirtualServices that hide each other analyzers tell. Where an input is partial,
 * proxies that are not in it may take a rule, unless it excludes itself.
 */
export function unreachableFindings(watch: RuleWatch, mesh: Mesh, isPartial: boolean): readonly Diagnostic[] {
  const { place } = createOriginFinder(mesh);
  const unserved = new Set(
    mesh.notes.flatMap(({ code, resource }) => (code === listenerNotProgrammed.code && resource ? [keyOf(resource)] : [])),
  );
  const reached = watch.reached();
  return [...watch.unreachable().values()].flatMap((rule) => {
    // At sidecars a rule makes chains, at gateways each of its matches does.
    if (rule.kind === 'filter chain' && reached.some((origin) => areOfOneRule(origin, rule.origin))) return [];
    const found = place(rule.origin);
    if (found === undefined || (isPartial && rule.because !== 'excludes itself')) return [];
    // At a listener that is left out, of which something else tells, it might be the only one.
    if (rule.because === 'taken' && parentsOf(found.resource).some((parent) => unserved.has(parent))) return [];
    const subject = at(found.resource, found.path);
    const issuers = (path: Path): string => nearIssuers(mesh, found.resource, path);
    return findingOf(rule, subject, issuers) ?? [];
  });
}

function findingOf(rule: UnreachableRule, subject: Subject, issuers: (path: Path) => string): Diagnostic | undefined {
  switch (rule.kind) {
    case 'policy':
      return policyFinding(rule, subject, issuers);
    case 'route':
      return routeFinding(rule, subject);
    case 'filter chain':
      return chainFinding(rule, subject);
    default:
      return assertNever(rule.kind);
  }
}

/** Whether one of two fields is the other, or in it. */
function areOfOneRule(a: Origin, b: Origin): boolean {
  const { kind, namespace, name } = a.resource;
  const isOfOne = kind === b.resource.kind && namespace === b.resource.namespace && name === b.resource.name;
  const length = Math.min(a.path.length, b.path.length);
  return isOfOne && a.path.slice(0, length).join('.') === b.path.slice(0, length).join('.');
}

function chainFinding({ origin: { path }, because, by, lacks }: UnreachableRule, subject: Subject): Diagnostic | undefined {
  const field = formatField(path);
  switch (because) {
    case 'excludes itself':
      return matchFitsNothing(subject, field, 'what it asks of connections excludes itself', 'connection');
    case 'comes from nowhere':
      return matchFitsNothing(subject, field, lackWords(lacks), 'connection');
    case 'taken':
      return routeShadowed(subject, field, namesOf(by), 'connection');
    case 'led away':
      return routeShadowed(subject, field, namesOf(by), 'connection that is led away');
    case 'no token':
    case 'refused':
    case 'no connection':
      return undefined;
    default:
      return assertNever(because);
  }
}

/** What a route of the Gateway API is attached to. */
function parentsOf(route: Resource): readonly string[] {
  if (route.kind !== 'HTTPRoute' && route.kind !== 'GRPCRoute') return [];
  return (route.spec.parentRefs ?? []).map(({ name = '', namespace = route.namespace }) => keyOf({ namespace, name }));
}

function keyOf({ namespace, name }: Pick<ResourceRef, 'namespace' | 'name'>): string {
  return `${namespace}/${name}`;
}

function routeFinding({ origin: { resource, path }, because, by }: UnreachableRule, subject: Subject): Diagnostic | undefined {
  const field = formatField(path);
  switch (because) {
    case 'excludes itself':
      return matchFitsNothing(subject, field, NO_SUCH_REQUEST, 'request');
    case 'comes from nowhere':
      return matchFitsNothing(subject, field, 'it asks for an authority that none of the hosts is', 'request');
    case 'taken':
      return resource.kind === 'VirtualService' ? undefined : routeShadowed(subject, field, namesOf(by), 'request');
    case 'no token':
    case 'refused':
    case 'led away':
    // Of the filter chain there is a finding.
    case 'no connection':
      return undefined;
    default:
      return assertNever(because);
  }
}

function policyFinding(
  { origin: { path }, because, by }: UnreachableRule,
  subject: Subject,
  issuers: (path: Path) => string,
): Diagnostic | undefined {
  const field = formatField(path);
  switch (because) {
    case 'excludes itself':
      return policyRuleIdle(subject, field, 'what it asks for excludes itself', 'correct it, or remove it');
    case 'comes from nowhere':
      return policyRuleIdle(
        subject,
        field,
        'none of the connections to what the policy selects is as it asks (port, mutual TLS with an identity)',
        'ask for what they have, or change the PeerAuthentication or the server',
      );
    case 'no token':
      return policyRuleIdle(
        subject,
        field,
        `it asks for a token, and no RequestAuthentication accepts such a one there${issuers(path)}`,
        'add a RequestAuthentication with the issuer for the same workloads',
      );
    case 'refused':
      return policyRuleRefused(subject, field, namesOf(by));
    case 'taken':
    case 'led away':
    case 'no connection':
      return undefined;
    default:
      return assertNever(because);
  }
}

/** Issuers like the ones that a rule of a policy asks for, such as without a slash at the end, in words that follow; empty without any. */
function nearIssuers(mesh: Mesh, policy: Resource, path: Path): string {
  if (policy.kind !== 'AuthorizationPolicy') return '';
  const rule = policy.spec.rules?.[Number(path[2])];
  const asked = (rule?.from ?? []).flatMap(({ source }) => source?.requestPrincipals ?? []);
  const accepted = resourcesOf(mesh.resources, 'RequestAuthentication')
    .filter(({ namespace }) => namespace === policy.namespace || namespace === mesh.rootNamespace)
    .flatMap(({ spec, namespace, name }) =>
      (spec.jwtRules ?? []).map(({ issuer = '' }) => ({ issuer, owner: `${namespace}/${name}` })),
    );
  for (const principal of asked) {
    const slash = principal.lastIndexOf('/');
    const issuer = slash === -1 ? principal : principal.slice(0, slash);
    const meant = nearest(
      issuer,
      accepted.map((one) => one.issuer).filter((one) => one !== issuer),
    );
    const found = accepted.find((one) => one.issuer === meant);
    if (found === undefined) continue;
    return ` (of issuer "${issuer}"; RequestAuthentication ${found.owner} accepts "${found.issuer}", whose principals begin with "${found.issuer}/")`;
  }
  return '';
}

/** The rules by resource and field. */
function namesOf(rules: readonly RuleAtPlace[]): readonly string[] {
  return [...new Set(rules.map(({ name, origin }) => (origin === undefined ? name : formatOrigin(origin))))];
}
