import type { Operation } from '../../api/istio.gen.ts';
import type { Path, Report } from '../../diagnostics/diagnostic.ts';
import { formatField } from '../../diagnostics/format-field.ts';
import {
  allowsNothing,
  hostWithoutPort,
  methodCase,
  pathNeverMatches,
  ruleMatchesNobody,
} from '../../diagnostics/problems/policies.ts';
import type { ResourceOf } from '../../resource/resource.ts';
import { at } from '../subject.ts';
import type { Analyzer } from './support/analyzer.ts';

/** Operations of AuthorizationPolicies that no request has. */
export const authorizationOperations: Analyzer = {
  name: 'mesh.authorizationpolicy.Operations',
  about: 'Methods, paths and hosts in AuthorizationPolicies that match no request, or fewer than they seem to',
  reads: ['AuthorizationPolicy'],
  codes: [methodCase.code, pathNeverMatches.code, hostWithoutPort.code, allowsNothing.code, ruleMatchesNobody.code],
  run: (reader, report) => {
    for (const policy of reader.list('AuthorizationPolicy')) {
      const { rules = [], action = 'ALLOW' } = policy.spec;
      if (action === 'ALLOW' && rules.length === 0) report(allowsNothing(at(policy, ['spec'])));
      rules.forEach((rule, i) => {
        (rule.to ?? []).forEach(({ operation = {} }, j) => {
          checkOperation(policy, operation, ['spec', 'rules', i, 'to', j, 'operation'], report);
        });
        for (const [j, { key, values = [], notValues = [] }] of (rule.when ?? []).entries()) {
          if (values.length === 0 || !values.every((value) => notValues.includes(value))) continue;
          const path = ['spec', 'rules', i, 'when', j];
          report(ruleMatchesNobody(at(policy, path), formatField(path), `all values of ${key} are among its notValues`));
        }
      });
    }
  },
};

function checkOperation(policy: ResourceOf<'AuthorizationPolicy'>, operation: Operation, path: Path, report: Report): void {
  const each = (member: keyof Operation, check: (value: string, field: string, path: Path) => void): void => {
    (operation[member] ?? []).forEach((value, index) => {
      const place = [...path, member, index];
      check(value, formatField(place), place);
    });
  };
  for (const member of ['methods', 'notMethods'] as const) {
    each(member, (value, field, place) => {
      const upper = value.toUpperCase();
      if (value !== upper && knownMethods.has(upper.replace(/^\*|\*$/g, ''))) {
        report(methodCase(at(policy, place), field, value, upper));
      }
    });
  }
  for (const member of ['paths', 'notPaths'] as const) {
    each(member, (value, field, place) => {
      const reason = pathProblem(value);
      if (reason !== undefined) report(pathNeverMatches(at(policy, place), field, value, reason));
    });
  }
  if (policy.spec.action === 'DENY') {
    const hosts = operation.hosts ?? [];
    each('hosts', (value, field, place) => {
      if (value.includes('*') || value.includes(':') || hosts.includes(`${value}:*`) || hosts.includes(`${value}*`)) return;
      report(hostWithoutPort(at(policy, place), field, value));
    });
  }
  for (const [wanted, excluded] of opposites) {
    const values = operation[wanted] ?? [];
    if (values.length === 0 || !values.every((value) => operation[excluded]?.includes(value))) continue;
    report(ruleMatchesNobody(at(policy, path), formatField(path), `all of its ${wanted} are among its ${excluded}`));
  }
}

const opposites = [
  ['hosts', 'notHosts'],
  ['ports', 'notPorts'],
  ['methods', 'notMethods'],
  ['paths', 'notPaths'],
] as const;

const knownMethods: ReadonlySet<string> = new Set([
  'GET',
  'HEAD',
  'POST',
  'PUT',
  'PATCH',
  'DELETE',
  'OPTIONS',
  'TRACE',
  'CONNECT',
]);

/**
 * Why a path matches no request, or not what it seems to. A star counts at the beginning or the end alone; paths are compared
 * without the query; `{*}` and `{**}` stand for whole segments (istio authz model generator.go pathGenerator, Envoy uri_template).
 */
function pathProblem(path: string): string | undefined {
  const isTemplate = /\{\*\*?\}/.test(path);
  if (!path.startsWith('/') && !path.startsWith('*')) {
    if (/^https?:\/\//.test(path)) return 'matches no request, because a path has no scheme and no host; write the path alone';
    return `matches no request, because every path begins with a slash; write "/${path}"`;
  }
  if (path.includes('?')) return 'matches no request, because paths are compared without the query; end it before the "?"';
  if (path.includes('#')) return 'matches no request, because a fragment never reaches a server; end it before the "#"';
  if (isTemplate) return undefined;
  const inner = path.startsWith('*') ? path.slice(1) : path.endsWith('*') ? path.slice(0, -1) : path;
  if (!inner.includes('*')) return undefined;
  if (path.startsWith('*') && path.endsWith('*')) {
    return 'has a "*" at both ends, of which only the first is a wildcard, so that the path must end with a "*"; use the template operators {*} and {**}';
  }
  return 'has a "*" inside, where it is an ordinary character; use the template operators {*} for one segment and {**} for several';
}
