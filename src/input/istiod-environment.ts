import type { Diagnostic, Report } from '../diagnostics/diagnostic.ts';
import type { Subject } from '../diagnostics/problem.ts';
import {
  compatibilityUnknown,
  environmentUsed,
  variableNotComputed,
  variableUnknown,
  variableUnreadable,
  variableWithoutEffect,
} from '../diagnostics/problems/istiod.ts';
import { usageError } from '../diagnostics/user-error.ts';
import type { EnvironmentRemark } from '../releases/environment/environment.ts';
import type { Release } from '../releases/release.ts';
import type { SourceDocument } from '../source/document.ts';
import { assertNever } from '../util/assert.ts';
import { parseGoBoolean } from '../util/go-boolean.ts';
import { goQuote } from '../util/go-format.ts';
import { own } from '../util/object.ts';
import { controlPlaneOf, mayTellOfIstiod, type WrittenControlPlane, type WrittenVariable } from './control-plane.ts';

/** What users say of the istiod that they mean, beside what the manifests hold. */
export interface IstiodSettings {
  /** Of mesh.config.yaml. */
  readonly configured: readonly WrittenVariable[];
  /** Of flags; these win. */
  readonly flags: readonly WrittenVariable[];
  readonly compatibilityVersion: string | undefined;
}

/** Reads `NAME=VALUE` of a flag; a text without a name is a mistake of usage. */
export function readVariable(text: string): WrittenVariable {
  const equals = text.indexOf('=');
  if (equals < 1) throw usageError(`--istiod-env ${goQuote(text)}: write NAME=VALUE`);
  return { name: text.slice(0, equals), value: text.slice(equals + 1), path: [] };
}

/** The variable that puts istiod into ambient mode. */
export const ENABLE_AMBIENT = 'PILOT_ENABLE_AMBIENT';

/** A variable where it is written last; undefined where nobody does. */
export function variableOf(
  name: string,
  settings: IstiodSettings,
  documents: readonly SourceDocument[],
): WrittenVariable | undefined {
  return saysNothing(settings, documents) ? undefined : layers(controlPlaneOf(documents), settings).get(name);
}

/** Whether a variable is what a flag or mesh.config.yaml says, rather than a manifest. */
export function isSaidByUser(variable: WrittenVariable, { configured, flags }: IstiodSettings): boolean {
  return flags.includes(variable) || configured.includes(variable);
}

/** Whether anybody could have said anything of istiod's environment: else nothing of it is loaded. */
function saysNothing({ configured, flags, compatibilityVersion }: IstiodSettings, documents: readonly SourceDocument[]): boolean {
  return configured.length === 0 && flags.length === 0 && compatibilityVersion === undefined && !documents.some(mayTellOfIstiod);
}

/**
 * The release in the environment that flags, mesh.config.yaml and an istiod among the manifests say, in this order. What is in effect
 * of the manifests, and what has no effect, is reported. Whether it is in ambient mode is decided by more than its environment: what
 * is given goes before what that says.
 */
