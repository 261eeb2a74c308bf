import type { Diagnostic } from '../../diagnostics/diagnostic.ts';
import { formatField } from '../../diagnostics/format-field.ts';
import type { Subject } from '../../diagnostics/problem.ts';
import { policyRuleIdle, policyRuleRefused } from '../../diagnostics/problems/policy-effects.ts';
import { matchFitsNothing, routeShadowed } from '../../diagnostics/problems/virtual-services.ts';
import { type RuleAtPlace, type RuleWatch, type UnreachableRule, watchRules } from '../../exploration/unreachable-rules.ts';
import type { Mesh } from '../../model/mesh.ts';
import { assertNever } from '../../util/assert.ts';
import { at } from '../subject.ts';
import { createOriginFinder } from './origins.ts';

const ROUTES: ReadonlySet<string> = new Set(['VirtualService', 'HTTPRoute', 'GRPCRoute', 'Ingress']);

/** Watches the rules that users have written for those that no request takes in any proxy. */
export function watchWrittenRules(mesh: Mesh): RuleWatch {
  // Ztunnels ask for some policies, too, and nobody looks there.
  const atZtunnels = new Set(
    mesh.ambient?.policies.flatMap(({ authorization, resource }) =>
      authorization === undefined ? [] : [`${resource.namespace}/${resource.name}`],
    ),
  );
  return watchRules({
    isAsked(kind, { resource, path }) {
      if (kind === 'route') return ROUTES.has(resource.kind);
      // A policy without rules is meant to fit nothing.
      return (
        resource.kind === 'AuthorizationPolicy' && path.length > 1 && !atZtunnels.has(`${resource.namespace}/${resource.name}`)
      );
    },
    areSamePoliciesTold: false,
  });
}

/** The rules that no request takes, as findings. Of rules of VirtualServices that hide each other analyzers tell. */
export function unreachableFindings(watch: RuleWatch, mesh: Mesh): readonly Diagnostic[] {
  const { place } = createOriginFinder(mesh);
  return [...watch.unreachable().values()].flatMap((rule) => {
    const found = place(rule.origin);
    if (found === undefined) return [];
    const subject = at(found.resource, found.path);
    const finding = rule.kind === 'policy' ? policyFinding(rule, subject) : routeFinding(rule, subject);
    return finding ?? [];
  });
}

function routeFinding({ origin: { resource, path }, because, by }: UnreachableRule, subject: Subject): Diagnostic | undefined {
  const field = formatField(path);
  switch (because) {
    case 'excludes itself':
      return matchFitsNothing(subject, field, 'its conditions exclude each other');
    case 'comes from nowhere':
      return matchFitsNothing(subject, field, 'it asks for an authority that none of the hosts is');
    case 'taken':
      return resource.kind === 'VirtualService' ? undefined : routeShadowed(subject, field, namesOf(by));
    case 'no token':
    case 'refused':
      return undefined;
    default:
      return assertNever(because);
  }
}

function policyFinding({ origin: { path }, because, by }: UnreachableRule, subject: Subject): Diagnostic | undefined {
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
        'it asks for a token, and no RequestAuthentication accepts such a one there',
        'add a RequestAuthentication with the issuer for the same workloads',
      );
    case 'refused':
      return policyRuleRefused(subject, field, namesOf(by));
    case 'taken':
      return undefined;
    default:
      return assertNever(because);
  }
}

/** The rules by resource and field. */
function namesOf(rules: readonly RuleAtPlace[]): readonly string[] {
  const names = rules.map(({ name, origin }) => {
    if (origin === undefined) return name;
    const { kind, namespace, name: of } = origin.resource;
    return `${formatField(origin.path)} of ${kind} ${namespace}/${of}`;
  });
  return [...new Set(names)];
}
