import type { Diagnostic } from '../../diagnostics/diagnostic.ts';
import { gatewayKindNotSupported } from '../../diagnostics/problems/gateway-api.ts';
import { missingField, noMatch, notAnObject, versionNotServed } from '../../diagnostics/problems/objects.ts';
import { pathNeverMatches } from '../../diagnostics/problems/policies.ts';
import { policyRuleIdle, policyRuleRefused } from '../../diagnostics/problems/policy-effects.ts';
import { valueRefused } from '../../diagnostics/problems/refusals.ts';
import { matchFitsNothing, routeShadowed } from '../../diagnostics/problems/virtual-services.ts';

/**
 * Whether a finding says less of the same mistake than one of the others: Envoy's refusal of a field, where something inside of the
 * field is named with what is wrong about it.
 */
export function isToldBy(finding: Diagnostic, others: readonly Diagnostic[]): boolean {
  if (finding.code !== valueRefused.code) return false;
  const { resource, path = [] } = finding;
  return others.some(
    (other) =>
      other.resource?.kind === resource?.kind &&
      other.resource?.namespace === resource?.namespace &&
      other.resource?.name === resource?.name &&
      path.every((key, index) => other.path?.[index] === key),
  );
}

/** Findings at whose place no other is of their code: such a one says the same in other words. */
export function untold(findings: readonly Diagnostic[], others: readonly Diagnostic[]): readonly Diagnostic[] {
  const told = new Set(others.map(keyOf));
  return findings.filter((finding) => !told.has(keyOf(finding)));
}

/** Without errors at fields of which something else is said: two layers that refuse one field are one mistake. */
export function saidOnce(findings: readonly Diagnostic[], others: readonly Diagnostic[]): readonly Diagnostic[] {
  const told = new Set(others.filter(({ severity }) => severity !== 'info').map(fieldOf));
  const missing = new Set(others.filter(({ code }) => code === missingField.code).map(missedFieldOf));
  return findings.filter(
    (finding) => finding.severity !== 'error' || !(told.has(fieldOf(finding)) || missing.has(requiredFieldOf(finding))),
  );
}

/** A field that is not there stands at the place of what it is missing from, which the API server names too. */
function missedFieldOf({ location, message }: Pick<Diagnostic, 'location' | 'message'>): string {
  return JSON.stringify([location?.file, location?.line, location?.column, message]);
}

function requiredFieldOf({ location, apiServer }: Diagnostic): string {
  if (apiServer?.field === undefined || !apiServer.message.startsWith('Required value')) return '';
  const { message } = missingField({}, apiServer.field);
  return missedFieldOf(location === undefined ? { message } : { location, message });
}

/** Codes of what says that an object is passed over, since no cluster has its kind. */
const overlooked: readonly string[] = [notAnObject, versionNotServed].map(({ code }) => code);

/** Without notes that an object is passed over whose kind or version is refused, which says why. */
export function withoutRefusedKinds(findings: readonly Diagnostic[], refusals: readonly Diagnostic[]): readonly Diagnostic[] {
  const noMatches = refusals.filter(({ code }) => code === noMatch.code);
  if (noMatches.length === 0) return findings;
  const refused = new Set(noMatches.map(placeOf));
  const told = new Set(noMatches.filter(({ severity }) => severity !== 'info').map(placeOf));
  return findings.filter(
    (finding) =>
      !(overlooked.includes(finding.code) && refused.has(placeOf(finding))) &&
      !(finding.code === gatewayKindNotSupported.code && told.has(placeOf(finding))),
  );
}

function placeOf({ location }: Diagnostic): string {
  return `${location?.file}:${location?.line}`;
}

function fieldOf({ location, path }: Diagnostic): string {
  return JSON.stringify([location?.file, location?.line, location?.column, path]);
}

function keyOf({ code, location, path }: Diagnostic): string {
  return JSON.stringify([code, location?.file, location?.line, location?.column, path]);
}

/** Codes of rules that no request takes. */
const idle: readonly string[] = [matchFitsNothing, routeShadowed, policyRuleIdle, policyRuleRefused].map(({ code }) => code);

/** Without rules that no request takes where something else says what is wrong with them, or with the resource as a whole. */
export function withoutToldRules(findings: readonly Diagnostic[], others: readonly Diagnostic[]): readonly Diagnostic[] {
  const telling = others.filter(({ severity, code }) => severity !== 'info' || code === pathNeverMatches.code);
  return findings.filter(
    ({ code, resource, path = [] }) =>
      !idle.includes(code) ||
      !telling.some(
        (other) =>
          other.resource?.kind === resource?.kind &&
          other.resource?.namespace === resource?.namespace &&
          other.resource?.name === resource?.name &&
          path.every((key, index) => other.path?.[index] === key),
      ),
  );
}