export async function releaseInEnvironment(
  release: Release,
  settings: IstiodSettings,
  documents: readonly SourceDocument[],
  report: Report,
  isAmbient?: boolean,
): Promise<Release> {
  if (saysNothing(settings, documents)) {
    return isAmbient === true ? { ...release, behaviours: { ...release.behaviours, enableAmbient: true } } : release;
  }
  const [{ inEnvironment }, { compatibilityProfile, compatibilityVersions }] = await Promise.all([
    import('../releases/environment/environment.ts'),
    import('../releases/environment/compatibility.ts'),
  ]);
  const plane = controlPlaneOf(documents);
  const known = compatibilityVersions(release).join(', ');
  const profileOf = (): Readonly<Record<string, string>> => {
    const { compatibilityVersion: asked } = settings;
    const written = plane?.compatibilityVersion;
    const version = asked ?? (written?.value || undefined);
    // A flag that names the release itself asks for no profile, also in place of that of the manifests; charts refuse it.
    if (version === undefined || asked === release.name) return {};
    const profile = compatibilityProfile(release, version);
    if (profile !== undefined) return profile;
    if (asked !== undefined) throw usageError(`--compatibility-version ${goQuote(asked)}: Istio ${release.name} knows ${known}`);
    report(compatibilityUnknown(subjectOf(written), version, release.name, known));
    return {};
  };
  const profile = profileOf();
  const sources = layers(plane, settings);
  const environment = new Map<string, string | undefined>(Object.entries(profile));
  for (const { name, value } of sources.values()) environment.set(name, value);
  const written = sources.get(ENABLE_AMBIENT);
  const isOverruled = isAmbient !== undefined && isAmbient !== (parseGoBoolean(written?.value ?? '') === true);
  if (isOverruled) environment.set(ENABLE_AMBIENT, String(isAmbient));
  const { release: changed, remarks, effective } = inEnvironment(release, environment);
  for (const remark of remarks) {
    const source = sources.get(remark.name);
    const diagnostic = source && diagnosticOf(remark, source, settings);
    if (diagnostic !== undefined) report(diagnostic);
  }
  const used = effective.filter(
    (name) =>
      (!(isOverruled && name === ENABLE_AMBIENT) && isOf(plane, sources.get(name))) ||
      (own(profile, name) !== undefined && plane?.compatibilityVersion),
  );
  if (plane !== undefined && used.length > 0) {
    report(environmentUsed({}, plane.label, used.map((name) => `${name}=${environment.get(name)}`).join(', ')));
  }
  return changed;
}

/** The variables that are in effect, by name: flags win over mesh.config.yaml, and that over the manifests. */
function layers(
  plane: WrittenControlPlane | undefined,
  { configured, flags }: IstiodSettings,
): ReadonlyMap<string, WrittenVariable> {
  return new Map([...(plane?.variables ?? []), ...configured, ...flags].map((variable) => [variable.name, variable]));
}

function isOf(plane: WrittenControlPlane | undefined, variable: WrittenVariable | undefined): boolean {
  return variable !== undefined && plane?.variables.includes(variable) === true;
}

function subjectOf(variable: WrittenVariable | undefined): Subject {
  const { document, path } = variable ?? {};
  return document === undefined || path === undefined ? {} : { location: document.locate(path), path };
}

/**
 * What users are told. Of the variables of an istiod among the manifests, which has many that do not matter here, only those that are
 * wrong are worth a word.
 */
function diagnosticOf(remark: EnvironmentRemark, source: WrittenVariable, settings: IstiodSettings): Diagnostic | undefined {
  const subject = subjectOf(source);
  const { name } = remark;
  const isWritten = isSaidByUser(source, settings);
  switch (remark.kind) {
    case 'unknown': {
      const suggestions = remark.nearest === undefined ? [] : [remark.nearest];
      return isWritten || remark.isGone || suggestions.length > 0
        ? variableUnknown(subject, name, remark.isGone, suggestions)
        : undefined;
    }
    case 'unreadable':
      return variableUnreadable(subject, name, goQuote(remark.value), remark.expected, remark.standard);
    case 'absent':
      return isWritten ? variableWithoutEffect(subject, name, whyAbsent(remark)) : undefined;
    case 'needs':
      return isWritten ? variableWithoutEffect(subject, name, `it does something with ${remark.other}=true only`) : undefined;
    case 'elsewhere': {
      const reason = remark.effect === 'injection' ? 'it is about how pods are injected' : 'it is about how istiod works';
      return settings.flags.includes(source)
        ? variableWithoutEffect(subject, name, `${reason}, not about what proxies are sent`)
        : undefined;
    }
    case 'uncomputed':
      return variableNotComputed(subject, name, remark.about);
    default:
      return assertNever(remark);
  }
}

function whyAbsent({ release, since, until }: Extract<EnvironmentRemark, { kind: 'absent' }>): string {
  const where = since === undefined ? `Istio ${until} is the last release that has it` : `it exists from Istio ${since} on`;
  return `istiod ${release} does not know it; ${where}`;
}
