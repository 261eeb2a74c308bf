import type { HTTPMatchRequest, HTTPRoute } from '../../api/istio.gen.ts';
import { formatField } from '../../diagnostics/format-field.ts';
import { policyPathRewritten } from '../../diagnostics/problems/routing.ts';
import type { Mesh } from '../../model/mesh.ts';
import type { Service } from '../../model/registry/service.ts';
import { policyAttaches } from '../../model/security/policies.ts';
import { MESH_GATEWAY } from '../../model/traffic/virtual-services.ts';
import type { ResourceOf } from '../../resource/resource.ts';
import { resourcesOf } from '../../resource/select.ts';
import { compileExpression, matchesWhole } from '../../util/re2.ts';
import { at } from '../subject.ts';
import type { Analyzer } from './support/analyzer.ts';
import { nameOfRule, type TrafficRule } from './support/traffic.ts';

/** Paths of policies that a rule rewrites before the workload sees them. */
export const rewrittenPolicyPaths: Analyzer = {
  name: 'mesh.authorizationpolicy.RewrittenPaths',
  about: 'Paths of AuthorizationPolicies that VirtualServices rewrite before the workload sees them',
  reads: ['AuthorizationPolicy', 'VirtualService'],
  codes: [policyPathRewritten.code],
  run: (reader, report) => {
    if (!reader.list('AuthorizationPolicy').some(({ spec }) => pathsOf(spec).length > 0)) return;
    const mesh = reader.mesh();
    const policies = resourcesOf(mesh.resources, 'AuthorizationPolicy').filter(({ spec }) => pathsOf(spec).length > 0);
    const traffic = reader.traffic();
    const rewriting = traffic.rules.flatMap((rule) => {
      const rewrites = rewritesOf(rule);
      const services =
        rewrites.length === 0 ? [] : rule.destinations.flatMap(({ destination }) => traffic.servicesOf(destination.host ?? ''));
      return services.filter((service) => !traffic.isGateway(service)).map((service) => ({ rule, rewrites, service }));
    });
    for (const policy of policies) {
      for (const { rule, rewrites, service } of rewriting) {
        if (!isFor(mesh, policy, service, rule)) continue;
        const found = pathsOf(policy.spec).flatMap(({ paths, path }) =>
          paths.flatMap((pattern, index) => {
            const seen = rewrites.map((rewrite) => escaped(pattern, paths, rewrite)).find((one) => one !== undefined);
            return seen === undefined ? [] : [{ pattern, path: [...path, index], seen }];
          }),
        );
        const [first] = found;
        if (first === undefined) continue;
        const subject = at(policy, first.path);
        report(
          policyPathRewritten(subject, formatField(first.path), first.pattern, nameOfRule(rule), service.hostname, first.seen),
        );
        break;
      }
    }
  },
};

/** The lists of paths of a policy, and where they stand. */
function pathsOf({ rules = [] }: ResourceOf<'AuthorizationPolicy'>['spec']): readonly {
  readonly paths: readonly string[];
  readonly path: readonly (string | number)[];
}[] {
  return rules.flatMap(({ to = [] }, rule) =>
    to.flatMap(({ operation }, index) => {
      const paths = operation?.paths ?? [];
      return paths.length === 0 ? [] : [{ paths, path: ['spec', 'rules', rule, 'to', index, 'operation', 'paths'] }];
    }),
  );
}

/** A rewrite of paths. */
interface Rewrite {
  /** What the paths begin with; empty where that is not known. */
  readonly from: string;
  matches(path: string): boolean;
  /** What becomes of a path. */
  rewritten(path: string): string;
}

/** Expressions of a uriRegexRewrite that are for whole paths: what `ReplaceFullPath` of the Gateway API becomes. */
const WHOLE_PATH: readonly string[] = ['/.*', '^/.*$', '.*', '^.*$'];

function rewritesOf({ list, rule }: TrafficRule): readonly Rewrite[] {
  const { match = [], rewrite }: Pick<HTTPRoute, 'rewrite'> & { readonly match?: readonly HTTPMatchRequest[] } = rule;
  if (list !== 'http' || rewrite === undefined) return [];
  const { match: expression = '', rewrite: replacement = '' } = rewrite.uriRegexRewrite ?? {};
  const isWhole = WHOLE_PATH.includes(expression) && !replacement.includes('\\');
  const to = rewrite.uri ?? (isWhole ? replacement : undefined);
  if (to === undefined) return [];
  return match.flatMap(({ uri }): Rewrite[] => {
    if (uri?.exact !== undefined) {
      const { exact } = uri;
      return [{ from: exact, matches: (path) => path === exact, rewritten: () => to }];
    }
    if (uri?.regex !== undefined) {
      const { regex } = uri;
      return [{ from: '', matches: (path) => matchesWhole(regex, path, compileExpression), rewritten: () => to }];
    }
    const { prefix } = uri ?? {};
    if (prefix === undefined) return [];
    const matches = (path: string): boolean => path.startsWith(prefix);
    return [{ from: prefix, matches, rewritten: (path) => (isWhole ? to : to + path.slice(prefix.length)) }];
  });
}

/** What a path of a policy becomes that is rewritten to what no path beside it is for; undefined where the policy sees it. */
function escaped(pattern: string, beside: readonly string[], { from, matches, rewritten }: Rewrite): string | undefined {
  // Suffixes, templates and single wildcards are for too much to say.
  if (pattern.startsWith('*') || pattern.includes('{')) return undefined;
  const start = pattern.endsWith('*') ? pattern.slice(0, -1) : pattern;
  // A wider prefix of the policy is for the whole of what is rewritten.
  const isAround = pattern.endsWith('*') && from !== '' && from.startsWith(start);
  if (!matches(start) && !isAround) return undefined;
  const seen = matches(start) ? rewritten(start) : rewritten(from);
  return isForAny(beside, seen) ? undefined : seen;
}

/** Whether a path is one that some of these patterns are for, or may be for. */
function isForAny(patterns: readonly string[], seen: string): boolean {
  return patterns.some((one) => {
    if (one.startsWith('*')) return one === '*' || seen.endsWith(one.slice(1));
    return one.endsWith('*') ? seen.startsWith(one.slice(0, -1)) : one.includes('{') || seen === one;
  });
}

/** Whether a policy is judged at the workloads of a service, behind the proxy that follows the rule. */
function isFor(
  { registry, rootNamespace, release }: Mesh,
  policy: ResourceOf<'AuthorizationPolicy'>,
  service: Service,
  { gateways }: TrafficRule,
): boolean {
  const isForAll = policy.namespace === rootNamespace;
  if (!isForAll && policy.namespace !== service.namespace) return false;
  // One for the whole mesh is judged at gateways too, before they rewrite.
  if (isForAll && policy.spec.selector === undefined && !gateways.includes(MESH_GATEWAY)) return false;
  return service.ports.some((port) =>
    registry
      .endpointsOf(service, port)
      .some(
        ({ namespace, labels, tlsMode }) =>
          tlsMode === 'istio' && policyAttaches(policy.spec, policy.namespace, { namespace, labels }, release.behaviours),
      ),
  );
}
