import type { Report } from '../diagnostics/diagnostic.ts';
import { compareLocations } from '../diagnostics/places.ts';
import { ambientMode } from '../diagnostics/problems/istiod.ts';
import type { Release } from '../releases/release.ts';
import { isWaypointClass } from '../resource/gateway-classes.ts';
import type { SourceDocument } from '../source/document.ts';
import { fieldsOf } from '../util/object.ts';
import { compareText } from '../util/text.ts';
import type { IstiodSettings } from './istiod-environment.ts';

/** Who may say that a mesh is in ambient mode, beside istiod's environment and the manifests. */
export interface AmbientSettings {
  /** `--ambient` */
  readonly flag: boolean | undefined;
  /** `ambient` of mesh.config.yaml. */
  readonly configured: boolean | undefined;
}

const VARIABLE = 'PILOT_ENABLE_AMBIENT';

/**
 * The release in ambient mode, where a flag, mesh.config.yaml or istiod's environment asks for it; else where a manifest makes no sense
 * without: no manifest but istiod's own says it in so many words. What decided is reported.
 */
export function releaseInAmbientMode(
  release: Release,
  { flag, configured }: AmbientSettings,
  { configured: variables, flags }: IstiodSettings,
  documents: readonly SourceDocument[],
  report: Report,
): Release {
  const isOn = release.behaviours.enableAmbient;
  const turned = (enableAmbient: boolean): Release => ({ ...release, behaviours: { ...release.behaviours, enableAmbient } });
  const asked = flag ?? configured;
  if (asked !== undefined) {
    if (asked) report(ambientMode({}, flag === undefined ? 'mesh.config.yaml says so' : '--ambient says so'));
    return asked === isOn ? release : turned(asked);
  }
  if (isOn) {
    report(ambientMode({}, `istiod's environment has ${VARIABLE}`));
    return release;
  }
  if ([...variables, ...flags].some(({ name }) => name === VARIABLE)) return release;
  // Of several, the first by name and then by place: the order of files must not matter.
  const [sign] = documents
    .flatMap((document) => {
      const found = signOf(document);
      return found === undefined ? [] : [{ document, ...found }];
    })
    .sort((a, b) => compareText(a.text, b.text) || compareLocations(a.document.locate(a.path), b.document.locate(b.path)));
  if (sign === undefined) return release;
  report(ambientMode({ location: sign.document.locate(sign.path), path: sign.path }, sign.text));
  return turned(true);
}

/** What in a manifest belongs to ambient mode alone. */
function signOf({ value }: SourceDocument): { readonly text: string; readonly path: readonly string[] } | undefined {
  const { kind, metadata, spec } = fieldsOf(value);
  const { name, labels } = fieldsOf(metadata);
  if (typeof name !== 'string') return undefined;
  const label = 'istio.io/dataplane-mode';
  if ((kind === 'Namespace' || kind === 'Pod') && fieldsOf(labels)[label] === 'ambient') {
    return { text: `${kind} ${name} has the label ${label}: ambient`, path: ['metadata', 'labels', label] };
  }
  const { gatewayClassName } = fieldsOf(spec);
  if (kind === 'Gateway' && typeof gatewayClassName === 'string' && isWaypointClass(gatewayClassName, undefined)) {
    return { text: `Gateway ${name} is a waypoint`, path: ['spec', 'gatewayClassName'] };
  }
  return undefined;
}
