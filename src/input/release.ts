import type { Report } from '../diagnostics/diagnostic.ts';
import { releaseAssumed, releaseUnknown } from '../diagnostics/problems/reading.ts';
import { usageError } from '../diagnostics/user-error.ts';
import { defaultRelease, loadRelease, releaseNames } from '../releases/index.ts';
import type { Release } from '../releases/release.ts';
import { imageName, imageTag } from '../resource/image.ts';
import { splitApiVersion } from '../resource/kinds.ts';
import type { SourceDocument } from '../source/document.ts';
import { fieldsOf, isObject, own, stringOf } from '../util/object.ts';
import { compareVersions } from '../util/version.ts';

/**
 * The release that an input is for: the one that is named, else that of the istiod among the manifests, else that of an
 * IstioOperator or Istio resource, else that of the newest proxy, else the default. What the manifests decide is said.
 */
export async function chooseRelease(
  named: string | undefined,
  documents: readonly SourceDocument[],
  report: Report,
): Promise<Release> {
  if (named !== undefined) return releaseNamed(named);
  const found = versionOfManifests(documents);
  if (found === undefined) return defaultRelease;
  const { version, source, document, path } = found;
  const known = await loadRelease(version);
  const release = known ?? (await loadRelease(nearestRelease(version))) ?? defaultRelease;
  const subject = { location: document.locate(path) };
  if (known === undefined) report(releaseUnknown(subject, version, source, release.name, releaseNames.join(', ')));
  else if (release !== defaultRelease) report(releaseAssumed(subject, release.name, version, source));
  return release;
}

/** The release of that name, or of a version of it; the default where none is named. */
export async function releaseNamed(version: string | undefined): Promise<Release> {
  if (version === undefined) return defaultRelease;
  const release = await loadRelease(version);
  if (release === undefined)
    throw usageError(`there is no Istio ${version} that mesh knows (it knows ${releaseNames.join(', ')})`);
  return release;
}

/** The known release that is nearest to one that is not. */
function nearestRelease(version: string): string {
  const isOlder = compareVersions(version, releaseNames[0] ?? '') < 0;
  return releaseNames.at(isOlder ? 0 : -1) ?? '';
}

interface FoundVersion {
  readonly version: string;
  /** What says it, for people. */
  readonly source: string;
  readonly document: SourceDocument;
  readonly path: readonly (string | number)[];
}

/** What tells the version of a mesh, the best witness first: of several equal ones the newest version counts. */
const witnesses: readonly ((value: Body, document: SourceDocument) => readonly FoundVersion[])[] = [
  (value, document) => (value.kind === 'Deployment' ? versionsOfImages(value, document, 'pilot') : []),
  versionsOfInstallation,
  (value, document) => versionsOfImages(value, document, 'proxyv2'),
];

type Body = Readonly<Record<string, unknown>>;

function versionOfManifests(documents: readonly SourceDocument[]): FoundVersion | undefined {
  for (const witness of witnesses) {
    const found = documents.flatMap((document) => (isObject(document.value) ? witness(document.value, document) : []));
    const [newest] = found.sort((a, b) => compareVersions(b.version, a.version));
    if (newest !== undefined) return newest;
  }
  return undefined;
}

/** The versions of a pod's images of that name, and of those of a pod template. */
function versionsOfImages(value: Body, document: SourceDocument, name: string): readonly FoundVersion[] {
  const written = fieldsOf(value.spec);
  const base = isObject(written.template) ? ['spec', 'template', 'spec'] : ['spec'];
  const spec = isObject(written.template) ? fieldsOf(written.template.spec) : written;
  if (spec.initContainers === undefined && spec.containers === undefined) return [];
  return ['initContainers', 'containers'].flatMap((field) => {
    const containers = own(spec, field);
    if (!Array.isArray(containers)) return [];
    return containers.flatMap((container: unknown, index) => {
      const image = get(container, 'image');
      const version = typeof image === 'string' && imageName(image) === name ? versionOf(imageTag(image)) : undefined;
      if (version === undefined) return [];
      return [{ version, source: `the image ${image} of ${nameOf(value)}`, document, path: [...base, field, index, 'image'] }];
    });
  });
}

/** The version that an IstioOperator or an Istio resource of the Sail operator asks for. */
function versionsOfInstallation(value: Body, document: SourceDocument): readonly FoundVersion[] {
  const ofKind = own(fieldsOfVersion, stringOf(value.kind));
  if (ofKind === undefined || splitApiVersion(stringOf(value.apiVersion)).group !== ofKind.group) return [];
  return ofKind.paths.flatMap((path) => {
    const version = versionOf(get(value, ...path));
    return version === undefined ? [] : [{ version, source: nameOf(value), document, path }];
  });
}

/** By the kind of what installs Istio. */
const fieldsOfVersion: Readonly<Record<string, { readonly group: string; readonly paths: readonly (readonly string[])[] }>> = {
  IstioOperator: {
    group: 'install.istio.io',
    paths: [
      ['spec', 'tag'],
      ['spec', 'values', 'global', 'tag'],
    ],
  },
  Istio: { group: 'sailoperator.io', paths: [['spec', 'version']] },
  IstioRevision: { group: 'sailoperator.io', paths: [['spec', 'version']] },
};

/** The version in a tag, which may begin with `v` and end in a variant (`-distroless`); undefined where there is none. */
function versionOf(tag: unknown): string | undefined {
  if (typeof tag !== 'string') return undefined;
  return /^v?(\d{1,4}\.\d{1,4}(?:\.\d{1,4})?)(?:$|[-.+_])/.exec(tag)?.[1];
}

function nameOf(value: Body): string {
  const parts = [get(value, 'metadata', 'namespace'), get(value, 'metadata', 'name')].filter((part) => typeof part === 'string');
  return `${stringOf(value.kind)} ${parts.join('/')}`.trim();
}

function get(value: unknown, ...path: readonly string[]): unknown {
  return path.reduce((part: unknown, name) => (isObject(part) ? own(part, name) : undefined), value);
}
